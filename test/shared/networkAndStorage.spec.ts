import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { answerQuestion, type EngineState, initialState, step } from '@wherefore/engine';
import type { Json, JsonObject, NewEntry, Properties } from '@wherefore/model';
import {
  eventEntries,
  fromNotification,
  fromRestAnswer,
  type NotificationEnvelope,
  pollEntries,
  type PollRows,
  type ReadingOptions,
} from '@wherefore/datasources';
import { describeWithShared } from '../support/shared';

/** One recorded answer, as the `index.json` of its moment lists it. */
interface Answer {
  readonly moment: string;
  readonly name: string;
  readonly at: string;
  readonly body: Json;
}

const NETWORK_ANSWERS = [
  'neutron-networks',
  'neutron-subnets',
  'neutron-routers',
  'neutron-ports',
  'neutron-floatingips',
  'neutron-agents',
];

const STORAGE_ANSWERS = ['cinder-volumes', 'cinder-snapshots', 'cinder-attachments', 'cinder-services', 'cinder-pools'];

const readJson = (file: string): Json => JSON.parse(readFileSync(file, 'utf8')) as Json;

function readMessages(folder: string): NotificationEnvelope[] {
  const lines = readFileSync(path.join(folder, 'notifications.ndjson'), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as NotificationEnvelope);
}

