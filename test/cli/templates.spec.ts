import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { AlarmsAnswer, TemplatesAnswer } from '@wherefore/contract';
import { runCli, serveCli, temporaryFolder } from './cliProcess';
import { makeStore, nagiosEvent, NETWORK_TEMPLATE } from './smallCloud';

// Each question starts a process; on a busy machine that takes its time.
jest.setTimeout(60_000);

const { folder, remove } = temporaryFolder();
const store = path.join(folder, 'store');
beforeAll(() => makeStore(store));
afterAll(remove);

function templateFile(name: string, text: string): string {
  const target = path.join(folder, name);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
  return target;
}

const disk = templateFile(
  'disk.yaml',
  NETWORK_TEMPLATE.replace('name: host_network', 'name: host_disk')
    .replace('name: NIC failure', 'name: Disk failure')
    .replace('alarm_name: Instance unreachable', 'alarm_name: Instance without disk'),
);
const broken = templateFile('broken.yaml', NETWORK_TEMPLATE.replace('severity: WARNING', 'severity: [1, 2]'));

async function names(...desk: string[]): Promise<string[]> {
  const { stdout } = await runCli(['templates', 'list', '--json', ...desk]);
  return (JSON.parse(stdout) as TemplatesAnswer).templates.map(({ name }) => name);
}

async function alarmNames(...desk: string[]): Promise<string[]> {
  const { stdout } = await runCli(['alarms', '--json', ...desk]);
  return (JSON.parse(stdout) as AlarmsAnswer).alarms.map(({ name }) => name);
}

describe('templates validate', () => {
  it('asks nobody, and says of each file whether it is valid', async () => {
    const { code, stdout, stderr } = await runCli(['templates', 'validate', disk]);
    expect([code, stdout, stderr]).toEqual([0, `valid    ${disk}: host_disk\n`, '']);
  });

  it('exits with 1 for an invalid one, and says where it is wrong', async () => {
    const { code, stdout } = await runCli(['templates', 'validate', disk, broken]);
    expect(code).toBe(1);
    expect(stdout).toMatch(new RegExp(`invalid {2}${broken}:\\d+:\\d+: `));
  });

  it('gives machines the code and the place', async () => {
    const { stdout } = await runCli(['templates', 'validate', broken, '--json']);
    const { templates } = JSON.parse(stdout) as { templates: { isValid: boolean; line: number; statusCode: number }[] };
    expect(templates[0]).toMatchObject({ isValid: false, line: expect.any(Number), statusCode: expect.any(Number) });
  });
});

describe('a store that no server writes', () => {
  const desk = ['--store', store];

  it('takes templates, which deduce at once', async () => {
    const { code, stdout } = await runCli(['templates', 'add', disk, ...desk]);
    expect([code, stdout]).toEqual([0, 'added  host_disk\n']);
    expect(await names(...desk)).toEqual(['host_network', 'host_disk']);
    expect(await alarmNames(...desk)).toContain('Instance without disk');
  });

  it('refuses one whose name is taken, unless it is to replace it', async () => {
    const refused = await runCli(['templates', 'add', disk, ...desk]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Duplicate template name');
    expect((await runCli(['templates', 'add', disk, '--overwrite', ...desk])).code).toBe(0);
    expect(await names(...desk)).toEqual(['host_network', 'host_disk']);
  });

  it('adds nothing when one of several is invalid', async () => {
    const other = templateFile('other.yaml', NETWORK_TEMPLATE.replace('name: host_network', 'name: other'));
    const { code, stderr } = await runCli(['templates', 'add', other, broken, ...desk]);
    expect(code).toBe(1);
    expect(stderr).toContain('Nothing was added.');
    expect(await names(...desk)).not.toContain('other');
  });

  it('lets them go, with what they deduced', async () => {
    const { code, stdout } = await runCli(['templates', 'delete', 'host_disk', ...desk]);
    expect([code, stdout]).toEqual([0, 'deleted  host_disk\n']);
    expect(await names(...desk)).toEqual(['host_network']);
    expect(await alarmNames(...desk)).not.toContain('Instance without disk');
  });

  it('is still sound', async () => {
    expect((await runCli(['verify', ...desk])).code).toBe(0);
  });
});

describe('a server', () => {
  it('takes templates and lets them go; its store is locked for others, but can be read', async () => {
    const server = await serveCli(['--store', store]);
    try {
      const desk = ['--url', server.url];
      expect(await runCli(['templates', 'add', disk, ...desk])).toMatchObject({
        code: 0,
        stdout: 'added  host_disk\n',
      });
      const posted = await fetch(`${server.url}/v1/event`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(nagiosEvent('Disk failure', 'CRITICAL', new Date().toISOString())),
      });
      expect(posted.status).toBeLessThan(500);
      expect(await alarmNames(...desk)).toContain('Instance without disk');
      expect(await names('--store', store)).toEqual(['host_network', 'host_disk']);
      const locked = await runCli(['templates', 'add', disk, '--overwrite', '--store', store]);
      expect(locked.code).toBe(1);
      expect(locked.stderr).toMatch(/process \d+ writes the store/);
      expect(await runCli(['templates', 'delete', 'host_disk', ...desk])).toMatchObject({
        code: 0,
        stdout: 'deleted  host_disk\n',
      });
    } finally {
      expect((await server.stop('SIGINT')).code).toBe(0);
    }
  });
});

describe('templates with parameters, and such that others include', () => {
  it('go to a server in an order that works', async () => {
    const set = path.join(folder, 'set');
    templateFile(
      'set/a_with_parameters.yaml',
      NETWORK_TEMPLATE.replace('name: host_network', 'name: with_parameters')
        .replace('entities:', 'parameters:\n  alarm_name: {description: d}\nentities:')
        .replace('name: NIC failure', 'name: get_param(alarm_name)'),
    );
    templateFile('set/b_plain.yaml', NETWORK_TEMPLATE.replace('name: host_network', 'name: plain'));
    templateFile('set/params.yaml', 'a_with_parameters.yaml:\n  alarm_name: Disk failure\n');
    const server = await serveCli(['--store', path.join(folder, 'new')]);
    try {
      const { code, stderr } = await runCli(['templates', 'add', set, '--url', server.url]);
      expect([code, stderr]).toEqual([0, `answered by the server on ${server.url}\n`]);
      expect(await names('--url', server.url)).toEqual(['with_parameters', 'plain']);
    } finally {
      await server.stop();
    }
  });
});
