import type { JsonObject } from '@wherefore/model';
import { createConnection } from 'mariadb';
import { finished, spawnCli } from '../cli/cliProcess';
import { describeWithService } from '../support/shared';
import { TcpProxy } from '../support/services/tcpProxy';
import { Cluster, hostDown } from './cluster';
import { eventually, type TestProcess } from './processes';
import { clusterNeed, SERVICES_START_MS } from './services';

jest.setTimeout(120_000);

/** The other Wherefore, on the same servers. */
const STAGING = {
  WHEREFORE_BROKER__EXCHANGE: 'staging.log',
  WHEREFORE_BROKER__STREAM_PREFIX: 'staging.log',
  WHEREFORE_DATABASE__NAME: 'staging',
};

describeWithService('a replay of an archive onto another Wherefore', clusterNeed, () => {
  let cluster: Cluster;
  let api: TestProcess;
  let staging: TestProcess;
  const hosts = ['compute-1', 'compute-2', 'compute-3'];

  beforeAll(async () => {
    cluster = await Cluster.open();
    const { host, port, user, password } = cluster.services.database;
    const connection = await createConnection({ host, port, user, password });
    await connection.query('CREATE DATABASE staging');
    await connection.end();
    const processes = await Promise.all([
      cluster.start('api'),
      cluster.start('api', STAGING),
      ...(['processor', 'persister'] as const).flatMap((role) => [cluster.start(role), cluster.start(role, STAGING)]),
    ]);
    [api, staging] = processes as [TestProcess, TestProcess];
    await Promise.all(processes.map((process) => cluster.ready(process)));
    for (const host of hosts) expect(await cluster.post(api, '/v1/event', hostDown(host))).toBe(200);
    await eventually(async () => ((await dryRun()).events === hosts.length ? true : undefined));
  }, SERVICES_START_MS * 2);

  afterAll(() => cluster?.close());

  /** The archive is that of the environment, as for every other command. */
  async function replay(...args: string[]) {
    const env = cluster.services.env as { [name: string]: string };
    return finished(spawnCli(['replay', '--json', ...args], { env }));
  }

  async function dryRun(): Promise<{ readonly events: number }> {
    const { stdout } = await replay('--dry-run', '--target', cluster.services.broker.url, '--exchange', 'staging.log');
    return { events: (JSON.parse(stdout) as { sent: { byKind: { event?: number } } }).sent.byKind.event ?? 0 };
  }

  async function alarmsAt(of: TestProcess): Promise<string> {
    return JSON.stringify((await cluster.get<{ alarms: readonly JsonObject[] }>(of, '/v1/answers/alarms')).alarms);
  }

  it('raises there the alarms that were raised here, and nothing is refused there', async () => {
    const target = ['--target', cluster.services.broker.url, '--exchange', 'staging.log'];
    const { code, stderr } = await replay(...target, '--speed', 'max', '--shift-to', 'now');
    expect([code, stderr]).toEqual([0, expect.stringContaining('replaying the archive in the database wherefore')]);
    const alarms = await eventually(async () => {
      const found = await alarmsAt(staging);
      return hosts.every((host) => found.includes(host)) ? found : undefined;
    });
    expect(JSON.parse(alarms)).toHaveLength(hosts.length);
    expect(await cluster.get(staging, '/v1/rejected')).toMatchObject({ rejected: [] });
  });

  it('is refused where the target is the log itself, also by another name, and pushes nothing', async () => {
    const { url } = cluster.services.broker;
    const proxy = await TcpProxy.open(Number(new URL(url).port));
    try {
      const elsewhere = new URL(url);
      elsewhere.port = String(proxy.port);
      const before = await cluster.get<JsonObject>(api, '/v1/answers/summary');
      for (const target of [url, url.replace('127.0.0.1', 'localhost'), elsewhere.toString()]) {
        const { code, stderr } = await replay('--target', target, '--speed', 'max', '--shift-to', 'now');
        expect([code, stderr]).toEqual([1, expect.stringContaining('is that of the log to be replayed')]);
        expect(stderr).not.toContain(elsewhere.password);
      }
      const after = await cluster.get<JsonObject>(api, '/v1/answers/summary');
      expect([after['alarms'], after['resources']]).toEqual([before['alarms'], before['resources']]);
    } finally {
      await proxy.close();
    }
  });
});
