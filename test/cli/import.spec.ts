import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { answerDatasources } from '@wherefore/datasources';
import { type Finished, runCli, serveCli, temporaryFolder } from './cliProcess';
import {
  at,
  dayOfMessages,
  LATE_SERVER_ID,
  PORT_ID,
  SERVER_ID,
  serverLine,
  serverRow,
  VOLUME_ID,
  writeMoment,
  writeRecording,
} from './smallRecording';

// Each question starts a process; on a busy machine that takes its time.
jest.setTimeout(60_000);

const { folder, remove } = temporaryFolder();
const recording = writeRecording(path.join(folder, 'recording'));
const store = path.join(folder, 'store');
const inputs = ['--notifications', recording.notifications, '--api', recording.api];
let first: Finished;

beforeAll(async () => {
  first = await runCli(['import', '--store', store, ...inputs, '--json']);
});
afterAll(remove);

interface Report {
  readonly read: { readonly messages: number; readonly answers: number };
  readonly ignored: { readonly messages: number; readonly answers: number; readonly files: number };
  readonly polls: { readonly complete: number; readonly failed: number; readonly rows: number };
  readonly applied: number;
  readonly duplicate: number;
  readonly outdated: number;
  readonly appended: number;
  readonly rejected: { readonly [code: string]: number };
  readonly log: { readonly entries: number; readonly stateHash: string; readonly from: string; readonly to: string };
}

interface Row {
  readonly [key: string]: unknown;
}

const reportOf = ({ code, stdout, stderr }: Finished): Report => {
  if (code !== 0) throw new Error(`${code}: ${stderr}`);
  return JSON.parse(stdout) as Report;
};
const importInto = async (into: string, ...args: string[]): Promise<Report> =>
  reportOf(await runCli(['import', '--store', into, ...args, '--json']));
const resources = async (from: string, clock: string, ...args: string[]): Promise<Row[]> => {
  const { stdout, stderr, code } = await runCli(['resources', '--store', from, '--at', at(clock), ...args, '--json']);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Row[];
};
const servers = async (from: string, clock: string): Promise<unknown[]> =>
  (await resources(from, clock, '--type', 'nova.instance')).map(({ name, state }) => [name, state]);
/** How many polls such answers amount to. */
const pollsOf = (...names: string[]): number => names.flatMap((name) => answerDatasources(name)).length;
/** A file of notifications of its own. */
const fileOf = (name: string, lines: readonly string[]): string => {
  const file = path.join(folder, name);
  writeFileSync(file, lines.join('\n'));
  return file;
};

