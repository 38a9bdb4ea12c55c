import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ORIGIN, type EventEntry, type NewEntry } from '@wherefore/model';
import { Connection } from './connection';
import { openReader, openStore } from './store';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wherefore-migration-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function row(id: string, at: string): EventEntry {
  const event = { name: 'a', vitrage_sample_date: at };
  return { kind: 'event', id, version: 1, source: 'test', ingestedAtMs: 1, event, pollId: 'p' };
}

/** What is left of today's tables is what version 1 had: the log in one column of whole entries, and no dead letters. */
async function makeStoreOfVersion1(entries: readonly NewEntry[]): Promise<void> {
  await (await openStore({ folder, create: true, writer: 'inline' })).close();
  const connection = new Connection(join(folder, 'store.db'));
  connection.exec(`
    DROP TABLE entries;
    DROP TABLE event_rows;
    DROP INDEX outbox_rows_by_receiver;
    DROP INDEX outbox_rows_by_death;
    ALTER TABLE outbox_rows DROP COLUMN dead_at_ms;
    CREATE TABLE log (ordinal INTEGER PRIMARY KEY, body TEXT NOT NULL);
    UPDATE meta SET value = '1' WHERE key = 'version';`);
  for (const entry of entries) connection.run('INSERT INTO log (body) VALUES (?)', JSON.stringify(entry));
  connection.close();
}

describe('a store of version 1', () => {
  const old = [row('a', '1'), row('b', '2')];
  const ids = (entries: readonly { readonly entry: NewEntry }[]) => entries.map(({ entry }) => entry.id);

  it('is read as it is while nobody writes it', async () => {
    await makeStoreOfVersion1(old);
    const reader = await openReader({ folder });
    expect((await reader.archive.readRange(ORIGIN, 10)).map(({ entry }) => entry)).toEqual(old);
    expect(ids(await reader.archive.lookup([2, 7]))).toEqual(['b']);
    expect(await reader.archive.count()).toBe(2);
    await reader.close();
    const connection = new Connection(join(folder, 'store.db'));
    expect(connection.get(`SELECT value FROM meta WHERE key = 'version'`)).toEqual(['1']);
    connection.close();
  });

  it('is brought up to date by whoever writes, also under a reader that has it open', async () => {
    await makeStoreOfVersion1(old);
    const reader = await openReader({ folder });
    expect(await reader.archive.count()).toBe(2);
    const store = await openStore({ folder, writer: 'inline' });
    const added = [row('c', '3'), row('d', '4')];
    await store.log.append(added);
    for (const { archive } of [reader, store]) {
      expect((await archive.readRange(ORIGIN, 10)).map(({ entry }) => entry)).toEqual([...old, ...added]);
    }
    await Promise.all([reader.close(), store.close()]);
    const again = await openStore({ folder, writer: 'inline' });
    expect(ids(await again.archive.readRange(ORIGIN, 10))).toEqual(['a', 'b', 'c', 'd']);
    await again.close();
  });
});
