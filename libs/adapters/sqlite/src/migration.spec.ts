import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ORIGIN, type EventEntry, type NewEntry } from '@wherefore/model';
import type { HistoryQueries } from '@wherefore/ports';
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
    DROP TABLE log_entries;
    DROP TABLE poll_heads;
    DROP TABLE event_rows;
    DROP INDEX outbox_rows_by_receiver;
    DROP INDEX outbox_rows_by_death;
    ALTER TABLE outbox_rows DROP COLUMN dead_at_ms;
    DROP INDEX history_alarms_by_start;
    DROP INDEX history_alarms_by_project;
    DROP INDEX history_alarms_by_end;
    DROP INDEX history_alarms_by_lasted;
    ALTER TABLE history_alarms DROP COLUMN lasted;
    ALTER TABLE history_alarms DROP COLUMN project_id;
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

  it('gives its history to a reader as to a writer, who then finds alarms by their projects', async () => {
    await makeStoreOfVersion1([]);
    const connection = new Connection(join(folder, 'store.db'));
    const alarms = [
      { name: 'own', project_id: 'shop' },
      { name: 'resource', project_id: 'bank', vitrage_resource_project_id: 'shop' },
      { name: 'empty', project_id: 'bank', vitrage_resource_project_id: '' },
      { name: 'odd', project_id: 7 },
      { name: 'none' },
    ];
    for (const [i, properties] of alarms.entries()) {
      const text = JSON.stringify(properties);
      connection.run(
        `INSERT INTO history_alarms (vitrage_id, name, severity, epoch, offset, idx, started_at_ms, ended_at_ms,
           properties_at_start, properties) VALUES (?, ?, '', 1, ?, 0, ?, NULL, ?, ?)`,
        properties.name,
        properties.name,
        i,
        i * 1000,
        text,
        text,
      );
    }
    connection.close();
    const page = async (history: HistoryQueries, projectIds?: readonly string[]) => {
      const cut = { order: 'oldest-first', limit: 10, ...(projectIds ? { projectIds } : {}) } as const;
      return (await history.alarmPage(1000, 4000, cut)).map(({ name }) => name);
    };
    const all = ['own', 'resource', 'empty', 'odd', 'none'];
    const reader = await openReader({ folder });
    expect(await page(reader.history)).toEqual(all);
    // What an old store does not know of projects, whoever asks has to see for itself.
    expect(await page(reader.history, ['shop'])).toEqual(all);
    const store = await openStore({ folder, writer: 'inline' });
    for (const { history } of [reader, store]) {
      expect(await page(history)).toEqual(all);
      expect(await page(history, ['shop'])).toEqual(['own', 'resource']);
      expect(await page(history, ['bank'])).toEqual(['empty']);
      expect(await page(history, [''])).toEqual(['odd', 'none']);
    }
    await Promise.all([reader.close(), store.close()]);
  });

  it('gives alarms of a time that had started before it, however long they lasted', async () => {
    await makeStoreOfVersion1([]);
    const connection = new Connection(join(folder, 'store.db'));
    const lengths = [0, 1, 65_535, 65_536, 131_072, 86_400_000, 2 ** 36, 2 ** 37, null];
    for (const [i, ms] of lengths.entries()) {
      connection.run(
        `INSERT INTO history_alarms (vitrage_id, name, severity, epoch, offset, idx, started_at_ms, ended_at_ms,
           properties_at_start, properties) VALUES (?, '', '', 1, ?, 0, ?, ?, '{}', '{}')`,
        String(i),
        i,
        i,
        ms === null ? null : i + ms,
      );
    }
    connection.close();
    const reader = await openReader({ folder });
    const after = async (fromMs: number) => {
      const page = await reader.history.alarmPage(fromMs, 2 ** 40, { order: 'oldest-first', limit: 10 });
      return page.map(({ vitrageId }) => vitrageId).join('');
    };
    const pages = async () => [await after(100), await after(70_000), await after(2 ** 30), await after(2 ** 36 + 7)];
    const expected = ['2345678', '45678', '678', '78'];
    expect(await pages()).toEqual(expected);
    const store = await openStore({ folder, writer: 'inline' });
    expect(await pages()).toEqual(expected);
    await Promise.all([reader.close(), store.close()]);
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
