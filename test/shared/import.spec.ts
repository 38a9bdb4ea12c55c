import path from 'node:path';
import { readFileSync } from 'node:fs';
import type { DiffAnswer } from '@wherefore/contract';
import { runCli, temporaryFolder } from '../cli/cliProcess';
import { describeWithShared } from '../support/shared';

// Each question starts a process; on a busy machine that takes its time.
jest.setTimeout(120_000);

interface Row {
  readonly [key: string]: unknown;
}

interface Server {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly tenant_id: string;
  readonly 'OS-EXT-SRV-ATTR:host': string | null;
}

describeWithShared('an import of the whole recording', (sharedDir) => {
  const data = path.join(sharedDir, 'data', 'openstack');
  const { folder, remove } = temporaryFolder();
  const store = path.join(folder, 'store');
  const inputs = ['--notifications', path.join(data, 'notifications.ndjson'), '--api', path.join(data, 'api')];
  let first: Row;

  const json = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await runCli([...args, '--store', store, '--json']);
    if (code !== 0) throw new Error(`${code}: ${stderr}`);
    return JSON.parse(stdout) as T;
  };
  const moment = (name: string, answer: string): { at: string; body: unknown } => {
    const index = JSON.parse(readFileSync(path.join(data, 'api', name, 'index.json'), 'utf8')) as {
      name: string;
      at: string;
    }[];
    const { at } = index.find((each) => each.name === answer)!;
    return { at, body: JSON.parse(readFileSync(path.join(data, 'api', name, `${answer}.json`), 'utf8')) as unknown };
  };

  beforeAll(async () => {
    first = await json<Row>('import', ...inputs);
  });
  afterAll(remove);

  it('reports what was read, and rejects nothing', () => {
    expect(first).toMatchObject({
      read: { messages: 2434, answers: 742 },
      ignored: { files: 168 },
      polls: { failed: 20 },
      rejected: {},
      outdated: expect.any(Number) as number,
      isComplete: true,
      log: { to: expect.stringMatching(/^2026-11-22T00:06:/) as string },
    });
  });

  it('changes nothing when it is done again', async () => {
    const { applied, duplicate, log } = first as unknown as { applied: number; duplicate: number; log: Row };
    const again = await json<Row>('import', ...inputs);
    expect(again).toMatchObject({ applied: 0, appended: 0, ticks: 0, rejected: {}, log });
    expect(again['duplicate']).toBe(applied + duplicate + Number(first['outdated']));
  });

  it.each(['01-steady', '04-host-down', '06-evacuated', '08-heat', '10-end'])(
    'knows the servers of %s as Nova told them then',
    async (name) => {
      const { at, body } = moment(name, 'nova-servers');
      const rows = await json<Row[]>('resources', '--type', 'nova.instance', '--at', at);
      const told = (body as { servers: Server[] }).servers.map((server) => ({
        id: server.id,
        name: server.name,
        state: server.status,
        project_id: server.tenant_id,
        host: server['OS-EXT-SRV-ATTR:host'],
      }));
      told.sort((a, b) => (a.id < b.id ? -1 : 1));
      expect(
        rows.map(({ id, name: called, state, project_id, host }) => ({ id, name: called, state, project_id, host })),
      ).toEqual(told);
    },
  );

  it('shows the failure of the host: found out by a poll, then forced down, its servers evacuated', async () => {
    const span = ['--from', '2026-11-21T23:59:47', '--to', '2026-11-22T00:00:20'];
    const { changed } = await json<DiffAnswer>('diff', ...span);
    const host = changed.find(({ resource }) => resource.type === 'nova.host' && resource.id === 'compute-03')!;
    const change = (name: string) => host.changes.find((each) => each.name === name);
    expect(change('service_state')).toMatchObject({ before: 'up', after: 'down' });
    expect(change('service_state')!.by!.ingestedAt).toBe('2026-11-22T00:00:10.680Z');
    expect(change('service_state')!.by!.summary).toBe('nova.host snapshot compute-03');
    expect(change('forced_down')).toMatchObject({ before: false, after: true });
    expect(change('forced_down')!.by!.summary).toBe('nova.host service.update compute-03');
    const moved = changed.filter(
      ({ resource, changes }) =>
        resource.type === 'nova.instance' &&
        changes.some(({ name, before }) => name === 'host_id' && before === 'compute-03'),
    );
    expect(moved.map(({ resource }) => resource.name)).toContain('bank-cache-1');
  });

  it('makes a store that verifies, with snapshots', async () => {
    const { code, stdout } = await runCli(['verify', '--store', store]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/sound: (\d+) snapshots? of \1 reached again/);
  });
});
