import type { Connection } from './connection';
import { historyOperations } from './historyRows';
import { leaseOperations } from './leaseRows';
import { logOperations } from './logOperations';
import { outboxOperations } from './outboxRows';
import { snapshotOperations } from './snapshotRows';

/**
 * Everything that writes. Each operation is synchronous, runs inside a transaction that others may
 * share, and either refuses before it changed a row or goes through.
 */
const OPERATIONS = {
  ...logOperations,
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

/** What is made of the log alone, with how far it is: should it be lost, it is made again. */
const MADE_OF_THE_LOG: ReadonlySet<OperationName> = new Set(['applyHistory']);

/**
 * Commits the operations together; all are durable when this returns, but for what is made of the log alone: that
 * is so with the next transaction of another kind. When one throws, nothing of the batch stays, and each is then tried
 * on its own, so that it fails alone.
 */
export function commitOperations(connection: Connection, operations: readonly Operation[]): OperationResult[] {
  // What is durable of a WAL is its beginning up to some commit: never this without what came before it.
  connection.syncCommits(!operations.every(({ name }) => MADE_OF_THE_LOG.has(name)));
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