describe('an import', () => {
  it('reports what was read, what was applied, and what was nothing', () => {
    const report = reportOf(first);
    expect(report).toMatchObject({
      read: { messages: 5, answers: 9 },
      ignored: { messages: 1, answers: 1, files: 1 },
      polls: {
        complete: pollsOf('nova-services', 'nova-availability-zones', 'cinder-volumes', 'neutron-ports') + 3,
        failed: 1,
      },
      duplicate: 0,
      rejected: {},
      isComplete: true,
      log: { from: at('10:00:05.250'), to: at('10:03:10.500') },
    });
    expect(report.log.entries).toBe(report.appended);
  });

  it('brings everything in at the time it bears, to the millisecond', async () => {
    expect(await servers(store, '10:00:05.250')).toEqual([['web-1', 'ACTIVE']]);
    expect(await servers(store, '10:01:29.999')).toEqual([['web-1', 'ACTIVE']]);
    expect(await servers(store, '10:01:30.000')).toHaveLength(2);
    expect(await servers(store, '10:02:39.999')).toContainEqual(['web-1', 'ACTIVE']);
    expect(await servers(store, '10:02:40.000')).toContainEqual(['web-1', 'ERROR']);
    expect(await servers(store, '10:03:10.499')).toHaveLength(2);
    expect(await servers(store, '10:03:10.500')).toEqual([['web-1', 'ERROR']]);
    const { code, stderr } = await runCli(['resources', '--store', store, '--at', at('10:00:05.249')]);
    expect(code).toBe(3);
    expect(stderr).toContain('The first entry is of Sat 2026-03-14 10:00:05 UTC');
  });

  it('takes an answer with another status for a failed poll, which deletes nothing', async () => {
    expect(await servers(store, '10:02:50.000')).toHaveLength(2);
    const { stdout } = await runCli(['log', '--store', store, '--at', at('10:02:50.000'), '--around', '1s']);
    expect(stdout).toContain('poll-failed: the API answered with status 503');
  });

  it('changes nothing when it is done again', async () => {
    const before = readFileSync(path.join(store, 'store.db'));
    const again = await importInto(store, ...inputs);
    const { applied, appended, log } = reportOf(first);
    expect(again).toMatchObject({ applied: 0, appended: 0, rejected: {}, duplicate: applied, log });
    expect(appended).toBeGreaterThan(0);
    // Only who last led the store is written.
    expect(readFileSync(path.join(store, 'store.db')).length).toBe(before.length);
  });

  it('of the parts, in two goes, gives the state that one import of all gives', async () => {
    const parts = path.join(folder, 'parts');
    const lines = dayOfMessages();
    await importInto(
      parts,
      '--notifications',
      fileOf('half.ndjson', lines.slice(0, 2)),
      '--api',
      path.join(recording.api, '1-begin'),
    );
    const { log } = await importInto(parts, ...inputs);
    expect(await servers(parts, '10:03:10.500')).toEqual([['web-1', 'ERROR']]);
    expect(log.entries).toBe(reportOf(first).log.entries);
    expect(log.stateHash).toBe(reportOf(first).log.stateHash);
  });

  it('sorts messages that are not in the order of their times, and says so', async () => {
    const file = fileOf('shuffled.ndjson', dayOfMessages().reverse());
    const into = path.join(folder, 'shuffled');
    const { code, stdout, stderr } = await runCli([
      'import',
      '--store',
      into,
      '--notifications',
      file,
      '--api',
      recording.api,
      '--json',
    ]);
    expect(code).toBe(0);
    expect(stderr).toContain('is not in the order of its times');
    expect((JSON.parse(stdout) as Report).log).toEqual(reportOf(first).log);
  });

  it('refuses what lies before the time that the store has come to, and names both', async () => {
    const early = fileOf('early.ndjson', [serverLine('m-0', '09:59:00.000000', 'compute.instance.create.end', {})]);
    const { code, stdout, stderr } = await runCli(['import', '--store', store, '--notifications', early]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('begins at Sat 2026-03-14 09:59:00 UTC');
    expect(stderr).toContain('has come to Sat 2026-03-14 10:03:10 UTC');
    expect((await importInto(store, ...inputs)).log).toEqual(reportOf(first).log);
  });
});

describe('the resources of an import', () => {
  it('are a bare list of objects with keys in a fixed order, absent values null, by type and id', async () => {
    const types = ['cinder.volume', 'neutron.port', 'nova.host', 'nova.instance', 'nova.zone', 'openstack.cluster'];
    const all = (await resources(store, '10:02:00.100')).filter(({ type }) => types.includes(String(type)));
    expect(all.map(({ type, id }) => `${String(type)} ${String(id)}`)).toEqual([
      `cinder.volume ${VOLUME_ID}`,
      `neutron.port ${PORT_ID}`,
      'nova.host compute-01',
      'nova.host compute-02',
      `nova.instance ${SERVER_ID}`,
      `nova.instance ${LATE_SERVER_ID}`,
      'nova.zone zone-1',
      'openstack.cluster OpenStack Cluster',
    ]);
    const [volume, port, host, , server] = all;
    expect(Object.entries(server!).slice(0, 7)).toEqual([
      ['id', SERVER_ID],
      ['name', 'web-1'],
      ['type', 'nova.instance'],
      ['state', 'ACTIVE'],
      ['aggregated_state', 'ACTIVE'],
      ['project_id', 'shop'],
      ['host', 'compute-01'],
    ]);
    expect(Object.keys(server!)).toEqual([...Object.keys(host!)]);
    expect(Object.keys(server!)[7]).toBe('vitrage_id');
    expect(host).toMatchObject({ project_id: null, host: null });
    expect(port).toMatchObject({ host: 'compute-01', server: SERVER_ID });
    expect(volume).toMatchObject({ state: 'in-use', size: 5, attachments: [SERVER_ID], host: null });
  });

  it('name the types that there are, when there is none of the one that was asked for', async () => {
    const then = ['--at', '2026-11-22T10:02:00.1Z'];
    const { code, stdout, stderr } = await runCli(['resources', '--store', store, '--type', 'instance', ...then]);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain(
      'No resources of type instance. There are some of cinder.volume, neutron.port, nova.host,',
    );
    const json = await runCli(['resources', '--store', store, '--type', 'instance', ...then, '--json']);
    expect(JSON.parse(json.stdout)).toEqual([]);
  });
});

describe('bad input', () => {
  const bad = path.join(folder, 'bad');
  const lines = [
    '{"received_at": "2026-03-14T10:00:00.5Z", "body": "cut off',
    ...dayOfMessages(),
    '[1, 2]',
    JSON.stringify({ received_at: 'yesterday', exchange: 'nova', routing_key: 'r', body: '{}' }),
    JSON.stringify({ received_at: at('10:03:20'), exchange: 'nova', routing_key: 'r', body: 7 }),
    JSON.stringify({ received_at: at('10:03:21'), exchange: 'nova', routing_key: 'r', body: '{"oslo.message": "{"}' }),
    serverLine('m-9', '10:03:22.000000', 'compute.instance.update', { instance_id: null }),
    serverLine('m-10', '10:03:23.000000', 'compute.instance.update', { display_name: 'x'.repeat(300_000) }),
    serverLine('m-11', '10:03:24.000000', 'compute.instance.update', { display_name: 'web-1' }),
  ];
  const api = path.join(folder, 'bad-api');
  let report: Report;

  beforeAll(async () => {
    const file = fileOf('bad.ndjson', lines);
    appendFileSync(file, Buffer.from([0x0a, 0x7b, 0xff, 0xfe, 0x7d, 0x0a]));
    const row = serverRow(SERVER_ID, 'web-1', 'compute-01');
    writeMoment(path.join(api, '1-bad'), [
      { name: 'nova-servers', clock: '10:03:25.000000', body: { servers: [row, 'no server', { name: 'without id' }] } },
      { name: 'nova-servers-v2.1', clock: '10:03:26.000000' },
      { name: 'cinder-volumes', clock: '10:03:27.000000', body: { volumes: [] } },
      { name: 'neutron-ports', clock: '10:03:28.000000', body: { badRequest: {} } },
      { name: '../../etc/passwd', clock: '10:03:29.000000' },
      { name: 'neutron-networks', clock: '10:03:30.000000', body: {} },
    ]);
    writeFileSync(path.join(api, '1-bad', 'cinder-volumes.json'), '{"volumes": [{"id": "v-');
    writeFileSync(path.join(api, '1-bad', 'neutron-networks.json'), Buffer.from('{"networks": []}', 'utf16le'));
    writeMoment(path.join(api, '2-broken'), []);
    writeFileSync(path.join(api, '2-broken', 'index.json'), '[{"name":');
    report = await importInto(bad, '--notifications', file, '--api', api);
  });

  it('is rejected with its reason, and the rest goes in', async () => {
    expect(report.rejected).toEqual({
      'entry-too-large': 1,
      'file-unreadable': 1,
      'impossible-timestamp': 1,
      'malformed-event': 5,
      'malformed-json': 6,
      'missing-id': 2,
    });
    const failed = pollsOf('nova-servers', 'nova-servers', 'cinder-volumes', 'neutron-ports', 'neutron-networks');
    expect(report.polls).toEqual({ complete: 0, failed, rows: 1 });
    expect(await servers(bad, '10:03:30.000')).toEqual([['web-1', 'ACTIVE']]);
  });

  it('is kept for the operator, each with the place it is from', async () => {
    const { stdout } = await runCli(['rejected', '--store', bad]);
    expect(stdout).toContain('line 1 of bad.ndjson: line is not JSON: ');
    expect(stdout).toContain('line 14 of bad.ndjson: line is not UTF-8: byte ');
    expect(stdout).toContain('nova-servers-v2.1.json cannot be read: it does not exist');
    expect(stdout).toContain('1-bad/cinder-volumes.json: cinder-volumes.json is not JSON: ');
    expect(stdout).toContain('2-broken/index.json');
  });

  it('changes nothing when it comes again', async () => {
    const again = await importInto(bad, '--notifications', path.join(folder, 'bad.ndjson'), '--api', api);
    expect(again).toMatchObject({ appended: 0, rejected: {}, log: report.log });
  });

  it('of the command line is told, and makes no store', async () => {
    const into = path.join(folder, 'nothing');
    const failing = async (...args: string[]): Promise<[number | null, string]> => {
      const { code, stderr } = await runCli(['import', '--store', into, ...args]);
      return [code, stderr];
    };
    expect(await failing()).toEqual([2, expect.stringContaining('there is nothing to import')]);
    expect(await failing('--notifications', path.join(folder, 'no.ndjson'))).toEqual([
      1,
      expect.stringContaining('it does not exist'),
    ]);
    expect(await failing('--api', folder)).toEqual([1, expect.stringContaining('holds no recorded answers')]);
    expect(await failing('--notifications', folder)).toEqual([1, expect.stringContaining('it is a folder')]);
    const { code } = await runCli(['resources', '--store', into]);
    expect(code).toBe(1);
  });

  it.each([
    ['compressed', gzipSync('{"received_at": "2026-11-22T10:00:00Z"}'), 'it is compressed with gzip', 'gunzip'],
    ['in UTF-16', Buffer.from('\uFEFF{}\n', 'utf16le'), 'it is in UTF-16', 'iconv'],
    ['one list', Buffer.from('[{"exchange": "nova"}]\n'), 'holds no recorded message: line 1: ', 'jq'],
    ['of another format', Buffer.from('2026-11-22 INFO up\n'), 'holds no recorded message: line 1: ', 'received_at'],
  ])('that is %s is refused before a store is made, with what to do', async (_, bytes, reason, remedy) => {
    const file = path.join(folder, 'other.ndjson');
    writeFileSync(file, bytes);
    const into = path.join(folder, 'none');
    const { code, stderr } = await runCli(['import', '--store', into, '--notifications', file]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(reason)]);
    expect(stderr).toContain(remedy);
    expect(existsSync(into)).toBe(false);
  });
});

