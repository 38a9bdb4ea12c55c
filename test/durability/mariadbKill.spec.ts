import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore, SCHEMA_VERSION, type MariadbStore } from '@wherefore/mariadb';
import { ORIGIN } from '@wherefore/model';
import { freshDatabase, type TestDatabase } from '../conformance/mariadbDatabases';
import { mariadbNeed, startMariadb, type MariadbServer } from '../support/services/mariadbServer';
import { describeWithService } from '../support/shared';
import { compileProgram, type CompiledProgram } from './compiledProgram';
import { entriesAfter, largeSnapshotAt } from './loadSamples';

const WRITERS = 3;
const WRITER_KILLS = 8;
const SEED = Number(process.env['WHEREFORE_SEED'] ?? 20261127);
const EVERYTHING = 10_000_000;

/** What the persisters were told is safe. */
interface Confirmed {
  archived: number;
  projected: number;
  lines: number;
}

describeWithService(`MariaDB and its writers, killed under load (seed ${SEED})`, mariadbNeed, () => {
  let server: MariadbServer;
  let database: TestDatabase;
  let program: CompiledProgram;
  let store: MariadbStore;
  const confirmed: Confirmed = { archived: 0, projected: 0, lines: 0 };
  const failures: string[] = [];
  /** How often a writer was heard between two kills of the server. */
  const heard: number[] = [];

  function startWriter(): ChildProcess {
    const command = [program.path, JSON.stringify(database.options), '1'];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const [what, offset] = line.split(' ') as ['archived' | 'projected', string];
        confirmed[what] = Math.max(confirmed[what], Number(offset));
        confirmed.lines += 1;
      }
    });
    child.stderr.on('data', (chunk: Buffer) => failures.push(chunk.toString()));
    return child;
  }

  async function killed(child: ChildProcess): Promise<void> {
    const gone = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Until the writers have confirmed something more: a kill must hit work under way. */
  async function underWay(): Promise<void> {
    const before = confirmed.lines;
    for (let i = 0; i < 3000 && confirmed.lines < before + 10; i++) await sleep(10);
    heard.push(confirmed.lines - before);
  }

  beforeAll(async () => {
    server = await startMariadb({ synced: true });
    database = await freshDatabase(server);
    program = compileProgram('test/durability/persistUnderLoad.ts', ['test/durability/loadSamples.ts']);
    // All of them migrate the empty database at once.
    const writers = Array.from({ length: WRITERS }, startWriter);
    let random = SEED;
    const someMs = (most: number): number => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) | 0;
      return (random >>> 8) % most;
    };
    for (let kill = 0; kill < WRITER_KILLS; kill++) {
      await underWay();
      await sleep(someMs(100));
      await killed(writers[kill % WRITERS]!);
      writers[kill % WRITERS] = startWriter();
      if (kill % 2 === 0) continue;
      await server.kill();
      await sleep(someMs(200));
      await server.restart();
    }
    await underWay();
    await Promise.all(writers.map(killed));
    store = await openStore(database.options);
  }, 180_000);

  afterAll(async () => {
    await store?.close();
    program?.remove();
    await server?.stop();
  });

  it('had work under way at every kill, and no failure that could not pass', () => {
    expect(failures).toEqual([]);
    expect(heard).toHaveLength(WRITER_KILLS + 1);
    expect(Math.min(...heard)).toBeGreaterThanOrEqual(10);
  });

  it('was migrated once', async () => {
    const counts = await database.run('SELECT version, COUNT(*) FROM schema_versions GROUP BY version');
    expect(counts).toEqual(Array.from({ length: SCHEMA_VERSION }, (_, i) => [i + 1, 1]));
  });

  it('lost no confirmed entry, and holds each once and in order, whoever wrote it', async () => {
    const all = await store.archive.readRange(ORIGIN, EVERYTHING);
    expect(all.length).toBeGreaterThanOrEqual(confirmed.archived);
    expect(all).toEqual(entriesAfter(ORIGIN, all.length).map((entry, i) => ({ ...entry, ordinal: i + 1 })));
    expect(await store.archive.count()).toBe(all.length);
    expect((await store.archive.cursor()).offset).toBe(all.length);
  });

  it('projected every entry up to the cursor exactly once, and none beyond', async () => {
    const { position } = await store.history.cursor();
    expect(position.offset).toBeGreaterThanOrEqual(confirmed.projected);
    const alarms = await store.history.alarmsBetween(0, EVERYTHING, EVERYTHING);
    const ids = alarms.map((alarm) => Number(alarm.vitrageId)).reverse();
    expect(ids).toEqual(Array.from({ length: position.offset }, (_, i) => i + 1));
  });

  it('shows only snapshots that are whole', async () => {
    const headers = await store.snapshots.list();
    expect(headers.length).toBeGreaterThan(0);
    for (const { position } of headers) {
      const bytes = await store.snapshots.load(position);
      expect(Buffer.compare(bytes, largeSnapshotAt(position).bytes)).toBe(0);
    }
  });
});
