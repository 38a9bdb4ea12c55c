import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ORIGIN, type LogEntry, type NewEntry } from '@wherefore/model';
import { Connection } from './connection';
import { openReader, openStore, type SqliteStore } from './store';

let root: string;
let folder: string;
const opened: { close(): Promise<void> }[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wherefore-sqlite-'));
  folder = join(root, 'a store #1 100%?');
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
  rmSync(root, { recursive: true });
});

async function open(create = true): Promise<SqliteStore> {
  const store = await openStore({ folder, create, writer: 'inline' });
  opened.push(store);
  return store;
}

function entry(id: string): NewEntry {
  return { kind: 'tick', id, version: 1, source: 'leader', ingestedAtMs: 1, atMs: 1 };
}

async function take(log: { read: SqliteStore['log']['read'] }, limit: number): Promise<string[]> {
  const taken: LogEntry[] = [];
  for await (const each of log.read(ORIGIN, { limit })) taken.push(each);
  return taken.map((each) => each.entry.id);
}

describe('a SQLite store', () => {
  it('is a folder with the database and the lock, and is there again after closing', async () => {
    const store = await open();
    await store.log.append([entry('a'), entry('b')]);
    await store.close();
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['lock', 'store.db']));
    expect(await take((await open(false)).log, 2)).toEqual(['a', 'b']);
  });

  it('has everything in one file once it is closed', async () => {
    const store = await open();
    await store.log.append([entry('a')]);
    await store.close();
    for (const suffix of ['-wal', '-shm']) rmSync(join(folder, `store.db${suffix}`), { force: true });
    expect(await take((await open(false)).log, 1)).toEqual(['a']);
  });

  it('is missing unless it may be created, and leaves nothing behind', async () => {
    await expect(open(false)).rejects.toMatchObject({ code: 'store-missing' });
    await expect(openReader({ folder })).rejects.toMatchObject({ code: 'store-missing' });
    expect(existsSync(folder)).toBe(false);
  });

  it('cannot be made below a file', async () => {
    writeFileSync(folder, 'a file');
    const refusal = (reason: string) => ({
      code: 'store-missing',
      message: `the folder ${folder} cannot be made: ${reason}`,
    });
    await expect(open()).rejects.toMatchObject(refusal('it is a file'));
    folder = join(folder, 'deeper', 'still');
    await expect(open()).rejects.toMatchObject({ code: 'store-missing' });
  });

  it('cannot be made where no folder can be', async () => {
    folder = '/proc/store/of/wherefore';
    await expect(open()).rejects.toMatchObject({ code: 'store-missing' });
  });

  it('refuses a second writer, and names the first', async () => {
    const store = await open();
    const refused = { code: 'store-locked', message: expect.stringContaining(`process ${process.pid} `) as string };
    await expect(open()).rejects.toMatchObject(refused);
    await store.close();
    await open();
  });

  it('refuses a writer while another process writes, and takes over when that was killed', async () => {
    await (await open()).close();
    const holder = spawn(process.execPath, ['-e', HOLD_LOCK, require.resolve('libsql'), join(folder, 'lock')]);
    await once(holder.stdout, 'data');
    await expect(open()).rejects.toMatchObject({ code: 'store-locked', hint: expect.any(String) as string });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await open();
  });

  it('refuses a format that is newer, for writing and for reading', async () => {
    await (await open()).close();
    const connection = new Connection(join(folder, 'store.db'));
    connection.run(`UPDATE meta SET value = '99' WHERE key = 'version'`);
    connection.close();
    await expect(open()).rejects.toMatchObject({ code: 'store-newer' });
    await expect(openReader({ folder })).rejects.toMatchObject({ code: 'store-newer' });
  });

  it('tells a file that is no database, and a database that is no store', async () => {
    await (await open()).close();
    writeFileSync(join(folder, 'store.db'), Buffer.alloc(8192, 7));
    await expect(open()).rejects.toMatchObject({ code: 'store-corrupt' });
    rmSync(join(folder, 'store.db'));
    const connection = new Connection(join(folder, 'store.db'));
    connection.exec('CREATE TABLE other (a)');
    connection.close();
    await expect(open()).rejects.toMatchObject({ code: 'store-corrupt' });
    await expect(openReader({ folder })).rejects.toMatchObject({ code: 'store-corrupt' });
  });

  it('reports damage in the middle of the database', async () => {
    const store = await open();
    await store.log.append(Array.from({ length: 2000 }, (_, i) => entry(`${i}`)));
    await store.close();
    const path = join(folder, 'store.db');
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4096 * 40);
    writeFileSync(path, bytes);
    const damaged = await open();
    await expect(damaged.archive.readRange(ORIGIN, 2000)).rejects.toMatchObject({ code: 'store-corrupt' });
  });

  it('refuses to work once it is closed, and ends the readers that waited', async () => {
    const store = await open();
    const waiting = take(store.log, 1);
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([
      expect(waiting).rejects.toMatchObject({ code: 'log-unavailable' }),
      store.close(),
      store.close(),
    ]);
    await expect(store.log.append([entry('a')])).rejects.toMatchObject({ code: 'log-unavailable' });
  });

  it('confirms what was submitted before it is closed', async () => {
    const store = await open();
    const appended = store.log.append([entry('a')]);
    await store.close();
    await appended;
    expect(await (await open()).archive.count()).toBe(1);
  });
});

describe('a reader beside a writer', () => {
  it('follows what the writer appends', async () => {
    const store = await open();
    await store.log.append([entry('a')]);
    const reader = await openReader({ folder, pollMs: 2 });
    opened.push(reader);
    const reading = take(reader.log, 3);
    await store.log.append([entry('b')]);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await store.log.append([entry('c')]);
    expect(await reading).toEqual(['a', 'b', 'c']);
    expect(await reader.history.refusals(1)).toEqual([]);
    expect(await reader.snapshots.list()).toEqual([]);
  });

  it('reads a store that nobody has open', async () => {
    const store = await open();
    await store.log.append([entry('a')]);
    await store.close();
    const reader = await openReader({ folder });
    opened.push(reader);
    expect(await reader.archive.count()).toBe(1);
    await (await open()).log.append([entry('b')]);
    expect(await reader.archive.count()).toBe(2);
  });

  it('stops looking when it is told to, or closed', async () => {
    await open();
    const reader = await openReader({ folder, pollMs: 1 });
    const waiting = take(reader.log, 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await Promise.all([expect(waiting).rejects.toMatchObject({ code: 'log-unavailable' }), reader.close()]);
  });
});

/** Holds the lock of a store as a process of its own would, until it is killed. */
const HOLD_LOCK = `
  const Database = require(process.argv[1]);
  const lock = new Database(process.argv[2]);
  lock.exec('BEGIN IMMEDIATE');
  console.log('held');
  setInterval(() => {}, 1000);
`;