describe('a store that was imported', () => {
  it('verifies, has snapshots, and answers from a server as from the store', async () => {
    const verified = await runCli(['verify', '--store', store]);
    expect(verified.code).toBe(0);
    expect(verified.stdout).toContain('sound: 1 snapshot of 1 reached again');
    const served = path.join(folder, 'served');
    cpSync(store, served, { recursive: true });
    const server = await serveCli(['--store', served]);
    try {
      const ask = ['resources', '--at', at('10:02:40.000'), '--json'];
      const [ofServer, ofStore] = await Promise.all(
        [
          ['--url', server.url],
          ['--store', store],
        ].map((from) => runCli([...ask, ...from])),
      );
      expect(ofServer!.stdout).toBe(ofStore!.stdout);
    } finally {
      await server.stop();
      rmSync(served, { recursive: true });
    }
  });

  it('can be given templates along with the recording: they hold from the first entry on', async () => {
    const into = path.join(folder, 'with-templates');
    const template = path.join(folder, 'server_in_error.yaml');
    writeFileSync(template, TEMPLATE);
    await importInto(into, ...inputs, '--templates', template);
    const { stdout } = await runCli(['why', 'Server in error', '--store', into, '--at', at('10:02:45')]);
    expect(stdout).toContain('Why Server in error on nova.instance web-1?');
    const again = await importInto(into, ...inputs, '--templates', template);
    expect(again.appended).toBe(0);
  });
});

const TEMPLATE = `metadata:
  version: 3
  name: server_in_error
  type: standard
entities:
  instance:
    category: RESOURCE
    type: nova.instance
    state: ERROR
scenarios:
- condition: instance
  actions:
  - raise_alarm:
      target: instance
      alarm_name: Server in error
      severity: WARNING
`;
