import path from 'node:path';
import { temporaryFolder } from '../cli/cliProcess';
import { describeWithShared } from '../support/shared';
import { chainOf, evidenceOf, importInto, nameOf, nodesOf, StoryStore, TEMPLATES } from './storyStore';

jest.setTimeout(120_000);

/** What `story.ndjson` tells: alice works for the tenant shop, bob for bank, carol for lab. */
const BANK = 'ea453ba075294a119cc5b946d61b9b39';
const SHOP = '1ded5e3daebb4aaf86c2f3b6b472a036';

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

    it('what was tried for lab-dev-3? To rebuild it elsewhere, which failed; said by its id alone', async () => {
      const { entries } = await cloud.log('lab-dev-3', '00:00:14', '2s');
      expect(entries.map(({ summary }) => summary)).toContain(
        'nova.instance compute_task.rebuild_server.error 51e6d06e-2da4-4aad-9b6b-7b75b10cf356',
      );
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

    it('and once compute-03 was up again? Then nothing causes the error any more: ask for the time it came', async () => {
      const { roots, asked } = await cloud.why('Instance in error', 'bank-db-1', '00:00:36.100');
      expect(chainOf(roots)).toEqual(['Instance in error on bank-db-1']);
      expect(asked.since.slice(11, 19)).toBe('00:00:15');
    });

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

  describe('servers and volumes that fail one by one', () => {
    it('which servers could not be built? Three of lab; each is in error, and on no host', async () => {
      const servers = await cloud.byName('nova.instance', '23:59:46.500');
      for (const name of ['lab-giant-1', 'lab-bad-1', 'lab-bad-2']) {
        expect(servers.get(name)).toMatchObject({ state: 'ERROR', host: null });
        expect(await cloud.alarms('23:59:46.500')).toContain(`Instance in error on ${name}`);
      }
    });

    it('what happened to lab-giant-1? It was given to compute-bad, which could not make it', async () => {
      const { entries } = await cloud.log('lab-giant-1', '23:59:30', '10s');
      const told = entries.filter(({ effects }) => effects.length > 0).map(({ summary }) => summary);
      expect(told[0]).toBe('nova.instance compute.instance.update lab-giant-1');
      expect(told).toContain('nova.instance compute.instance.create.error lab-giant-1');
      const raising = entries.find(({ effects }) => effects.some(({ entity }) => entity?.name === 'Instance in error'));
      expect(raising?.effects.flatMap(({ changes }) => changes)).toContainEqual(
        expect.objectContaining({ name: 'state', before: 'BUILD', after: 'ERROR' }),
      );
    });

    it('who was in error from 23:59:37 to 23:59:47 though nothing had failed? lab-ci-3 and db-restore, set by hand', async () => {
      const set = await cloud.diff('23:59:37.900', '23:59:38.100', '--about', 'db-restore');
      expect(set.alarms.raised.map(({ alarm }) => alarm.name)).toEqual(['Volume in error']);
      expect(await stateOf('nova.instance', 'lab-ci-3', '23:59:37.800')).toBe('ACTIVE');
      expect(await stateOf('nova.instance', 'lab-ci-3', '23:59:38')).toBe('ERROR');
      // Nobody caused it, as far as anybody told.
      const { roots } = await cloud.why('Instance in error', 'lab-ci-3', '23:59:40');
      expect(chainOf(roots)).toEqual(['Instance in error on lab-ci-3']);
      const back = await cloud.alarms('23:59:47.700');
      expect(back.filter((alarm) => /lab-ci-3|db-restore/.test(alarm))).toEqual([]);
    });

    it('where is lab-ci-2, which was to move to compute-bad alive? There, in error since 23:59:42', async () => {
      const at = async (clock: string): Promise<object | undefined> =>
        (await cloud.byName('nova.instance', clock)).get('lab-ci-2');
      expect(await at('23:59:39')).toMatchObject({ state: 'MIGRATING', host: 'compute-03' });
      expect(await at('23:59:42.200')).toMatchObject({ state: 'ERROR', host: 'compute-bad' });
      const { roots } = await cloud.why('Instance in error', 'lab-ci-2', '23:59:46.500');
      expect(evidenceOf(roots[0]!)).toEqual(['23:59:42 nova.instance compute.instance.update lab-ci-2']);
    });

    it('which volume did no backend take? lost; the scheduler said so at once', async () => {
      expect(await cloud.alarms('23:59:27')).toContain('Volume in error on lost');
      const { roots } = await cloud.why('Volume in error', 'lost', '23:59:27');
      expect(evidenceOf(roots[0]!)).toEqual(['23:59:26 cinder.volume scheduler.create_volume lost']);
    });
  });

  describe('the stacks of shop', () => {
    const stacks = async (clock: string): Promise<(string | null)[][]> =>
      (await cloud.resources('heat.stack', clock)).map(({ name, state }) => [name, state]).sort();

    it('how did they fare? One was made, suspended, deleted; the other could not be made', async () => {
      expect(await stacks('00:03:57')).toEqual([
        ['badstack', 'CREATE_FAILED'],
        ['shopstack', 'CREATE_COMPLETE'],
      ]);
      expect(await stacks('00:04:12.900')).toContainEqual(['shopstack', 'SUSPEND_COMPLETE']);
      expect(await stacks('00:04:15.100')).toContainEqual(['shopstack', 'RESUME_COMPLETE']);
      expect(await stacks('00:04:30')).toEqual([]);
    });

    it('why did badstack fail? Heat says it: no host was found for its server', async () => {
      expect(await cloud.alarms('00:03:59.900')).toEqual(
        expect.arrayContaining(['Stack failed on badstack', 'Instance in error on bad-srv']),
      );
      const { changed } = await cloud.diff('00:03:50', '00:03:59.900', '--type', 'heat.stack', '--about', 'badstack');
      const reason = changed[0]!.changes.find(({ name }) => name === 'status_reason');
      expect(reason?.after).toContain('No valid host was found');
      const { asked, roots } = await cloud.why('Stack failed', 'badstack', '00:03:59.900');
      expect(asked.resource?.reason).toBe(reason?.after);
      // Which resources a stack has is told by polls that ask for them. These were not recorded as answers.
      expect(chainOf(roots)).toHaveLength(1);
    });
  });

  describe('the storage that was killed at 00:02:44.2', () => {
    it('when was it known? A volume that could not be made told first, the answer of 00:03:09 told the rest', async () => {
      expect(await cloud.alarms('00:03:00.300')).toEqual(['Instance in error on bank-db-1']);
      expect(await cloud.alarms('00:03:09.400')).toEqual([
        'Instance in error on bank-db-1',
        'Volume in error on while-down',
      ]);
      const down = (await cloud.alarms('00:03:10.200')).filter((alarm) => alarm.startsWith('Volume backend down'));
      expect(down).toEqual(['Volume backend down on storage-01@ceph-a', 'Volume backend down on storage-01@lvm-b']);
    });

    it.each([
      [
        'storage-01@ceph-a',
        ['bank-app-2-data', 'bank-db-1-data', 'db-restore', 'shop-db-1-data', 'x1', 'x2-renamed'],
        ['bank', 'shop'],
      ],
      ['storage-01@lvm-b', ['shop-app-1-data'], ['shop']],
    ])('which volumes of %s are out of control, and whose?', async (backend, volumes, owners) => {
      const { affected, tenants } = await cloud.why('Volume backend down', backend, '00:03:10.200');
      const names = affected.filter(({ type }) => type === 'cinder.volume').map(({ name }) => name);
      expect(names.sort()).toEqual(volumes);
      expect(tenants.map(({ name }) => name).sort()).toEqual(owners);
    });

    it('whose servers use them? They are SUBOPTIMAL, though Nova calls them ACTIVE', async () => {
      const servers = await cloud.byName('nova.instance', '00:03:10.200');
      expect(servers.get('shop-db-1')).toMatchObject({ state: 'ACTIVE', aggregated_state: 'SUBOPTIMAL' });
      expect(servers.get('shop-app-1')).toMatchObject({ state: 'ACTIVE', aggregated_state: 'SUBOPTIMAL' });
      expect(servers.get('shop-web-2')).toMatchObject({ aggregated_state: 'ACTIVE' });
    });

    it('what became of the detachment meanwhile? x1 was detaching until the storage was back', async () => {
      expect(await stateOf('cinder.volume', 'x1', '00:03:10.200')).toBe('detaching');
      expect(await stateOf('cinder.volume', 'x1', '00:03:17')).toBe('available');
    });

    it('what recovered with the answer of 00:03:16? All but the volume that could not be made', async () => {
      const { alarms } = await cloud.diff('00:03:10.200', '00:03:17');
      expect(alarms.cleared).toHaveLength(9);
      expect(await cloud.alarms('00:03:17')).toEqual([
        'Instance in error on bank-db-1',
        'Volume in error on while-down',
      ]);
    });
  });

  describe('the network agent of compute-01, silent from 00:03:17 on', () => {
    it('is the host down? No: only its agent is, known with the answer of 00:03:45', async () => {
      expect((await cloud.alarms('00:03:45.040')).filter((alarm) => alarm.includes('compute-01'))).toEqual([]);
      const alarms = await cloud.alarms('00:03:46');
      expect(alarms).toContain('Network agent down on neutron-openvswitch-agent@compute-01');
      expect(alarms.filter((alarm) => /Host down|Compute service down|Instance down/.test(alarm))).toEqual([]);
    });

    it('which ports are out of control, and whose? Those of the servers there, all of shop', async () => {
      const { affected, tenants } = await cloud.why(
        'Network agent down',
        'neutron-openvswitch-agent@compute-01',
        '00:03:46',
      );
      const ids = affected.filter(({ type }) => type === 'neutron.port').map(({ id }) => id);
      const ports = (await cloud.resources('neutron.port', '00:03:46')).filter(({ host }) => host === 'compute-01');
      expect(ports.map(({ id }) => id).sort()).toEqual([...ids].sort());
      const servers = new Map((await cloud.resources('nova.instance', '00:03:46')).map(({ id, name }) => [id, name]));
      expect(ports.map(({ server }) => servers.get(server!)).sort()).toEqual(['shop-app-1', 'shop-web-2']);
      expect(tenants.map(({ name }) => name)).toEqual(['shop']);
    });
  });

  it('did the alarm of bob fire? It did, was in order, and fired again; a transition tells its id, not its name', async () => {
    const id = 'c9bebff6-4dde-4965-b118-045df4968428';
    const { entries } = await cloud.log(id, '00:02:21', '3s');
    expect(entries.flatMap(({ effects }) => effects.map(({ kind }) => kind))).toEqual([
      'alarm-raised',
      'alarm-cleared',
      'alarm-raised',
      'alarm-cleared',
    ]);
    // Aodh was asked at 00:02:22, and answered with an error: its name could not be had.
    expect(await cloud.alarms('00:02:22.200')).toContain(`${id} on nothing`);
    expect(await cloud.alarms('00:02:22.300')).not.toContain(`${id} on nothing`);
  });

  it('who came and went in the identity service? Two projects, told by id; lab went at 00:02:36', async () => {
    const projects = async (clock: string): Promise<(string | null)[]> =>
      (await cloud.resources('keystone.project', clock)).map(({ name, id }) => name ?? id).sort();
    const lasting = ['admin', 'bank', 'lab', 'service', 'shop'];
    // Keystone tells ids. The name, and that it was disabled in between, only a poll would tell.
    expect(await projects('00:02:23.400')).toEqual(['c45e40a5cd214878b2d6f27194f65c6b', ...lasting].sort());
    expect(await projects('00:02:25')).toEqual(['caf9daf4d134465499a7e197b3cc8aca', ...lasting].sort());
    expect(await projects('00:02:30')).toEqual(lasting);
    expect(await projects('00:02:36.800')).toEqual(lasting.filter((name) => name !== 'lab'));
  });

  it('which images were there? web-snap since it was taken, tmp for a tenth of a second', async () => {
    const images = async (clock: string): Promise<string[]> =>
      [...(await cloud.byName('glance.image', clock)).keys()].sort();
    expect(await images('23:58:05')).toEqual(['cirros']);
    expect(await images('23:58:10.600')).toEqual(['cirros', 'web-snap']);
    expect(await images('00:02:39.350')).toEqual(['cirros', 'tmp', 'web-snap']);
    expect(await images('00:02:39.500')).toEqual(['cirros', 'web-snap']);
  });

  describe('a day like any other', () => {
    it.each([
      ['shop-web-1', 'stopped', '23:58:03.600', 'SHUTOFF', 'compute-01'],
      ['shop-web-1', 'started again', '23:58:04.500', 'ACTIVE', 'compute-01'],
      ['shop-web-3', 'paused', '23:58:06.900', 'PAUSED', 'compute-01'],
      ['shop-web-3', 'suspended', '23:58:08.600', 'SUSPENDED', 'compute-01'],
      ['shop-web-3b', 'renamed', '23:58:09.800', 'ACTIVE', 'compute-01'],
      ['shop-web-3b', 'rescued', '23:58:11.600', 'RESCUE', 'compute-01'],
      ['shop-app-2', 'shelved', '23:58:14.200', 'SHELVED_OFFLOADED', null],
      ['shop-app-2', 'back from the shelf', '23:58:17', 'ACTIVE', 'compute-02'],
      ['bank-app-1', 'resized, not confirmed', '23:58:23.800', 'VERIFY_RESIZE', 'compute-02'],
      ['bank-app-1', 'resized', '23:58:27', 'ACTIVE', 'compute-02'],
      ['bank-app-2', 'on its way back', '23:58:33.500', 'REVERT_RESIZE', 'compute-03'],
      ['bank-app-2', 'back as it was', '23:58:38.400', 'ACTIVE', 'compute-02'],
      ['shop-db-1', 'moved alive', '23:58:59.100', 'ACTIVE', 'compute-02'],
      ['bank-db-1', 'moved alive', '23:59:05.700', 'ACTIVE', 'compute-03'],
      ['lab-dev-1', 'moved alive', '23:59:11.100', 'ACTIVE', 'compute-01'],
    ])('%s, %s at %s: %s on %s', async (name, _what, clock, state, host) => {
      expect((await cloud.byName('nova.instance', clock)).get(name)).toMatchObject({ state, host });
    });

    it('when was shop-web-3 renamed? At 23:58:09.7, with a message that says so', async () => {
      const { changed } = await cloud.diff('23:58:09.600', '23:58:09.900', '--type', 'nova.instance');
      expect(changed.map(({ changes }) => changes.map(({ name, before, after }) => [name, before, after]))).toEqual([
        [['name', 'shop-web-3', 'shop-web-3b']],
      ]);
    });

    it('whose was x2? Bob gave it to alice at 00:02:43.5', async () => {
      const owner = async (clock: string): Promise<string | null | undefined> =>
        (await cloud.byName('cinder.volume', clock)).get('x2-renamed')?.project_id;
      expect([await owner('00:02:43.320'), await owner('00:02:44')]).toEqual([BANK, SHOP]);
    });

    it('was compute-02 in agg-az1 all the time? Not for a tenth of a second at 00:03:48', async () => {
      const hosts = (clock: string): Promise<string[]> => cloud.joined('agg-az1', 'nova.aggregate', 'contains', clock);
      expect(await hosts('00:03:48')).toEqual(['compute-01', 'compute-02']);
      expect(await hosts('00:03:48.400')).toEqual(['compute-01']);
      expect(await hosts('00:03:49')).toEqual(['compute-01', 'compute-02']);
    });
  });
});
