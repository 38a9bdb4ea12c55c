import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ORIGIN } from '@wherefore/model';
import type * as Sqlite from '@wherefore/sqlite';
import { eventLogConformance } from '../../libs/ports/src/conformance/eventLog.conformance';
import { historyConformance } from '../../libs/ports/src/conformance/history.conformance';
import { compileProgram, type CompiledProgram } from './compiledProgram';
import { entryOf } from './loadSamples';

let program: CompiledProgram;
let sqlite: typeof Sqlite;

beforeAll(() => {
  program = compileProgram('test/durability/loadSamples.ts');
  // Compiled, because a thread cannot be started from TypeScript.
  sqlite = program.load('libs/adapters/sqlite/src/index.ts') as typeof Sqlite;
});
afterAll(() => program?.remove());

async function open() {
  const folder = mkdtempSync(join(tmpdir(), 'wherefore-thread-'));
  const store = await sqlite.openStore({ folder, create: true, writer: 'thread' });
  const close = async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  };
  return { ...store, close, folder };
}

eventLogConformance('sqlite, its writer in a thread', open);
historyConformance('sqlite, its writer in a thread', open);

describe('a writer in a thread', () => {
  it('is what a compiled program uses by default', () => {
    expect(existsSync(program.pathOf('libs/adapters/sqlite/src/writerThread.ts'))).toBe(true);
  });

  it('passes on what went wrong, with code and hint', async () => {
    const { snapshots, close } = await open();
    const save = snapshots.save({ stateHash: null } as never, new Uint8Array(0));
    await expect(save).rejects.toThrow();
    await close();
  });

  it('keeps every entry, in order, of hundreds of appends at once', async () => {
    const { log, close } = await open();
    const entries = Array.from({ length: 30_000 }, (_, i) => entryOf(`${i}`));
    const appends = [];
    for (let i = 0; i < entries.length; i += 50) appends.push(log.append(entries.slice(i, i + 50)));
    await Promise.all(appends);
    const ids: string[] = [];
    for await (const { entry } of log.read(ORIGIN, { limit: entries.length })) ids.push(entry.id);
    expect(ids).toEqual(entries.map(({ id }) => id));
    await close();
  });
});
