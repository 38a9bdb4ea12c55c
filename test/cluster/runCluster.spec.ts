import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { getPriority } from 'node:os';
import path from 'node:path';
import { runCli, temporaryFolder } from '../cli/cliProcess';
import { describeWithService } from '../support/shared';
import { hostDown } from './cluster';
import { eventually, startProcess, type TestProcess } from './processes';
import { clusterNeed, SERVICES_START_MS } from './services';

const PROGRAM = 'dist/apps/cluster/src/main.js';
const ROLES = ['api', 'driver', 'listener', 'persister', 'processor'];
/** Twelve processes start on whatever machine this is. */
const START_MS = SERVICES_START_MS * 2;

interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** What runs on this machine now, as the kernel lists it. */
function runningProcesses(): readonly Running[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        // The name of a program may have blanks and brackets in it; what follows the last bracket has none.
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (state === 'Z') return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        // It ended while it was looked at.
        return [];
      }
    });
}

/** All that a process has started, and what those have started, as long as the chain of parents is whole. */
function startedBy(pid: number): readonly Running[] {
  const all = runningProcesses();
  const found: Running[] = [];
  const parents = new Set([pid]);
  for (let before = -1; before !== found.length;) {
    before = found.length;
    for (const each of all) {
      if (!parents.has(each.parent) || parents.has(each.pid)) continue;
      parents.add(each.pid);
      found.push(each);
    }
  }
  return found;
}

/** What runs is read from where Linux lists it. */
const need = {
  needs: clusterNeed.available() ? 'a Linux, for /proc' : clusterNeed.needs,
  available: () => clusterNeed.available() && existsSync('/proc/self/stat'),
};

/** How far each thread of a process stands back behind others: the 17th field after the name. */
function nicenesses(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}

const isRunning = (pid: number): boolean => runningProcesses().some((each) => each.pid === pid);

