import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '@wherefore/host';
import { type JsonObject, WhereforeError } from '@wherefore/model';
import { machineTimer } from '@wherefore/runtime';
import { configuredSources, intervalsOf, SOURCE_NAMES } from './configuredSources';

const CLOUD = { openstack: { authUrl: 'http://127.0.0.1:5000/v3', password: 'secret' } };

function names(overrides: JsonObject): readonly string[] {
  const config = loadConfig({ env: {}, cwd: '/nowhere', overrides });
  const { sources, close } = configuredSources(config, { timer: machineTimer, random: Math.random, watch: {} });
  close();
  return sources.map(({ name }) => name);
}

function faultOf(overrides: JsonObject): string {
  try {
    names(overrides);
  } catch (error) {
    if (error instanceof WhereforeError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('what is polled', () => {
  it('is everything that is configured, or what driver.sources names of it', () => {
    const all = { ...CLOUD, driver: { alertmanagerUrl: 'http://127.0.0.1:9093', staticFolder: '/etc/static' } };
    expect([...names(all)].sort()).toEqual([...SOURCE_NAMES].sort());
    expect(names(CLOUD)).not.toContain('static');
    expect(names({ ...CLOUD, driver: { sources: ['nova-servers', 'heat-stacks'] } })).toEqual([
      'nova-servers',
      'heat-stacks',
    ]);
    const { driver } = all;
    expect(names({ ...CLOUD, driver: { ...driver, sources: 'openstack' } })).toHaveLength(SOURCE_NAMES.length - 2);
  });

  it.each<[JsonObject, RegExp]>([
    [{}, /^invalid-config: there is nothing to poll$/],
    [{ ...CLOUD, driver: { sources: ['nova-flavors'] } }, /driver\.sources names "nova-flavors", which is no source/],
    [{ ...CLOUD, driver: { sources: ['static'] } }, /names static, and driver\.staticFolder is missing/],
    [{ driver: { staticFolder: '/x', sources: ['nova-servers'] } }, /names nova-servers, and openstack\.authUrl/],
    [{ ...CLOUD, driver: { intervals: ['nova-flavors=30'] } }, /driver\.intervals names "nova-flavors"/],
    [{ ...CLOUD, driver: { intervals: ['nova-servers=4'] } }, /driver\.intervals is .* 5 to 86400 seconds/],
    [{ openstack: { authUrl: 'http://127.0.0.1:5000/v3' } }, /openstack\.password is missing/],
    [{ openstack: { ...CLOUD.openstack, applicationCredentialId: 'a' } }, /applicationCredentialSecret is missing/],
    [{ openstack: { ...CLOUD.openstack, caFile: '/none.pem' } }, /^file-unreadable: \/none\.pem/],
    [{ openstack: { ...CLOUD.openstack, interface: 'inner' } }, /one of public, internal, admin/],
  ])('cannot be %j', (overrides, fault) => expect(faultOf(overrides)).toMatch(fault));

  it('may have an interval of its own', () => {
    expect(intervalsOf({ intervals: ['nova-services=20', 'static=86400'] })).toEqual(
      new Map([
        ['nova-services', 20_000],
        ['static', 86_400_000],
      ]),
    );
  });
});

describe('a folder of static files', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'static-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (id: string) => `definitions: {entities: [{static_id: x, type: switch, id: ${id}}]}`;

  function source() {
    const config = loadConfig({ env: {}, cwd: '/nowhere', overrides: { driver: { staticFolder: folder } } });
    return configuredSources(config, { timer: machineTimer, random: Math.random, watch: {} }).sources[0]!;
  }

  async function keys(of: ReturnType<typeof source>): Promise<string[]> {
    const found: string[] = [];
    for await (const { polls } of of.read(new AbortController().signal)) {
      found.push(...polls.flatMap(({ rows }) => rows.map(({ key }) => key)));
    }
    return found;
  }

  it('is read whole, in the order of its names', async () => {
    writeFileSync(path.join(folder, 'b.yaml'), file('2'));
    writeFileSync(path.join(folder, 'a.yml'), file('1'));
    writeFileSync(path.join(folder, 'notes.txt'), 'no YAML');
    expect(await keys(source())).toEqual(['RESOURCE:switch:1', 'RESOURCE:switch:2']);
  });

  it('tells that it has changed, also when that was before anybody asked', async () => {
    writeFileSync(path.join(folder, 'a.yaml'), file('1'));
    const one = source();
    await keys(one);
    const change = one.changed!(AbortSignal.timeout(10_000));
    writeFileSync(path.join(folder, 'b.yaml'), file('2'));
    await change;
    expect(await keys(one)).toHaveLength(2);
    rmSync(path.join(folder, 'a.yaml'));
    await one.changed!(AbortSignal.timeout(10_000));
    expect(await keys(one)).toEqual(['RESOURCE:switch:2']);
    await expect(one.changed!(AbortSignal.timeout(100))).rejects.toThrow('timeout');
  });

  it('that is not there fails the poll, and is waited for', async () => {
    rmSync(folder, { recursive: true });
    await expect(keys(source())).rejects.toMatchObject({ code: 'source-unavailable' });
    await expect(source().changed!(AbortSignal.timeout(50))).rejects.toThrow('timeout');
    folder = mkdtempSync(path.join(tmpdir(), 'static-'));
  });
});
