import { cpSync } from 'node:fs';
import path from 'node:path';
import type { AlarmsAnswer, DiffAnswer, GraphView, LogAnswer, WhyAnswer } from '@wherefore/contract';
import { type Finished, runCli, type ServedCli, serveCli, temporaryFolder } from './cliProcess';
import { INSTANCE_IDS, makeStore } from './smallCloud';

// Each question starts a process; on a busy machine that takes its time.
jest.setTimeout(60_000);

const { folder, remove } = temporaryFolder();
const store = path.join(folder, 'store');
let server: ServedCli;

type Row = { readonly [key: string]: unknown };

beforeAll(async () => {
  await makeStore(store);
  const served = path.join(folder, 'served');
  cpSync(store, served, { recursive: true });
  server = await serveCli(['--store', served]);
});

afterAll(async () => {
  await server.stop();
  remove();
});

/** The ways to name who answers: all of them must give the same answer. */
const desks = (): { readonly [name: string]: readonly string[] } => ({
  'a store': ['--store', store],
  'a server': ['--url', server.url],
});

describe.each(['a store', 'a server'])('%s', (name) => {
  const ask = (...args: string[]): Promise<Finished> => runCli([...args, ...desks()[name]!]);
  const askJson = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await ask(...args, '--json');
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as T;
  };

  it('answers why: the root cause, the asked alarm, what deduced it, and from which event', async () => {
    const { code, stdout, stderr } = await ask(
      'why',
      'Instance',
      'unreachable',
      '--on',
      'web-1',
      '--at',
      '2026-11-20 10:05',
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(/^answered by the (store in|server on) /);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('Fri 2026-11-20 10:05:59 UTC · known: entry 6 of 10:05:00, position 1.6.0');
    expect(lines).toContain('Why Instance unreachable on nova.instance web-1?');
    expect(lines).toContain('Because NIC failure on nova.host host-1 since 10:05:00.');
    const asked = lines.findIndex((line) => line.includes('◀ asked'));
    expect(lines[asked]).toBe(
      '├─ ● WARNING Instance unreachable on nova.instance web-1 (ERROR) · Active since 10:05:00 ◀ asked',
    );
    expect(lines.slice(asked + 1, asked + 3)).toEqual([
      '│    deduced by host_network › scenario0',
      '│      because nic [on] host AND host [contains] instance',
    ]);
    expect(stdout).toMatch(/← #6 +10:05:00 nagios update "NIC failure" on host-1/);
    expect(stdout).not.toContain('\u001b');
  });

  it('answers machines with the whole answer', async () => {
    const answer = await askJson<WhyAnswer>('why', 'Instance unreachable@web-2', '--at', '2026-11-20T10:05Z');
    expect(answer.answeredAt).toMatchObject({ at: '2026-11-20T10:05:59.999Z', position: '1.6.0', ordinal: 6 });
    expect(answer.asked.resource?.id).toBe(INSTANCE_IDS[1]);
    expect(answer.roots.map(({ alarm }) => alarm.name)).toEqual(['NIC failure']);
    expect(answer.roots[0]?.effects.filter(({ asked }) => asked)).toHaveLength(1);
  });

  it('lists alarms, resources and the topology of then', async () => {
    const then = ['--at', '2026-11-20 10:05'];
    const { alarms } = await askJson<AlarmsAnswer>('alarms', ...then);
    expect(alarms.map((alarm) => alarm.name)).toEqual(['NIC failure', 'Instance unreachable', 'Instance unreachable']);
    const table = await ask('alarms', ...then);
    expect(
      table.stdout
        .split('\n')
        .slice(0, 2)
        .map((line) => line.split(/ {2,}/).slice(0, 4)),
    ).toEqual([
      ['SEVERITY', 'ALARM', 'ON', 'RESOURCE'],
      ['CRITICAL', 'NIC failure', 'nova.host', 'host-1'],
    ]);
    const resources = await askJson<Row[]>('resources', '--type', 'nova.instance', ...then);
    expect(resources.map((row) => [row['name'], row['aggregated_state']])).toEqual([
      ['web-1', 'ERROR'],
      ['web-2', 'ERROR'],
    ]);
    expect((await ask('topology', ...then)).stdout.split('\n').map((line) => line.trimEnd())).toContain(
      '   └─ nova.host host-1  AVAILABLE  ● NIC failure',
    );
    expect((await askJson<GraphView>('topology', ...then)).vertices).toHaveLength(8);
    expect((await ask('topology', ...then, '--root', 'web-2')).stdout).toBe(
      'nova.instance web-2  ERROR  ● Instance unreachable\n',
    );
  });

  it('says what differs between two moments, each with the entry that did it', async () => {
    const { code, stdout, stderr } = await ask('diff', '--from', '2026-11-20 10:04', '--to', '2026-11-20 10:05');
    expect(code).toBe(0);
    expect(stderr).toContain('Fri 2026-11-20 10:04:59 UTC → Fri 2026-11-20 10:05:59 UTC · 1 entry, #6 to #6');
    expect(stderr).toContain('resources: 0 appeared, 0 gone, 2 changed · alarms: 3 raised, 0 cleared');
    const lines = stdout.split('\n').map((line) => line.replace(/ {2,}←/, ' ←'));
    expect(lines.slice(0, 3)).toEqual([
      'changed',
      '~ nova.instance web-1',
      '    deduced state none → ERROR ← #6 10:05:00 nagios update "NIC failure" on host-1',
    ]);
    expect(lines.slice(lines.indexOf('alarms raised') + 1)[0]).toMatch(
      /^● CRITICAL NIC failure on nova.host host-1 ← #6 /,
    );
    const answer = await askJson<DiffAnswer>('diff', '--from', '2026-11-20 10:04', '--to', '2026-11-20 10:05');
    expect(answer.changed.map(({ resource, by }) => [resource.id, by?.ordinal])).toEqual(
      INSTANCE_IDS.map((id) => [id, 6]),
    );
  });

  it('lists the entries around a moment, and what became of each', async () => {
    const { code, stdout, stderr } = await ask('log', '--at', '2026-11-20 10:10', '--around', '6m');
    expect(code).toBe(0);
    expect(stderr).toContain('Fri 2026-11-20 10:04:59 UTC → Fri 2026-11-20 10:16:59 UTC');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(lines[0]).toEqual(['ENTRY', 'KNOWN', 'SOURCE', 'SAYS', 'OUTCOME']);
    expect(lines[1]!.slice(0, 4)).toEqual(['#6', '10:05:00.000', 'nagios', 'update "NIC failure" on host-1']);
    expect(stdout).toContain('── 10:10:59.999 ──');
    expect(lines.at(-1)!.slice(0, 3)).toEqual(['#7', '10:15:00.000', 'nagios']);
    const { entries } = await askJson<LogAnswer>('log', '--at', '2026-11-20 10:30', '--around', '1m');
    expect(entries.map(({ outcome, reason }) => [outcome, reason?.code])).toEqual([['rejected', 'unknown-datasource']]);
    expect((await ask('log', '--at', '2026-11-20 10:30', '--around', '1m')).stdout).toContain('rejected: ');
  });

  it('refuses moments in the wrong order, no length of time, and what lies before the first entry', async () => {
    const failing = async (...args: string[]): Promise<[number | null, string]> => {
      const { code, stderr } = await ask(...args);
      return [code, stderr];
    };
    const first = expect.stringContaining('The first entry is of Fri 2026-11-20 10:00:00 UTC');
    expect(await failing('diff', '--from', '2026-11-20 10:05', '--to', '2026-11-20 10:04')).toEqual([
      2,
      expect.stringContaining('lies before --from'),
    ]);
    expect(await failing('diff', '--from', '2026-11-20 09:00')).toEqual([3, first]);
    expect(await failing('log', '--at', '2026-11-20 09:00')).toEqual([3, first]);
    expect(await failing('log', '--around', 'long')).toEqual([2, expect.stringContaining('no length of time')]);
  });

  it('knows what is so now', async () => {
    const { stdout, stderr } = await ask('alarms');
    expect(stdout).toContain('Disk failure');
    expect(stdout).not.toContain('NIC failure');
    expect(stderr).toContain('1 alarm\n');
  });

  it('exits with 3 for an alarm that nobody knows, and names the nearest', async () => {
    const { code, stdout, stderr } = await ask('why', 'NIC failur', '--at', '2026-11-20 10:05');
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toContain('"NIC failure"');
  });

  it('exits with 3 for an alarm that was active at another time, and says when', async () => {
    const { code, stderr } = await ask('why', 'NIC failure', '--at', '2026-11-20 10:16');
    expect(code).toBe(3);
    expect(stderr).toContain('it was active from Fri 2026-11-20 10:05:00 UTC to Fri 2026-11-20 10:15:00 UTC');
  });

  it('exits with 3 for an alarm that had occurred, but became known later', async () => {
    const { code, stderr } = await ask('why', 'Disk failure', '--at', '2026-11-20 10:10');
    expect(code).toBe(3);
    expect(stderr).toContain(
      'it occurred at Fri 2026-11-20 10:08:00 UTC, and became known at Fri 2026-11-20 10:20:00 UTC',
    );
  });

  it('exits with 3 before the first entry, and says when that was', async () => {
    const { code, stderr } = await ask('alarms', '--at', '2026-11-20 09:59');
    expect(code).toBe(3);
    expect(stderr).toContain('The first entry is of Fri 2026-11-20 10:00:00 UTC');
  });

  it('exits with 3 for a resource or a template that is not there', async () => {
    expect((await ask('resources', 'nothing')).code).toBe(3);
    expect((await ask('topology', '--root', 'nothing')).code).toBe(3);
    expect((await ask('templates', 'show', 'nothing')).code).toBe(3);
    expect((await ask('templates', 'delete', 'nothing')).code).toBe(3);
  });

  it('exits with 4 when the name is not enough, and lists who bears it', async () => {
    const { code, stdout, stderr } = await ask('why', 'Instance unreachable', '--at', '2026-11-20 10:05');
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toContain('2 alarms answer to "Instance unreachable"');
    expect(stderr).toContain('Instance unreachable@web-1');
  });

  it('lists what was refused, with the reason', async () => {
    const { code, stdout } = await ask('rejected');
    expect(code).toBe(0);
    expect(stdout).toContain('unknown-datasource');
    expect(stdout).toContain('sorcery');
    expect(stdout).toContain('position 1.9.0');
  });

  it('lists and shows templates', async () => {
    const list = await ask('templates', 'list');
    expect(list.stdout).toMatch(/^host_network +standard +ACTIVE /m);
    const { stdout } = await ask('templates', 'show', 'host_network');
    expect(stdout).toContain('condition: nic [on] host AND host [contains] instance');
  });

  it('lists snapshots', async () => {
    const { code, stdout } = await ask('snapshots');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^KNOWN +POSITION +ENTRIES +BYTES +BEHAVIOUR +HASH +TAKEN\n/);
  });

  it('reads the time of the question in the zone of who asks', async () => {
    const { stdout } = await runCli(['alarms', '--at', '2026-11-20 11:05', '--json', ...desks()[name]!], {
      env: { TZ: 'Europe/Berlin' },
    });
    expect((JSON.parse(stdout) as AlarmsAnswer).answeredAt.at).toBe('2026-11-20T10:05:59.999Z');
  });
});

describe('a port that is taken', () => {
  it('is told at once, and exits with 1', async () => {
    const other = path.join(folder, 'other');
    const { code, stderr } = await runCli(['serve', '--store', other, '--port', new URL(server.url).port]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: port \d+ of 127\.0\.0\.1 is taken by another program/);
  });
});

describe('a store and a server of the same day', () => {
  it('give the same bytes', async () => {
    const args = ['why', 'Instance unreachable', '--on', 'web-1', '--at', '2026-11-20T10:05Z', '--json'];
    const [ofStore, ofServer] = await Promise.all(Object.values(desks()).map((desk) => runCli([...args, ...desk])));
    expect(ofServer!.stdout).toBe(ofStore!.stdout);
  });
});
