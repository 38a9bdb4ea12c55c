import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ORIGIN } from '@wherefore/model';
import type { Connection } from './connection';
import { commitOperations, type Operation } from './operations';
import { connectReader, connectWriter, prepareStore } from './schema';
import { Writer } from './writer';

let folder: string;
let connection: Connection;
let writer: Writer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wherefore-writer-'));
  prepareStore(folder, true);
  connection = connectReader(folder);
  writer = await Writer.open(folder, 'inline');
});
afterEach(async () => {
  await writer.close();
  connection.close();
  rmSync(folder, { recursive: true });
});

const rows = () => connection.all('SELECT body FROM log_entries ORDER BY ordinal').map(([body]) => body);

const heads = (...texts: string[]) => texts.map((head) => ({ head }));

describe('the writer', () => {
  it('gives each operation its own result, in the order of submission', async () => {
    const results = await Promise.all([
      writer.submit('append', heads('a', 'b')),
      writer.submit('acquireLease', { name: 'l', holder: 'h', ttlMs: 5, nowMs: 1 }),
      writer.submit('append', heads('c')),
      writer.submit('removeWebhook', 'none'),
    ]);
    expect(results).toEqual([undefined, { name: 'l', holder: 'h', epoch: 1, expiresAtMs: 6 }, undefined, false]);
    expect(rows()).toEqual(['a', 'b', 'c']);
  });

  it('lets an operation that throws fail alone, and leaves nothing of it', async () => {
    const bad = [{ head: 'kept out' }, { head: null as unknown as string }];
    const results = await Promise.allSettled([
      writer.submit('append', heads('a')),
      writer.submit('append', bad),
      writer.submit('append', heads('b')),
    ]);
    expect(results.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(rows()).toEqual(['a', 'b']);
  });

  it('reports a full disk, and goes on when there is room again', () => {
    const small = connectWriter(folder);
    small.get('PRAGMA max_page_count=40');
    const append: Operation = { name: 'append', input: heads('x'.repeat(200_000)) };
    const full = commitOperations(small, [append, { name: 'append', input: heads('small') }]);
    expect(full).toMatchObject([{ error: { code: 'store-full', retryable: true } }, { output: undefined }]);
    small.get('PRAGMA max_page_count=10000');
    expect(commitOperations(small, [append])).toEqual([{ output: undefined }]);
    expect(rows()).toHaveLength(2);
    small.close();
  });

  it('waits for the disk with everything but what is made of the log alone', () => {
    const one = connectWriter(folder);
    const append: Operation = { name: 'append', input: heads('a') };
    const position = { epoch: 1, offset: 1, index: 0 };
    const history: Operation = {
      name: 'applyHistory',
      input: { expected: ORIGIN, position, epoch: 1, generation: 1, effects: [] },
    };
    const after = (...operations: Operation[]) => {
      for (const result of commitOperations(one, operations)) expect(result).not.toHaveProperty('error');
      // 2 is FULL, 1 is NORMAL.
      return one.get('PRAGMA synchronous')![0];
    };
    expect([after(append), after(history), after(history, append), after(history), after(append)]).toEqual([
      ...[2, 1, 2, 1, 2],
    ]);
    one.close();
  });

  it('does not let a connection that reads write', () => {
    expect(() => connection.run(`INSERT INTO log_entries (body) VALUES ('x')`)).toThrow('may not be written');
  });
});
