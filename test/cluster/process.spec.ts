import { openStore } from '@wherefore/mariadb';
import type { PostedReport } from '@wherefore/ports';
import { describeWithService } from '../support/shared';
import { eventually, startProcess, type TestProcess } from './processes';
import { clusterNeed, type Services, SERVICES_START_MS, startServices } from './services';

const IDLE = 'dist/apps/host/src/testing/idleRole.sim.js';

describeWithService('a process, whatever its role', clusterNeed, () => {
  let services: Services;
  let process: TestProcess | undefined;
  beforeAll(async () => (services = await startServices()), SERVICES_START_MS);
  afterEach(() => process?.dispose());
  afterAll(() => services?.stop());

  const start = (env: { readonly [name: string]: string } = {}): TestProcess =>
    (process = startProcess([], { ...services.env, ...env }, IDLE));

  async function readiness(of: TestProcess): Promise<readonly [number, Record<string, unknown>]> {
    const response = await fetch(`${await of.healthUrl()}/readyz`);
    return [response.status, (await response.json()) as Record<string, unknown>];
  }

  const ready = (of: TestProcess) => eventually(async () => ((await readiness(of))[0] === 200 ? true : undefined));

  async function onBoard(): Promise<readonly PostedReport[]> {
    const { host, port, user, password } = services.database;
    const store = await openStore({ host, port, user, password, database: 'wherefore' });
    try {
      return await store.board.list();
    } finally {
      await store.close();
    }
  }

  it('waits for a database that is not there yet, says so, and goes on when it is', async () => {
    await services.database.kill();
    const waiting = start();
    const [status, body] = await eventually(async () => {
      const answer = await readiness(waiting);
      return String(answer[1]['reason']).includes('waiting') ? answer : undefined;
    });
    expect(status).toBe(503);
    expect(body).toMatchObject({ status: 'starting', reason: expect.stringMatching(/^waiting for the database: /) });
    expect((await fetch(`${await waiting.healthUrl()}/healthz`)).status).toBe(200);
    await services.database.restart();
    await ready(waiting);
    const said = waiting.log().filter(({ msg }) => String(msg).startsWith('the database'));
    expect(said.map(({ msg }) => msg)).toEqual([
      'the database cannot be reached; going on as soon as it can',
      'the database can be reached',
    ]);
  });

  it('is on the board while it works, and off it when it ended as it was told', async () => {
    const working = start();
    await ready(working);
    const report = await eventually(async () => (await onBoard()).find(({ report: { pid } }) => pid === working.pid));
    expect(report.report).toMatchObject({
      role: 'persister',
      phase: 'ready',
      healthUrl: await working.healthUrl(),
      ordinal: 0,
      broker: { isReachable: true },
      database: { isReachable: true },
    });
    expect(report.silentMs).toBeLessThan(5000);
    const metrics = await (await fetch(`${await working.healthUrl()}/metrics`)).text();
    expect(metrics).toContain('wherefore_link_up{link="broker",role="persister"} 1');
    working.signal('SIGTERM');
    expect(await working.ended).toBe(0);
    expect((await onBoard()).filter(({ report: { pid } }) => pid === working.pid)).toEqual([]);
  });

  it('stays on the board with the reason when its role failed, and exits with 1', async () => {
    const failing = start();
    await ready(failing);
    failing.signal('SIGUSR2');
    expect(await failing.ended).toBe(1);
    const left = (await onBoard()).find(({ report: { pid } }) => pid === failing.pid);
    expect(left?.report).toMatchObject({ phase: 'ending', note: 'the role was told to fail' });
    expect(failing.log().some(({ level, msg }) => level === 60 && msg === 'the persister ends')).toBe(true);
  });

  it('ends on a defect, with what it was in the log, and no password', async () => {
    const broken = start();
    await ready(broken);
    broken.signal('SIGHUP');
    expect(await broken.ended).toBe(1);
    const said = broken.log().at(-1);
    expect(said).toMatchObject({ level: 60, err: { message: expect.stringContaining('a defect, beside amqp://') } });
    expect(broken.written()).not.toContain(new URL(services.broker.url).password);
  });

  it('can be ended while it waits', async () => {
    const waiting = start({ WHEREFORE_DATABASE__PORT: '1' });
    await eventually(async () => ((await readiness(waiting))[1]['reason'] !== 'starting' ? true : undefined));
    waiting.signal('SIGINT');
    expect(await waiting.ended).toBe(0);
  });

  it('ends at once where waiting would not help, and shows no password', async () => {
    const refused = start({ WHEREFORE_DATABASE__PASSWORD: 'wrong-and-secret' });
    expect(await refused.ended).toBe(1);
    expect(refused.log().at(-2)).toMatchObject({ level: 60, err: { code: 'store-refused' } });
    expect(refused.written()).not.toContain('wrong-and-secret');
    expect(refused.written()).not.toContain(new URL(services.broker.url).password);
  });
});
