import { mkdirSync, writeFileSync } from 'node:fs';
import { SOURCE_NAMES } from '@wherefore/driver';
import { comparePositions, type Json, type JsonObject } from '@wherefore/model';
import { type GivenAnswer, recordedFaults } from '../driver/recordedFaults';
import { TestFollower } from './driverStand';
import { eventually, startProcess, type TestProcess } from './processes';
import { type Services, SERVICES_START_MS, startServices } from './services';

/**
 * Two listeners, drivers, processors and persisters on a real OpenStack, over a broker and a database of the test's own.
 * They are killed and stopped in turn while the cloud is at work, or at rest; afterwards the state has to be what its
 * REST APIs answer, in every process that holds one.
 *
 * `OPENSTACK_MINUTES` says how long, 4 by default. Run something against the cloud meanwhile.
 */
const AUTH_URL = process.env['OS_AUTH_URL'] ?? 'http://127.0.0.1:15000/v3';
const USERNAME = process.env['OS_USERNAME'] ?? 'admin';
const PASSWORD = process.env['OS_PASSWORD'] ?? 'secret';
const PROJECT = process.env['OS_PROJECT_NAME'] ?? 'admin';
/** The broker that its services notify on. */
const CLOUD_BROKER = process.env['OPENSTACK_BROKER'] ?? 'amqp://openstack:openstack@127.0.0.1:15673/';
const MINUTES = Number(process.env['OPENSTACK_MINUTES'] ?? 4);
/** Where the last answers are left when they are not what the state holds. */
const KEEP = process.env['OPENSTACK_KEEP'];

jest.setTimeout((MINUTES + 12) * 60_000);

/** Asked here without the code of the driver. */
const LISTS: { readonly [name: string]: readonly [service: string, path: string] } = {
  'nova-services': ['compute', '/os-services'],
  'nova-availability-zones': ['compute', '/os-availability-zone/detail'],
  'nova-hypervisors': ['compute', '/os-hypervisors/detail'],
  'nova-aggregates': ['compute', '/os-aggregates'],
  'nova-servers': ['compute', '/servers/detail?all_tenants=1'],
  'nova-migrations': ['compute', '/os-migrations'],
  'neutron-networks': ['network', '/v2.0/networks'],
  'neutron-subnets': ['network', '/v2.0/subnets'],
  'neutron-routers': ['network', '/v2.0/routers'],
  'neutron-ports': ['network', '/v2.0/ports'],
  'neutron-floatingips': ['network', '/v2.0/floatingips'],
  'neutron-agents': ['network', '/v2.0/agents'],
  'cinder-services': ['volumev3', '/os-services'],
  'cinder-pools': ['volumev3', '/scheduler-stats/get_pools?detail=true'],
  'cinder-volumes': ['volumev3', '/volumes/detail?all_tenants=1'],
  'cinder-snapshots': ['volumev3', '/snapshots/detail?all_tenants=1'],
  'heat-stacks': ['orchestration', '/stacks?global_tenant=true'],
  'aodh-alarms': ['alarming', '/v2/alarms?q.field=all_projects&q.op=eq&q.value=true'],
  'glance-images': ['image', '/v2/images'],
  'keystone-domains': ['identity', '/domains'],
  'keystone-projects': ['identity', '/projects'],
  'keystone-users': ['identity', '/users'],
};