/** The successful answers with one of the names, by the time at which they were given. */
function readAnswers(folder: string, names: readonly string[]): Answer[] {
  const answers: Answer[] = [];
  for (const moment of readdirSync(path.join(folder, 'api'))) {
    const index = readJson(path.join(folder, 'api', moment, 'index.json')) as { [field: string]: Json }[];
    for (const { name, status, at } of index) {
      if (status !== 200 || !names.includes(String(name))) continue;
      const body = readJson(path.join(folder, 'api', moment, `${String(name)}.json`));
      answers.push({ moment, name: String(name), at: String(at), body });
    }
  }
  return answers.sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** An engine that is fed with what was recorded, in its order. */
class RecordedCloud {
  readonly state: EngineState = initialState();
  private offset = 0;
  private nextMessage = 0;

  constructor(
    private readonly messages: readonly NotificationEnvelope[],
    private readonly options?: ReadingOptions,
  ) {}

  append(entries: readonly NewEntry[]): void {
    for (const entry of entries) {
      this.offset += 1;
      const { outcome } = step(this.state, { position: { epoch: 1, offset: this.offset, index: 0 }, entry });
      if (outcome.kind === 'rejected' || outcome.kind === 'failed') throw new Error(JSON.stringify([outcome, entry]));
    }
  }

  /** All messages that had arrived by then. */
  hear(until: string): void {
    for (; this.nextMessage < this.messages.length; this.nextMessage += 1) {
      const message = this.messages[this.nextMessage]!;
      if (message.received_at > until) return;
      this.hearOne(message);
    }
  }

  hearOne(message: NotificationEnvelope, idOfDelivery?: string): void {
    const answer = fromNotification(message, this.options);
    if (!('events' in answer)) return;
    const told = idOfDelivery === undefined ? answer : { ...answer, id: idOfDelivery };
    this.append(eventEntries(told, Date.parse(message.received_at)));
  }

  poll(answer: Answer, pollId = `${answer.moment}/${answer.name}`): void {
    for (const rows of this.rowsOf(answer)) {
      this.append(pollEntries(rows, `${pollId}/${rows.datasource}`, Date.parse(answer.at)));
    }
  }

  rowsOf({ name, body, at }: Answer): readonly PollRows[] {
    const read = fromRestAnswer(name, body, at, this.options);
    if ('code' in read) throw new Error(JSON.stringify(read));
    for (const { rejected } of read.polls) expect(rejected).toEqual([]);
    return read.polls;
  }

  /** What is known of the entities of a type that were seen themselves: properties by id. */
  entities(type: string): Map<string, Properties> {
    const answer = answerQuestion(this.state, { ask: 'resources', type }) as readonly Properties[];
    const seen = answer.filter(({ vitrage_is_placeholder }) => vitrage_is_placeholder !== true);
    return new Map(seen.map((properties) => [String(properties['id']), properties]));
  }

  /** Edges as text, `type:id -label-> type:id`, sorted; those that touch the type. */
  edges(type: string): string[] {
    const { vertices, edges } = answerQuestion(this.state, { ask: 'graph' }) as {
      vertices: readonly Properties[];
      edges: readonly { source: number; target: number; label: string }[];
    };
    const nameOf = (index: number) => `${String(vertices[index]!['vitrage_type'])}:${String(vertices[index]!['id'])}`;
    return edges
      .map(({ source, target, label }) => `${nameOf(source)} -${label}-> ${nameOf(target)}`)
      .filter((text) => text.includes(`${type}:`))
      .sort();
  }
}

/** The properties of a type that messages and answers both tell. */
const TOLD: { readonly [type: string]: readonly string[] } = {
  'neutron.network': ['id', 'name', 'state', 'project_id'],
  'neutron.subnet': ['id', 'name', 'project_id', 'cidr', 'gateway_ip', 'ip_version', 'enable_dhcp'],
  'neutron.router': ['id', 'name', 'state', 'project_id', 'admin_state_up', 'external_ips'],
  // Of its port's state and addresses, router.interface.create says nothing.
  'neutron.router_interface': ['id', 'project_id'],
  // Its state is left to polls: a message says DOWN of one that is not up yet.
  'neutron.floatingip': ['id', 'name', 'project_id', 'floating_ip_address', 'fixed_ip_address'],
  'cinder.snapshot': ['id', 'name', 'state', 'project_id', 'size'],
  'heat.stack': ['id', 'name', 'state', 'project_id'],
  'aodh': ['id', 'name', 'state', 'severity'],
};

/** What messages told by then, beside what an answer said: of each datasource, properties and edges. */
function compare(told: RecordedCloud, answer: Answer): void {
  const polled = new RecordedCloud([]);
  polled.poll(answer);
  for (const { datasource } of polled.rowsOf(answer)) {
    const properties = TOLD[datasource];
    if (properties === undefined) continue;
    const pick = (cloud: RecordedCloud) =>
      [...cloud.entities(datasource).values()]
        .map((entity) => properties.map((name) => entity[name] ?? null))
        .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
    expect([answer.moment, datasource, pick(told)]).toEqual([answer.moment, datasource, pick(polled)]);
    expect(told.edges(datasource).filter(isItsOwn(datasource))).toEqual(
      polled.edges(datasource).filter(isItsOwn(datasource)),
    );
  }
}

/** Whether an edge is one that the entities of the type themselves tell of. */
function isItsOwn(type: string): (edge: string) => boolean {
  return (edge) =>
    edge.includes(`-contains-> ${type}:`) || (edge.startsWith(`${type}:`) && edge.includes('-attached->'));
}

describeWithShared('the network side of a recorded OpenStack', (sharedDir) => {
  const folder = path.join(sharedDir, 'data/openstack');
  const messages = readMessages(folder);
  const answers = readAnswers(folder, NETWORK_ANSWERS);

  it('answered at fourteen moments', () => {
    expect(answers.length).toBe(14 * NETWORK_ANSWERS.length);
  });

  it('is told by messages as the APIs answered, whenever they did', () => {
    const told = new RecordedCloud(messages);
    for (const answer of answers) {
      told.hear(answer.at);
      compare(told, answer);
    }
  });

  it('tells of an agent that fell silent in nothing but the polls, and of its host', () => {
    const cloud = new RecordedCloud(messages);
    const stories: string[] = [];
    for (const answer of answers) {
      if (answer.name !== 'neutron-agents') continue;
      cloud.poll(answer);
      const down = [...cloud.entities('neutron.agent').values()].filter(({ state }) => state === 'down');
      for (const { id, host_id, vitrage_operational_state } of down) {
        stories.push(`${answer.moment} ${String(host_id)} ${String(vitrage_operational_state)}`);
        expect(cloud.edges('neutron.agent')).toContain(
          `nova.host:${String(host_id)} -contains-> neutron.agent:${String(id)}`,
        );
      }
    }
    expect(cloud.entities('neutron.agent').size).toBe(4);
    expect(stories).toEqual([
      '04-host-down compute-03 ERROR',
      '05-forced-down compute-03 ERROR',
      '06-evacuated compute-03 ERROR',
      '13-agent-down compute-01 ERROR',
    ]);
    const unheard = new RecordedCloud(messages);
    unheard.hear('2027');
    expect(unheard.entities('neutron.agent').size).toBe(0);
  });

  it('shows what lies behind a router', () => {
    const cloud = new RecordedCloud(messages);
    for (const answer of answers) {
      if (answer.moment > '01-steady') continue;
      cloud.hear(answer.at);
      cloud.poll(answer);
    }
    const idOf = (type: string, name: string) =>
      [...cloud.entities(type).values()].find((entity) => entity['name'] === name)!['id'] as string;
    const router = idOf('neutron.router', 'shop-router');
    const [attached] = cloud
      .edges('neutron.router_interface')
      .filter((edge) => edge.endsWith(`neutron.router:${router}`));
    const port = attached!.split(' ')[0]!;
    expect(cloud.edges('neutron.router_interface').filter((edge) => edge.endsWith(port))).toEqual([
      `neutron.network:${idOf('neutron.network', 'shop-net')} -contains-> ${port}`,
      `neutron.subnet:${idOf('neutron.subnet', 'shop-subnet')} -contains-> ${port}`,
    ]);
    expect(cloud.edges('neutron.router')).toContain(
      `neutron.router:${router} -attached-> neutron.network:${idOf('neutron.network', 'public')}`,
    );
  });

  it('has ports of servers, unless all are asked for', () => {
    const last = answers.filter(({ moment }) => moment === '01-steady');
    const portsAt = (options?: ReadingOptions) => {
      const cloud = new RecordedCloud(messages, options);
      cloud.hear(last.at(-1)!.at);
      for (const answer of last) cloud.poll(answer);
      return cloud;
    };
    const recorded = (last.find(({ name }) => name === 'neutron-ports')!.body as { ports: JsonObject[] }).ports;
    const ids = (ports: readonly JsonObject[]) => ports.map(({ id }) => String(id)).sort();
    const ofServers = recorded.filter(({ device_owner }) => String(device_owner).startsWith('compute:'));
    expect([...portsAt().entities('neutron.port').keys()].sort()).toEqual(ids(ofServers));
    const everything = portsAt({ portOwners: 'all' });
    expect([...everything.entities('neutron.port').keys()].sort()).toEqual(ids(recorded));
    expect(ofServers.length).toBeLessThan(recorded.length);
    expect(everything.edges('neutron.port').filter((edge) => edge.includes('-attached-> neutron.router:')).length).toBe(
      6,
    );
  });

  it('changes nothing when it is told twice, late, or by a poll beside the messages', () => {
    const cloud = new RecordedCloud(messages);
    for (const answer of answers) {
      cloud.hear(answer.at);
      cloud.poll(answer);
    }
    cloud.hear('2027');
    const types = [...Object.keys(TOLD), 'neutron.port', 'neutron.agent'];
    const known = () => types.map((type) => [type, [...cloud.entities(type)], cloud.edges(type)]);
    const before = known();
    // A second delivery has the id of the first; the same content under another id is merely late.
    for (const message of messages) cloud.hearOne(message);
    expect(known()).toEqual(before);
    messages.forEach((message, index) => cloud.hearOne(message, `late-${index}`));
    expect(known()).toEqual(before);
  });

  it('makes rows that stay equal from poll to poll while nothing that matters changes', () => {
    const reader = new RecordedCloud([]);
    for (const name of NETWORK_ANSWERS) {
      const [at04, at05] = ['04-host-down', '05-forced-down'].map((moment) =>
        reader
          .rowsOf(answers.find((answer) => answer.moment === moment && answer.name === name)!)
          .map(({ rows }) => rows.map(({ key, event: { vitrage_sample_date: _, ...event } }) => ({ key, event }))),
      );
      expect(at04).toEqual(at05);
    }
  });
});

describeWithShared('the storage side of a recorded OpenStack', (sharedDir) => {
  const folder = path.join(sharedDir, 'data/openstack');
  const messages = readMessages(folder);
  const answers = readAnswers(folder, STORAGE_ANSWERS);
  const inMoment = (moment: string, name: string) =>
    answers.find((answer) => answer.moment === moment && answer.name === name)!;

  it('answered at fourteen moments, and its attachments are edges of its volumes', () => {
    expect(answers.length).toBe(14 * STORAGE_ANSWERS.length);
    for (const answer of answers) {
      if (answer.name !== 'cinder-attachments') continue;
      const cloud = new RecordedCloud([]);
      expect(cloud.rowsOf(answer)).toEqual([]);
      cloud.poll(inMoment(answer.moment, 'cinder-volumes'));
      const held = (answer.body as { attachments: JsonObject[] }).attachments
        .filter(({ status }) => status === 'attached')
        .map(
          ({ volume_id, instance }) =>
            `cinder.volume:${String(volume_id)} -attached-> nova.instance:${String(instance)}`,
        );
      expect(cloud.edges('cinder.volume').filter((edge) => edge.includes('-attached->'))).toEqual(
        [...new Set(held)].sort(),
      );
    }
  });

  it('is told by messages as the APIs answered: the snapshots, and the backend of each volume', () => {
    const told = new RecordedCloud(messages);
    for (const answer of answers) {
      told.hear(answer.at);
      compare(told, answer);
      if (answer.name !== 'cinder-volumes') continue;
      const polled = new RecordedCloud([]);
      polled.poll(answer);
      const placed = (cloud: RecordedCloud) =>
        cloud.edges('cinder.backend').filter((edge) => edge.includes('-contains-> cinder.volume:'));
      expect([answer.moment, placed(told)]).toEqual([answer.moment, placed(polled)]);
    }
  });

  it('tells of backends that are down in nothing but the polls, with the volumes in them', () => {
    const cloud = new RecordedCloud(messages);
    const down: string[] = [];
    for (const answer of answers) {
      cloud.hear(answer.at);
      cloud.poll(answer);
      if (answer.name !== 'cinder-services') continue;
      for (const { id, vitrage_operational_state } of cloud.entities('cinder.backend').values()) {
        if (vitrage_operational_state !== 'ERROR') continue;
        const volumes = cloud
          .edges('cinder.backend')
          .filter((edge) => edge.startsWith(`cinder.backend:${String(id)} -contains-> cinder.volume:`));
        down.push(`${answer.moment} ${String(id)}: ${volumes.length} volumes`);
      }
    }
    expect(down).toEqual([
      '11-storage-down storage-01@ceph-a: 6 volumes',
      '11-storage-down storage-01@lvm-b: 1 volumes',
    ]);
    expect(cloud.edges('cinder.backend')).toContain(
      'cinder.backend:storage-01@ceph-a -managed_by-> cinder.service:cinder-volume@storage-01@ceph-a',
    );
    expect([...cloud.entities('cinder.pool').keys()].sort()).toEqual([
      'storage-01@ceph-a#ceph-a',
      'storage-01@lvm-b#lvm-b',
    ]);
  });

  it('tells that a volume is offered to another project, and taken by it', () => {
    const cloud = new RecordedCloud(messages);
    const states: string[] = [];
    for (const message of messages) {
      cloud.hearOne(message);
      const answer = fromNotification(message);
      if (!('events' in answer) || !String(answer.events[0]!['vitrage_event_type']).startsWith('volume.transfer.'))
        continue;
      const { state, project_id } = cloud.entities('cinder.volume').get(String(answer.events[0]!['volume_id']))!;
      states.push(
        `${String(answer.events[0]!['vitrage_event_type'])} ${String(state)} ${String(project_id).slice(0, 4)}`,
      );
    }
    expect(states).toEqual([
      'volume.transfer.create.start available ea45',
      'volume.transfer.create.end awaiting-transfer ea45',
      'volume.transfer.accept.start awaiting-transfer ea45',
      'volume.transfer.accept.end available 1ded',
    ]);
  });

  it('changes nothing when it is told twice, late, or by a poll beside the messages', () => {
    const cloud = new RecordedCloud(messages);
    for (const answer of answers) {
      cloud.hear(answer.at);
      cloud.poll(answer);
    }
    cloud.hear('2027');
    const types = ['cinder.volume', 'cinder.snapshot', 'cinder.service', 'cinder.backend', 'cinder.pool'];
    const known = () => types.map((type) => [type, [...cloud.entities(type)], cloud.edges(type)]);
    const before = known();
    for (const message of messages) cloud.hearOne(message);
    messages.forEach((message, index) => cloud.hearOne(message, `late-${index}`));
    expect(known()).toEqual(before);
  });

  it('makes rows that stay equal from poll to poll while nothing that matters changes', () => {
    const reader = new RecordedCloud([]);
    for (const name of STORAGE_ANSWERS) {
      const [at04, at05] = ['04-host-down', '05-forced-down'].map((moment) =>
        reader
          .rowsOf(inMoment(moment, name))
          .map(({ rows }) => rows.map(({ key, event: { vitrage_sample_date: _, ...event } }) => ({ key, event }))),
      );
      expect(at04).toEqual(at05);
    }
  });
});

describeWithShared('the stacks and alarms of a recorded OpenStack', (sharedDir) => {
  const folder = path.join(sharedDir, 'data/openstack');
  const messages = readMessages(folder);
  const answers = readAnswers(folder, ['heat-stacks', 'aodh-alarms']);

  it('are told by messages as the APIs answered, whenever they did', () => {
    // The other moments hold the answer to a wrong query.
    expect(answers.map(({ moment, name }) => `${name} ${moment}`)).toEqual(
      ['11-storage-down', '12-storage-back', '13-agent-down', '08-heat'].flatMap((moment) => [
        `heat-stacks ${moment}`,
        `aodh-alarms ${moment}`,
      ]),
    );
    const told = new RecordedCloud(messages);
    for (const answer of answers) {
      told.hear(answer.at);
      compare(told, answer);
    }
    told.hear('2027');
    expect(told.entities('heat.stack').size).toBe(0);
  });

  it('show the states of a stack as they followed one another, with its failures', () => {
    const cloud = new RecordedCloud(messages);
    const states = new Map<string, string[]>();
    for (const message of messages) {
      cloud.hearOne(message);
      for (const [id, { name, state }] of cloud.entities('heat.stack')) {
        const seen = states.get(`${String(name)} ${id.slice(0, 4)}`) ?? [];
        states.set(`${String(name)} ${id.slice(0, 4)}`, seen);
        if (seen.at(-1) !== state) seen.push(String(state));
      }
    }
    expect(states.get('shopstack ce87')).toEqual([
      ...['CREATE_IN_PROGRESS', 'CREATE_COMPLETE', 'CHECK_IN_PROGRESS', 'CHECK_COMPLETE', 'SUSPEND_IN_PROGRESS'],
      ...['SUSPEND_COMPLETE', 'RESUME_IN_PROGRESS', 'RESUME_COMPLETE', 'DELETE_IN_PROGRESS'],
    ]);
    expect(states.get('badstack 9a8b')!.slice(0, 2)).toEqual(['CREATE_IN_PROGRESS', 'CREATE_FAILED']);
    expect(states.get('badstack 9a8b')!.at(-1)).toBe('DELETE_IN_PROGRESS');
  });

  it('comprise what the stack was made of, where the driver asked for it', () => {
    const heat = answers.find(({ moment, name }) => moment === '08-heat' && name === 'heat-stacks')!;
    const stacks = (heat.body as { stacks: { [field: string]: Json }[] }).stacks.map((stack) => {
      const file = path.join(folder, 'api/08-heat', `heat-resources-${String(stack['stack_name'])}.json`);
      return { ...stack, resources: (readJson(file) as { [field: string]: Json })['resources']! };
    });
    const cloud = new RecordedCloud([]);
    cloud.poll({ ...heat, body: { stacks } as unknown as Json });
    const parts = cloud.edges('heat.stack').map((edge) => edge.replace(/:\S+/g, ''));
    expect(parts.sort()).toEqual([
      ...['heat.stack -comprised-> cinder.volume', 'heat.stack -comprised-> neutron.network'],
      ...['heat.stack -comprised-> neutron.port', 'heat.stack -comprised-> neutron.subnet'],
      ...['heat.stack -comprised-> nova.instance', 'heat.stack -comprised-> nova.instance'],
    ]);
  });
});
