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

  it('commits and reads thousands of entries a second', async () => {
    const { log, archive, close } = await open();
    const entries = Array.from({ length: 30_000 }, (_, i) => entryOf(`${i}`));
    const appendStart = process.hrtime.bigint();
    const appends = [];
    for (let i = 0; i < entries.length; i += 50) appends.push(log.append(entries.slice(i, i + 50)));
    await Promise.all(appends);
    const appendMs = Number(process.hrtime.bigint() - appendStart) / 1e6;
    const readStart = process.hrtime.bigint();
    let count = 0;
    for await (const _ of log.read(ORIGIN, { limit: entries.length })) count += 1;
    const readMs = Number(process.hrtime.bigint() - readStart) / 1e6;
    expect(count).toBe(await archive.count());
    // A tenth of what the README promises: only to notice when a commit is made for every entry, or a
    // query for every read, on a machine that is busy with other tests.
    expect(entries.length / (appendMs / 1000)).toBeGreaterThan(1_500);
    expect(count / (readMs / 1000)).toBeGreaterThan(10_000);
    if (process.env['WHEREFORE_RATES']) {
      process.stdout.write(
        `append ${Math.round(30_000_000 / appendMs)}/s, read ${Math.round(30_000_000 / readMs)}/s\n`,
      );
    }
    await close();
  });
});