describeWithService('a cluster on one machine', need, () => {
  const { folder, remove } = temporaryFolder();
  const data = path.join(folder, 'data');
  let cluster: TestProcess;

  const lines = (): readonly string[] => cluster.written().split('\n');
  const lastLine = (): string =>
    lines()
      .filter((line) => line !== '')
      .at(-1) ?? '';
  const isWell = (): true | undefined => (/^10 of 10 ready · .* · all is well$/.test(lastLine()) ? true : undefined);
  /** The api's address, from the line that says how all of it is. */
  const apiUrl = (): string => / · (http:\S+) · /.exec(lastLine())![1]!;

  function start(): void {
    cluster = startProcess(['--data', data, '--port', '0'], { WHEREFORE_NO_INSTALL: '1' }, PROGRAM);
  }

  /** Ends it as Ctrl-C does, and expects of everything that it had started that it is gone. */
  async function endWith(signal: NodeJS.Signals): Promise<void> {
    const started = startedBy(cluster.pid);
    const inData = runningProcesses().filter(({ command }) => command.includes(data));
    expect(started.length).toBeGreaterThanOrEqual(ROLES.length * 2 + 2);
    cluster.signal(signal);
    expect(await cluster.ended).toBe(0);
    expect(lastLine()).toBe('Ended; the data stays');
    const all = [...new Set([...started, ...inData].map(({ pid }) => pid))];
    // The small shells that clean up after it may take a moment longer than what they watch over.
    await eventually(() => (all.some(isRunning) ? undefined : true), 10_000);
    expect(runningProcesses().filter(({ command }) => command.includes(data))).toEqual([]);
  }

  afterAll(async () => {
    await cluster?.dispose();
    remove();
  });

  it(
    'comes up with two of each role, all ready, and answers over REST',
    async () => {
      start();
      await eventually(isWell, START_MS);
      expect(lines().filter((line) => line.startsWith('error'))).toEqual([]);
      const answer = await fetch(`${apiUrl()}/v1/event`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(hostDown('compute-1')),
      });
      expect(answer.status).toBe(200);
      const alarms = await eventually(async () => {
        const found = await (await fetch(`${apiUrl()}/v1/answers/alarms`)).text();
        return found.includes('compute-1') ? found : undefined;
      });
      expect(alarms).toContain('compute-1');
      const commands = startedBy(cluster.pid).map(({ command }) => command);
      for (const role of ROLES) expect(commands.filter((each) => each.includes(` ${role} --config`))).toHaveLength(2);
    },
    START_MS + 60_000,
  );

  it('has its api and its driver stand back behind what notifications wait for', () => {
    const byRole = (role: string): readonly number[] =>
      startedBy(cluster.pid)
        .filter(({ command }) => command.includes(` ${role} --config`))
        .map(({ pid }) => pid);
    const own = getPriority();
    // What they do beside their main thread stands back, too: else that would wait for it.
    for (const pid of byRole('api')) expect(Math.min(...nicenesses(pid))).toBe(Math.max(own, 10));
    for (const pid of byRole('driver')) expect(Math.min(...nicenesses(pid))).toBe(Math.max(own, 5));
    for (const pid of ['listener', 'processor', 'persister'].flatMap(byRole)) expect(nicenesses(pid)[0]).toBe(own);
    const group = `/proc/${byRole('api')[0]}/autogroup`;
    // Each of these processes is a session of its own, and Linux may weigh sessions instead.
    if (existsSync(group)) expect(readFileSync(group, 'utf8')).toMatch(/nice 10\n$/);
  });

  it('keeps the passwords to the owner, and out of what it prints and logs', () => {
    const config = path.join(data, 'wherefore.yaml');
    expect(statSync(config).mode & 0o777).toBe(0o600);
    const password = readFileSync(path.join(data, 'password'), 'utf8').trim();
    const logs = readdirSync(path.join(data, 'logs')).filter((name) => name.endsWith('.log'));
    expect(logs).toHaveLength(ROLES.length * 2);
    const written = logs.map((name) => readFileSync(path.join(data, 'logs', name), 'utf8'));
    expect([cluster.written(), ...written].filter((text) => text.includes(password))).toEqual([]);
  });

  it('tells of all of them with "wherefore status" on the configuration that it names', async () => {
    const config = path.join(data, 'wherefore.yaml');
    const { code, stdout } = await runCli(['status', '--config', config]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('All is well')]);
    for (const role of ROLES) expect(stdout.match(new RegExp(`[●○] ${role}`, 'g'))).toHaveLength(2);
  });

  it('starts a role again that was killed, and all is well again', async () => {
    const leads = /processor (\d+) leads/;
    const leader = Number(leads.exec(lastLine())![1]);
    process.kill(leader, 'SIGKILL');
    await eventually(() => (lines().some((line) => /^processor-\d ended \(SIGKILL\)/.test(line)) ? true : undefined));
    await eventually(() => (isWell() && Number(leads.exec(lastLine())![1]) !== leader ? true : undefined), START_MS);
  }, 120_000);

  it('ends all of them on Ctrl-C, and leaves nothing running', () => endWith('SIGINT'), 120_000);

  it(
    'goes on from its data when it is started again',
    async () => {
      start();
      await eventually(isWell, START_MS);
      expect(await (await fetch(`${apiUrl()}/v1/answers/alarms`)).text()).toContain('compute-1');
      await endWith('SIGTERM');
    },
    START_MS + 120_000,
  );

  it(
    'leaves nothing running when it is killed itself',
    async () => {
      start();
      await eventually(isWell, START_MS);
      const started = startedBy(cluster.pid).map(({ pid }) => pid);
      cluster.signal('SIGKILL');
      await cluster.ended;
      await eventually(() => (started.some(isRunning) ? undefined : true), 20_000);
      expect(runningProcesses().filter(({ command }) => command.includes(data))).toEqual([]);
      expect(existsSync(path.join(data, 'mariadb'))).toBe(true);
    },
    START_MS + 60_000,
  );

  it('explains itself, and refuses what it does not know', async () => {
    const help = startProcess(['--help'], {}, PROGRAM);
    expect(await help.ended).toBe(0);
    expect(help.written()).toContain('--data DIR');
    const wrong = startProcess(['--dta', data], {}, PROGRAM);
    expect(await wrong.ended).toBe(2);
    expect(wrong.written()).toMatch(/^error: .*--dta.*\n.*--help/);
    const port = startProcess(['--port', 'high'], {}, PROGRAM);
    expect(await port.ended).toBe(2);
    expect(port.written()).toContain('"high"');
  });
});
