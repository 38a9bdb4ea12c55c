import path from 'node:path';
import { temporaryFolder } from '../cli/cliProcess';
import { describeWithShared } from '../support/shared';
import { chainOf, evidenceOf, importInto, nameOf, nodesOf, StoryStore, TEMPLATES } from './storyStore';

jest.setTimeout(120_000);

/** What `story.ndjson` tells: alice works for the tenant shop, bob for bank, carol for lab. */
const BANK = 'ea453ba075294a119cc5b946d61b9b39';

describeWithShared('the story of a recorded OpenStack, as an operator asks for it', (sharedDir) => {
  const { folder, remove } = temporaryFolder();
  const cloud = new StoryStore(path.join(folder, 'store'));
  let report: { [key: string]: unknown };

  beforeAll(async () => {
    const recording = path.join(sharedDir, 'data/openstack');
    const inputs = [
      '--notifications',
      path.join(recording, 'notifications.ndjson'),
      '--api',
      path.join(recording, 'api'),
    ];
    report = await importInto(cloud.folder, ...inputs, '--templates', TEMPLATES);
  });
  afterAll(async () => {
    await cloud.close();
    remove();
  });

  const stateOf = async (type: string, name: string, clock: string): Promise<string | null | undefined> =>
    (await cloud.byName(type, clock)).get(name)?.state;
  const hostOf = async (name: string, clock: string): Promise<string | null | undefined> =>
    (await cloud.byName('nova.instance', clock)).get(name)?.host;

  it('is in the store as a whole: every message, every listed answer, nothing rejected', () => {
    expect(report).toMatchObject({
      read: { messages: 2434, answers: 742 },
      rejected: {},
      outdated: 0,
      isComplete: true,
    });
  });

  describe('compute-03 loses its compute service and its network agent at 23:59:47.7', () => {
    it('was anything wrong with it before? No.', async () => {
      const before = await cloud.alarms('23:59:47.700');
      expect(before.filter((alarm) => alarm.includes('compute-03') || alarm.includes('down'))).toEqual([]);
    });

    it('when was it known? Not for 22.9 s: nothing announces it, and nothing was asked in between', async () => {
      expect(await cloud.alarms('23:59:50')).toEqual(['Instance in error on lab-ci-2']);
      expect(await cloud.alarms('00:00:05')).toEqual(['Instance in error on lab-ci-2']);
      await expect(cloud.why('Host down', 'compute-03', '00:00:05')).rejects.toThrow('Host down');
      // The answer about the hypervisors is the first that says so, then the one about the services.
      const silent = await cloud.alarms('00:00:10.700');
      expect(silent).toContain('Compute service down on compute-03');
      expect(silent).not.toContain('Host down on compute-03');
      // The answer about the agents comes half a second later. Only then is the host known to be down.
      expect(await cloud.alarms('00:00:11.155')).not.toContain('Host down on compute-03');
      expect(await cloud.alarms('00:00:11.156')).toContain('Host down on compute-03');
    });

    it('what caused "Instance down" on bank-db-1 at 00:00:12? Host down on compute-03: neither service nor agent was heard of', async () => {
      const { roots } = await cloud.why('Instance down', 'bank-db-1', '00:00:12');
      expect(chainOf(roots)).toEqual(['Host down on compute-03', 'Instance down on bank-db-1']);
      expect(roots).toHaveLength(1);
      expect(evidenceOf(roots[0]!)).toEqual([
        '00:00:10 nova.host snapshot compute-03',
        '00:00:11 neutron.agent snapshot neutron-openvswitch-agent@compute-03',
        // An operator forced it down at 00:00:11.7: the newest that was told of the host.
        '00:00:11 nova.host service.update compute-03',
      ]);
    });

    it('what did it affect, and whom? Three servers, their ports, a volume, the zone; of bank and lab', async () => {
      const { roots, tenants, affected } = await cloud.why('Host down', 'compute-03', '00:00:12');
      const names = nodesOf(roots).map(nameOf);
      expect(names.filter((name) => name.startsWith('Instance down')).sort()).toEqual([
        'Instance down on bank-cache-1',
        'Instance down on bank-db-1',
        'Instance down on lab-dev-3',
      ]);
      expect(names).toEqual(expect.arrayContaining(['Volume at risk on bank-db-1-data', 'Zone down on az-2']));
      expect(names.filter((name) => name.startsWith('Port down'))).toHaveLength(3);
      expect(tenants.map(({ name, resources }) => [name, resources])).toEqual([
        ['bank', 5],
        ['lab', 2],
      ]);
      const servers = affected.filter(({ type }) => type === 'nova.instance').map(({ id }) => id);
      const ports = affected.filter(({ type }) => type === 'neutron.port').map(({ id }) => id);
      const owners = (await cloud.resources('neutron.port', '00:00:12')).filter(({ id }) => ports.includes(id));
      expect(owners.map(({ server }) => server).sort()).toEqual([...servers].sort());
    });

    it('who was not affected? Shop, and every server elsewhere', async () => {
      const { tenants } = await cloud.why('Host down', 'compute-03', '00:00:12');
      expect(tenants.map(({ name }) => name)).not.toContain('shop');
      const servers = await cloud.resources('nova.instance', '00:00:12');
      const elsewhere = servers.filter(({ host }) => host !== 'compute-03' && host !== 'compute-bad');
      expect(elsewhere).toHaveLength(servers.length - 4);
      expect(new Set(elsewhere.map(({ aggregated_state }) => aggregated_state))).toEqual(new Set(['ACTIVE']));
    });

    it('who forced it down, and when? The message of 00:00:11.7 says that it was set, not by whom', async () => {
      const { changed } = await cloud.diff('00:00:11.600', '00:00:11.710', '--about', 'compute-03');
      const host = changed.find(({ resource }) => resource.type === 'nova.host');
      expect(host?.changes.map(({ name, after }) => [name, after])).toEqual(
        expect.arrayContaining([
          ['forced_down', true],
          ['disabled_reason', 'host failure'],
        ]),
      );
      expect(host?.by?.summary).toBe('nova.host service.update compute-03');
    });

    it('which evacuations succeeded? bank-cache-1 came up on compute-01; bank-db-1 and lab-dev-3 are in error where they were', async () => {
      const servers = await cloud.byName('nova.instance', '00:00:22');
      expect(['bank-cache-1', 'bank-db-1', 'lab-dev-3'].map((name) => servers.get(name))).toMatchObject([
        { state: 'ACTIVE', host: 'compute-01', project_id: BANK },
        { state: 'ERROR', host: 'compute-03' },
        { state: 'ERROR', host: 'compute-03' },
      ]);
      expect(await cloud.alarms('00:00:22')).not.toContain('Instance down on bank-cache-1');
    });

    it.each(['bank-db-1', 'lab-dev-3'])(
      'what caused "Instance in error" on %s? The host that is down',
      async (server) => {
        const { roots } = await cloud.why('Instance in error', server, '00:00:22');
        expect(chainOf(roots)).toEqual([
          'Host down on compute-03',
          `Instance down on ${server}`,
          `Instance in error on ${server}`,
        ]);
      },
    );

    it('what cleared when compute-03 was back, and with which answer? All but the two servers in error', async () => {
      const { alarms, changed } = await cloud.diff('00:00:22', '00:00:36.100');
      const cleared = new Map(alarms.cleared.map(({ alarm, by }) => [`${alarm.name} on ${alarm.resource?.name}`, by]));
      expect(cleared.get('Host down on compute-03')?.summary).toBe('nova.host snapshot compute-03');
      expect(cleared.get('Network agent down on neutron-openvswitch-agent@compute-03')?.summary).toBe(
        'neutron.agent snapshot neutron-openvswitch-agent@compute-03',
      );
      expect([...cleared.keys()]).toEqual(
        expect.arrayContaining(['Instance down on bank-db-1', 'Instance down on lab-dev-3', 'Zone down on az-2']),
      );
      expect(alarms.raised).toEqual([]);
      expect(changed.map(({ resource }) => resource.name)).toContain('compute-03');
      const after = await cloud.alarms('00:00:36.100');
      expect(after.filter((alarm) => alarm.includes('down'))).toEqual([]);
      expect(after).toEqual(
        expect.arrayContaining(['Instance in error on bank-db-1', 'Instance in error on lab-dev-3']),
      );
    });

    it('what is left at the end? lab was torn down, bank-db-1 is in error still', async () => {
      expect((await cloud.alarms('00:02:38')).filter((alarm) => alarm.startsWith('Instance'))).toEqual([
        'Instance in error on bank-db-1',
      ]);
    });
  });

  it('is told with the state of a server at the time', async () => {
    expect(await hostOf('shop-db-1', '23:59:00')).toBe('compute-02');
    expect(await stateOf('nova.instance', 'bank-db-1', '00:00:22')).toBe('ERROR');
  });
});
