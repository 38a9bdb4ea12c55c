import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { openStore, type MariadbStore, type OpenOptions } from '@wherefore/mariadb';
import { LeaderRole, machineTimer, type Term } from '@wherefore/runtime';
import { freshDatabase } from '../conformance/mariadbDatabases';
import { mariadbNeed, startMariadb, type MariadbServer } from '../support/services/mariadbServer';
import { describeWithService } from '../support/shared';
import { compileProgram, type CompiledProgram } from './compiledProgram';

/** Of the default lease. */
const TTL_MS = 4000;

describeWithService('a leader on a real database', mariadbNeed, () => {
  let server: MariadbServer;
  let program: CompiledProgram;
  let options: OpenOptions;
  let store: MariadbStore;
  let child: ChildProcess;
  let stop: AbortController;
  let running: Promise<void>;
  let onTerm: (term: Term) => void;
  let won: Promise<Term>;

  beforeAll(async () => {
    program = compileProgram(join(__dirname, 'leadUntilKilled.ts'));
    server = await startMariadb();
  });
  afterAll(async () => {
    program?.remove();
    await server?.stop();
  });

  beforeEach(async () => {
    options = (await freshDatabase(server)).options;
    child = spawn(process.execPath, [program.path, JSON.stringify(options), 'child']);
    await new Promise<void>((resolve) => child.stdout!.once('data', () => resolve()));
    store = await openStore(options);
    stop = new AbortController();
    won = new Promise((resolve) => (onTerm = resolve));
    const role = new LeaderRole(store.leases, machineTimer, {
      lease: 'leader',
      holder: 'standby',
      presence: store.presence,
    });
    running = role.run((term) => {
      onTerm(term);
      return new Promise((resolve) => term.signal.addEventListener('abort', () => resolve()));
    }, stop.signal);
    // The standby has to have seen the leader's sign of life.
    await new Promise((resolve) => setTimeout(resolve, 1500));
  });
  afterEach(async () => {
    child.kill('SIGKILL');
    stop.abort();
    await running;
    await store.close();
  });

  it('is replaced at once when it is killed, long before its lease runs out', async () => {
    const killedMs = performance.now();
    child.kill('SIGKILL');
    expect(await won).toMatchObject({ epoch: 2 });
    const tookMs = performance.now() - killedMs;
    console.log(`a killed leader was replaced after ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(TTL_MS / 4);
  });

  it('is replaced within its lease and a second when it hangs', async () => {
    const hungMs = performance.now();
    child.kill('SIGSTOP');
    expect(await won).toMatchObject({ epoch: 2 });
    const tookMs = performance.now() - hungMs;
    console.log(`a leader that hangs was replaced after ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(TTL_MS + 1000);
    // A lease is not given up early either.
    expect(tookMs).toBeGreaterThan(TTL_MS / 2);
  });
});