/** Everything that the cloud answers now. */
async function answersNow(): Promise<readonly GivenAnswer[]> {
  const user = { name: USERNAME, domain: { id: 'default' }, password: PASSWORD };
  const scope = { project: { name: PROJECT, domain: { id: 'default' } } };
  const auth = { identity: { methods: ['password'], password: { user } }, scope };
  const logIn = await fetch(`${AUTH_URL}/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ auth }),
  });
  const token = logIn.headers.get('x-subject-token') ?? '';
  const { token: facts } = (await logIn.json()) as { token: { catalog: readonly JsonObject[] } };
  const urls = new Map(
    facts.catalog.map(({ type, endpoints }) => {
      const face = (endpoints as readonly JsonObject[]).find((each) => each['interface'] === 'public');
      return [String(type), String(face?.['url'])];
    }),
  );
  const answers: GivenAnswer[] = [];
  for (const [name, [service, path]] of Object.entries(LISTS)) {
    const headers = {
      'X-Auth-Token': token,
      ...(service === 'compute' ? { 'OpenStack-API-Version': 'compute 2.93' } : {}),
    };
    const answer = await fetch(`${urls.get(service)}${path}`, { headers });
    if (answer.status !== 200) throw new Error(`${name}: status ${answer.status}`);
    answers.push({ name, at: new Date().toISOString(), body: (await answer.json()) as Json });
  }
  return answers;
}

/** Why the state is not what the cloud answers; empty when it is. */
async function faultsNow(follower: TestFollower): Promise<readonly string[]> {
  const answers = await answersNow();
  const faults = recordedFaults(follower.state, answers);
  if (KEEP !== undefined) {
    mkdirSync(KEEP, { recursive: true });
    for (const { name, body } of answers) writeFileSync(`${KEEP}/${name}.json`, JSON.stringify(body, undefined, 1));
  }
  return faults;
}

async function becomesTrue(follower: TestFollower, withinMs: number): Promise<void> {
  let faults: readonly string[] = [];
  await eventually(async () => ((faults = await faultsNow(follower)).length === 0 ? true : undefined), withinMs).catch(
    () => undefined,
  );
  expect(faults).toEqual([]);
}

function told(follower: TestFollower): string {
  const counts = new Map<string, number>();
  for (const vertex of follower.state.graph.vertices()) {
    if (!vertex.isPlaceholder) counts.set(vertex.type, (counts.get(vertex.type) ?? 0) + 1);
  }
  return [...counts]
    .map(([type, count]) => `${type} ${count}`)
    .sort()
    .join(', ');
}

function tell(
  follower: TestFollower,
  struck: readonly string[],
  everyone: readonly { readonly process: TestProcess }[],
): void {
  console.log(`struck: ${struck.join(', ')}`);
  console.log(`at the end: ${told(follower)}`);
  console.log(`outcomes: ${JSON.stringify([...follower.outcomes])}`);
  console.log(`entries by source: ${JSON.stringify([...follower.sources])}`);
  const failed = everyone.flatMap(({ process }) => process.log().filter(({ reason }) => reason !== undefined));
  console.log(
    `polls that failed: ${failed.length} ${[...new Set(failed.map(({ reason }) => String(reason)))].join('; ')}`,
  );
}

/** Whoever holds a state says its hash on the board; at one position there is one. */
async function allAgree(follower: TestFollower): Promise<void> {
  const compared = new Set<string>();
  await eventually(async () => {
    const byPlace = new Map<string, Set<string>>();
    for (const { report } of await follower.board()) {
      if (report.stateHash === undefined || report.position === null || report.phase !== 'ready') continue;
      const place = JSON.stringify(report.position);
      byPlace.set(place, (byPlace.get(place) ?? new Set()).add(`${report.id} ${report.stateHash}`));
    }
    for (const [place, said] of byPlace) {
      if (said.size < 2) continue;
      expect([place, new Set([...said].map((each) => each.split(' ')[1])).size]).toEqual([place, 1]);
      compared.add(place);
    }
    return compared.size > 0 ? true : undefined;
  }, 120_000);
}

async function allIsArchived(follower: TestFollower): Promise<void> {
  const end = follower.state.position;
  const { archive } = follower.ports;
  await eventually(async () => (comparePositions(await archive.cursor(), end) >= 0 ? true : undefined), 60_000);
}

const ROLES = ['listener', 'driver', 'processor', 'persister'] as const;
type Role = (typeof ROLES)[number];

describe('a cluster on a real OpenStack', () => {
  let services: Services;
  let follower: TestFollower;
  /** Two of each role: the one whose turn is next first. */
  const running = new Map<Role, TestProcess[]>();
  const everyone: { readonly role: Role; readonly process: TestProcess }[] = [];
  beforeAll(async () => {
    services = await startServices();
    follower = await TestFollower.start(services.env);
  }, SERVICES_START_MS);
  afterAll(async () => {
    await Promise.all(everyone.map(({ process }) => process.dispose()));
    await follower?.close();
    await services?.stop();
  });

  function start(role: Role): TestProcess {
    const started = startProcess([role], {
      ...services.env,
      WHEREFORE_OPENSTACK__AUTH_URL: AUTH_URL,
      WHEREFORE_OPENSTACK__USERNAME: USERNAME,
      WHEREFORE_OPENSTACK__PASSWORD: PASSWORD,
      WHEREFORE_OPENSTACK__PROJECT_NAME: PROJECT,
      WHEREFORE_LISTENER__URLS: CLOUD_BROKER,
      // The least that is allowed, to see pages.
      WHEREFORE_OPENSTACK__PAGE_ROWS: '10',
      WHEREFORE_DRIVER__INTERVAL_SECONDS: '10',
      WHEREFORE_DRIVER__LEASE_TTL_MS: '4000',
      WHEREFORE_LOG__LEVEL: 'debug',
    });
    everyone.push({ role, process: started });
    return started;
  }

  /** Ends or stops the one whose turn it is; afterwards there are two again. */
  async function strike(role: Role, isKill: boolean): Promise<void> {
    const [one, two] = running.get(role)! as [TestProcess, TestProcess];
    if (isKill) {
      one.signal('SIGKILL');
      await one.ended;
      running.set(role, [two, start(role)]);
    } else {
      one.signal('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 8_000));
      one.signal('SIGCONT');
      running.set(role, [two, one]);
    }
  }

  it('holds what it answers, while all roles are killed and stopped in turn', async () => {
    for (const role of ROLES) running.set(role, [start(role), start(role)]);
    const wanted = SOURCE_NAMES.filter((name) => !['alertmanager', 'static'].includes(name)).length;
    await eventually(() => (follower.polls.size >= wanted ? true : undefined), 180_000);
    console.log(`after the first polls: ${told(follower)}`);
    const endAt = Date.now() + MINUTES * 60_000;
    const struck: string[] = [];
    for (let turn = 0; Date.now() < endAt; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      const role = ROLES[turn % ROLES.length]!;
      const isKill = Math.floor(turn / ROLES.length) % 2 === 0;
      await strike(role, isKill);
      struck.push(`${role} ${isKill ? 'killed' : 'stopped'}`);
    }
    await becomesTrue(follower, 240_000);
    tell(follower, struck, everyone);
    expect([...follower.polls].filter(([, isComplete]) => !isComplete)).toEqual([]);
    await allAgree(follower);
    await allIsArchived(follower);
  });
});
