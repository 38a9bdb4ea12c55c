import type { ProcessesAnswer } from '@wherefore/contract';
import { type Finished, runCli } from '../cli/cliProcess';
import { describeWithService } from '../support/shared';
import { Cluster } from './cluster';
import { eventually, type TestProcess } from './processes';
import { clusterNeed, SERVICES_START_MS } from './services';

// Each question is a process of its own.
jest.setTimeout(120_000);

describeWithService('wherefore status over a cluster', clusterNeed, () => {
  let cluster: Cluster;
  let api: TestProcess;

  beforeAll(async () => {
    cluster = await Cluster.open();
    const roles = ['api', 'processor', 'processor', 'persister', 'persister'] as const;
    const processes = await Promise.all(roles.map((role) => cluster.start(role)));
    api = processes[0]!;
    await Promise.all(processes.map((process) => cluster.ready(process)));
  }, SERVICES_START_MS * 2);

  afterAll(() => cluster?.close());

  /** As an operator asks: with the configuration of the processes, the address of the api in it. */
  function status(...args: readonly string[]): Promise<Finished> {
    const port = new URL(cluster.urlOf(api)).port;
    return runCli(['status', ...args], { env: { ...cluster.services.env, WHEREFORE_SERVER__PORT: port } });
  }

  /** Asks until it is answered so. */
  const statusWith = (isSo: (finished: Finished) => boolean, ...args: readonly string[]): Promise<Finished> =>
    eventually(async () => {
      const finished = await status(...args);
      return isSo(finished) ? finished : undefined;
    }, 60_000);

  const answerOf = ({ stdout }: Finished): ProcessesAnswer => JSON.parse(stdout) as ProcessesAnswer;
  const leaderOf = ({ processes }: ProcessesAnswer) =>
    processes.find(({ leads }) => leads.some(({ lease }) => lease === 'leader'))!;
  const processOf = (pid: number): TestProcess => cluster.processes.find(({ process }) => process.pid === pid)!.process;

  it('shows each process with what it does, and exits with 0 when all is well', async () => {
    const { stdout, stderr } = await statusWith(({ code }) => code === 0);
    const [headline] = stdout.split('\n');
    expect(headline).toMatch(/^All is well · entry \d+, position 1\.\d+\.\d+ · log time /);
    const rows = stdout.split('\n').filter((line) => /^[●○◌✗] /.test(line));
    // By role and start: which of two leads is not for the test to say.
    const states = rows.map((row) => row.split(/ {2,}/).slice(0, 2).join(' ')).sort();
    expect(new Set(states)).toEqual(
      new Set([
        '○ api ready',
        '● persister leads',
        '○ persister stands by',
        '● processor leads',
        '○ processor stands by',
      ]),
    );
    expect(rows).toHaveLength(5);
    for (const row of rows) expect(row).toMatch(/ ok +ok( |$)/);
    const { host, port } = cluster.services.database;
    expect(stderr.trim()).toBe(`answered by the database on ${host}:${port}`);
  });

  it('says the same in JSON, and so does the api', async () => {
    const answer = answerOf(await statusWith(({ code }) => code === 0, '--json'));
    expect(answer).toMatchObject({ shape: 'distributed', troubles: [], notes: [] });
    expect(answer.processes.map(({ pid }) => pid).sort()).toEqual(
      cluster.processes.map(({ process }) => process.pid).sort(),
    );
    const served = answerOf(await status('--json', '--url', cluster.urlOf(api)));
    expect(served.processes.map(({ id, state }) => [id, state])).toEqual(
      answer.processes.map(({ id, state }) => [id, state]),
    );
  });

  it('shows one that was killed as gone, with since when and what it led, and exits with 1', async () => {
    const leader = leaderOf(answerOf(await status('--json')));
    const killedAtMs = Date.now();
    processOf(leader.pid).signal('SIGKILL');
    const gone = await statusWith(({ stdout }) => stdout.includes('gone since'));
    expect(gone.code).toBe(1);
    expect(gone.stdout).toMatch(/^1 thing is wrong/);
    const row = gone.stdout.split('\n').find((line) => line.startsWith('✗ processor'))!;
    expect(row).toMatch(/^✗ processor +gone since \d\d:\d\d:\d\d /);
    // It holds no lease and reaches nothing.
    expect(row).not.toMatch(/leader|ok/);
    const said = gone.stdout.replace(/\s+/g, ' ');
    expect(said).toMatch(
      new RegExp(`✗ processor ${leader.pid} on \\S+ has been gone since .* it led, and processor \\d+ `),
    );
    const answer = answerOf(await status('--json'));
    const view = answer.processes.find(({ pid }) => pid === leader.pid)!;
    expect(view).toMatchObject({ state: 'silent', leads: [], held: leader.leads });
    expect(Math.abs(Date.parse(view.lastHeardAt) - killedAtMs)).toBeLessThan(3000);
    expect(leaderOf(answer).pid).not.toBe(leader.pid);
  });

  it('says that all is well again once another was started in its place', async () => {
    await cluster.ready(await cluster.start('processor'));
    const { stdout } = await statusWith(({ code }) => code === 0);
    expect(stdout).not.toContain('✗');
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /! processor \d+ on \S+ has been gone since .* was started in its place/,
    );
  });

  it('counts one that hangs as gone, and as there again when it goes on', async () => {
    const { processes } = answerOf(await status('--json'));
    const standby = processes.find(({ role, leads }) => role === 'persister' && leads.length === 0)!;
    processOf(standby.pid).signal('SIGSTOP');
    const hung = await statusWith(({ code }) => code === 1, '--json');
    expect(answerOf(hung).troubles).toEqual([
      expect.stringMatching(new RegExp(`^persister ${standby.pid} on \\S+ has been gone since`)),
    ]);
    processOf(standby.pid).signal('SIGCONT');
    await statusWith(({ code }) => code === 0);
  });

  it('is answered by a server when the database is away, as far as that one knows, and exits with 1', async () => {
    await cluster.services.database.kill();
    const { code, stdout, stderr } = await statusWith((finished) => finished.stdout !== '');
    expect(code).toBe(1);
    expect(stderr).toContain(`asking a server instead`);
    expect(stderr).toContain(`answered by the server on ${cluster.urlOf(api)}`);
    const said = stdout.replace(/\s+/g, ' ');
    expect(said).toContain('cannot reach the database');
    expect(said).toContain('the other processes are not known');
    const { password } = cluster.services.database;
    expect(stdout + stderr).not.toContain(password);
  });

  it('fails with what to do when neither database nor server answer', async () => {
    const env = { ...cluster.services.env, WHEREFORE_SERVER__PORT: '1' };
    const { code, stdout, stderr } = await runCli(['status'], { env });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/error: .*database/);
  });

  it('says that all is well when the database is back', async () => {
    await cluster.services.database.restart();
    const { stdout } = await statusWith(({ code }) => code === 0);
    expect(stdout).toMatch(/^All is well/);
  });
});
