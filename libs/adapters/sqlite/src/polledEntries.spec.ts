import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ORIGIN, type EventEntry, type NewEntry, rowHash, type SeenEntry } from '@wherefore/model';
import { splitEntry } from '@wherefore/ports';
import { Connection } from './connection';
import { openReader, openStore } from './store';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wherefore-polled-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const KEY = 'RESOURCE:nova.instance:';

function row(pollId: string, id: string, more: Partial<EventEntry> = {}): EventEntry {
  const event = { name: id, told_by: 'api', vitrage_sample_date: `at ${pollId}` };
  const entryId = `${pollId}/${KEY}${id}`;
  return { kind: 'event', id: entryId, version: 1, source: 'test', ingestedAtMs: 1, event, pollId, ...more };
}

function seen(pollId: string, id: string, more: Partial<SeenEntry> = {}): SeenEntry {
  const { event } = row(pollId, id);
  const key = `${KEY}${id}`;
  const own = { key, rowHash: rowHash(event), datasource: 'test', pollId, ...more };
  return { kind: 'seen', id: `${pollId}/${own.key}`, version: 1, source: 'test', ingestedAtMs: 1, ...own };
}

async function kept(entries: readonly NewEntry[]): Promise<{ back: NewEntry[]; bodies: string[] }> {
  const store = await openStore({ folder, create: true, writer: 'inline' });
  await store.log.append(entries);
  const back = (await store.archive.readRange(ORIGIN, 1000)).map(({ entry }) => entry);
  await store.close();
  const connection = new Connection(join(folder, 'store.db'));
  const bodies = connection.all('SELECT body FROM log_entries ORDER BY ordinal').map(([body]) => String(body));
  connection.close();
  return { back, bodies };
}

describe('the entries of the rows of a poll', () => {
  it('have nothing of their own in the store but which row each is, and come back as they were', async () => {
    const fence = { lease: 'poller', epoch: 3 };
    const entries: NewEntry[] = [
      row('p', 'a'),
      row('p', 'b "quoted" ü \\ ,'),
      { kind: 'tick', id: 't', version: 1, source: 'leader', ingestedAtMs: 1, atMs: 1 },
      row('q', 'a', { fence }),
      row('q', 'b "quoted" ü \\ ,', { fence }),
      seen('r', 'a'),
      seen('r', 'b "quoted" ü \\ ,'),
    ];
    const { back, bodies } = await kept(entries);
    expect(JSON.stringify(back)).toBe(JSON.stringify(entries));
    expect(bodies.map((body) => body === '')).toEqual([true, true, false, true, true, true, true]);
  });

  it('stay whole where that is not all there is to them, and come back as they were', async () => {
    const entries: NewEntry[] = [
      row('p', 'a'),
      row('p', 'b'),
      row('p', 'c', { id: 'of another form' }),
      row('p', 'd', { id: 'p/of another key', event: row('p', 'a').event }),
      row('p', 'line\nend'),
      row('p', 'half a pair \ud800'),
      row('p', 'alone', { ingestedAtMs: 2 }),
      { ...row('p', 'e'), more: 1 } as unknown as NewEntry,
      { ...row('p', 'f'), more: 2 } as unknown as NewEntry,
      seen('p', 'a', { rowHash: 'unknown' }),
      seen('p', 'b', { key: `${KEY}a` }),
      seen('p', 'a', { source: 'one of a poll' }),
    ];
    const { back, bodies } = await kept(entries);
    expect(JSON.stringify(back)).toBe(JSON.stringify(entries));
    expect(bodies.map((body) => body === '')).toEqual([true, true, ...Array.from({ length: 10 }, () => false)]);
  });

  it('are told by poll and row, which a reader needs no more of until it asks', async () => {
    const store = await openStore({ folder, create: true, writer: 'inline' });
    await store.log.append([row('p', 'a'), row('p', 'b'), row('q', 'a'), row('q', 'b')]);
    const read = await store.archive.readRange(ORIGIN, 10);
    const hash = rowHash(row('p', 'a').event);
    expect(read[2]!.row).toMatchObject({ hash, key: `${KEY}a`, number: read[0]!.row!.number });
    expect(read[2]!.pollHead).toEqual({ ...row('q', 'a'), id: 'q/', event: 'at q' });
    expect(read[2]!.pollHead).toBe(read[3]!.pollHead);
    expect(read[2]!.head).toEqual({ ...row('q', 'a'), event: 'at q' });
    await store.close();
  });
});

describe('a store of version 5', () => {
  const old = [row('p', 'a'), row('p', 'b'), row('q', 'a')];

  /** What is left of today's tables is what version 5 had: of each row of a poll its own head. */
  async function makeStoreOfVersion5(): Promise<void> {
    await (await openStore({ folder, create: true, writer: 'inline' })).close();
    const connection = new Connection(join(folder, 'store.db'));
    connection.exec(`
      ALTER TABLE log_entries RENAME TO entries;
      ALTER TABLE entries DROP COLUMN head;
      ALTER TABLE event_rows DROP COLUMN key;
      DROP TABLE poll_heads;
      UPDATE meta SET value = '5' WHERE key = 'version';`);
    for (const entry of old) {
      const { head, row: text } = splitEntry(entry);
      const known = connection.get('SELECT id FROM event_rows WHERE body = ?', text!.text)?.[0];
      const { hash } = text!;
      const id = known ?? connection.run('INSERT INTO event_rows (hash, body) VALUES (?, ?)', hash, text!.text).rowId;
      connection.run('INSERT INTO entries (body, row) VALUES (?, ?)', head, id);
    }
    connection.close();
  }

  it('is read as it is, and on under a writer that brings it up to date', async () => {
    await makeStoreOfVersion5();
    const reader = await openReader({ folder });
    const entriesOf = async (archive: typeof reader.archive) =>
      (await archive.readRange(ORIGIN, 10)).map(({ entry }) => entry);
    expect(await entriesOf(reader.archive)).toEqual(old);
    const store = await openStore({ folder, writer: 'inline' });
    const added = [row('r', 'a'), row('r', 'b'), seen('s', 'a'), seen('s', 'b')];
    await store.log.append(added);
    for (const { archive } of [reader, store]) expect(await entriesOf(archive)).toEqual([...old, ...added]);
    await Promise.all([reader.close(), store.close()]);
    const connection = new Connection(join(folder, 'store.db'));
    expect(connection.get('SELECT count(*) FROM event_rows')).toEqual([2]);
    expect(connection.get(`SELECT count(*) FROM log_entries WHERE body = ''`)).toEqual([4]);
    connection.close();
  });
});
