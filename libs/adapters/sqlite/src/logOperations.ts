import type { RowText } from '@wherefore/ports';
import type { Connection, Value } from './connection';
import { type EntryParts, type PolledParts, type PollText, wholeHead } from './entryParts';

const INSERT = 'INSERT INTO log_entries (body, row, head) VALUES (?, ?, ?)';

/** Entries stay together and in their order: one writer, one transaction. */
function append(connection: Connection, entries: readonly EntryParts[]): void {
  const heads = new PollHeads(connection, entries);
  for (const entry of entries) {
    if ('poll' in entry) {
      appendPolled(connection, entry, heads.idOf(entry.poll));
      continue;
    }
    const { head, row } = entry;
    connection.run(INSERT, head, row === undefined ? null : placeRow(connection, row, undefined).id, null);
  }
}

/** With nothing of its own where its poll has a head, and its row the key of its entity. */
function appendPolled(connection: Connection, entry: PolledParts, head: Value | undefined): void {
  const { key, rowHash, row } = entry;
  const placed = row === undefined ? knownRow(connection, rowHash, key) : placeRow(connection, row, key);
  if (head !== undefined && placed?.hasKey) connection.run(INSERT, '', placed.id, head);
  else connection.run(INSERT, wholeHead(entry), row === undefined ? null : placed!.id, null);
}

interface PlacedRow {
  readonly id: Value;
  /** It is known by the key that was asked for. */
  readonly hasKey: boolean;
}

/** That very row: equal hashes only say where to look. */
function placeRow(connection: Connection, { hash, text }: RowText, key: string | undefined): PlacedRow {
  const known = connection.get('SELECT id, key FROM event_rows WHERE hash = ? AND body = ?', hash, text);
  if (known === undefined) {
    const { rowId } = connection.run(
      'INSERT INTO event_rows (hash, body, key) VALUES (?, ?, ?)',
      hash,
      text,
      key ?? null,
    );
    return { id: rowId, hasKey: key !== undefined };
  }
  const [id, knownKey] = known;
  if (key === undefined || knownKey === key) return { id: id!, hasKey: key !== undefined };
  if (knownKey !== null) return { id: id!, hasKey: false };
  connection.run('UPDATE event_rows SET key = ? WHERE id = ?', key, id!);
  return { id: id!, hasKey: true };
}

/** Any row of that hash and key: a `seen` entry tells no more of it. */
function knownRow(connection: Connection, hash: string, key: string): PlacedRow | undefined {
  const known = connection.get('SELECT id FROM event_rows WHERE hash = ? AND key = ? LIMIT 1', hash, key);
  return known === undefined ? undefined : { id: known[0]!, hasKey: true };
}

/** The heads of polls that an append needs. One that a single entry would use is not worth a row of its own. */
class PollHeads {
  private readonly uses = new Map<PollText, number>();
  private readonly ids = new Map<PollText, Value | undefined>();

  constructor(
    private readonly connection: Connection,
    entries: readonly EntryParts[],
  ) {
    for (const entry of entries) if ('poll' in entry) this.uses.set(entry.poll, (this.uses.get(entry.poll) ?? 0) + 1);
  }

  idOf(poll: PollText): Value | undefined {
    if (!this.ids.has(poll)) this.ids.set(poll, this.place(poll));
    return this.ids.get(poll);
  }

  private place(poll: PollText): Value | undefined {
    const known = this.connection.get('SELECT id FROM poll_heads WHERE body = ?', poll.text);
    if (known !== undefined) return known[0]!;
    if (this.uses.get(poll) === 1) return undefined;
    return this.connection.run('INSERT INTO poll_heads (body) VALUES (?)', poll.text).rowId;
  }
}

export const logOperations = { append };
