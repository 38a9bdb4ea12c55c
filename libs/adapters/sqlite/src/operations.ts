import type { RowText, SplitEntry } from '@wherefore/ports';
import type { Connection, Value } from './connection';
import { historyOperations } from './historyRows';
import { leaseOperations } from './leaseRows';
import { outboxOperations } from './outboxRows';
import { snapshotOperations } from './snapshotRows';

/** Entries stay together and in their order: one writer, one transaction. */
function append(connection: Connection, entries: readonly SplitEntry[]): void {
  for (const { head, row } of entries) {
    const rowId = row === undefined ? null : placeRow(connection, row);
    connection.run('INSERT INTO entries (body, row) VALUES (?, ?)', head, rowId);
  }
}

/** The id of that very row: equal hashes only say where to look. */
function placeRow(connection: Connection, { hash, text }: RowText): Value {
  const known = connection.get('SELECT id FROM event_rows WHERE hash = ? AND body = ?', hash, text);
  if (known !== undefined) return known[0]!;
  return connection.run('INSERT INTO event_rows (hash, body) VALUES (?, ?)', hash, text).rowId;
}

/**
 * Everything that writes. Each operation is synchronous, runs inside a transaction that others may
 * share, and either refuses before it changed a row or goes through.
 */
const OPERATIONS = {
  append,
  ...snapshotOperations,
  ...historyOperations,
  ...leaseOperations,
  ...outboxOperations,
};

export type OperationName = keyof typeof OPERATIONS;
export type OperationInput<N extends OperationName> = Parameters<(typeof OPERATIONS)[N]>[1];
export type OperationOutput<N extends OperationName> = ReturnType<(typeof OPERATIONS)[N]>;

/** An operation on its way to the writer; survives a structured clone. */
export interface Operation {
  readonly name: OperationName;
  readonly input: unknown;
}

export type OperationResult = { readonly output: unknown } | { readonly error: unknown };

/**
 * Commits the operations together; all are durable when this returns. When one throws, nothing of
 * the batch stays, and each is then tried on its own, so that it fails alone.
 */
export function commitOperations(connection: Connection, operations: readonly Operation[]): OperationResult[] {
  try {
    const outputs = connection.transaction(() => operations.map((operation) => perform(connection, operation)));
    return outputs.map((output) => ({ output }));
  } catch (error) {
    if (operations.length === 1) return [{ error }];
    return operations.map((operation) => commitOperations(connection, [operation])[0]!);
  }
}

function perform(connection: Connection, { name, input }: Operation): unknown {
  const operation = OPERATIONS[name] as (connection: Connection, input: unknown) => unknown;
  return operation(connection, input);
}
