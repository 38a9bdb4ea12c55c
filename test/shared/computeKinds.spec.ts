import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  eventEntries,
  fromNotification,
  fromRestAnswer,
  type NotificationEnvelope,
  pollEntries,
  toEntityEvent,
} from '@wherefore/datasources';
import { initialState, step } from '@wherefore/engine';
import type { Vertex } from '@wherefore/graph';
import { ENTRY_VERSION, type Json, type JsonObject, type NewEntry } from '@wherefore/model';
import { describeWithShared } from '../support/shared';

/** An answer of the recording, as `index.json` lists it. */
interface Answer {
  readonly moment: string;
  readonly name: string;
  readonly at: string;
  readonly status: number;
  readonly body: () => JsonObject;
}

type Row = { readonly [field: string]: Json };
type Fields = { readonly [field: string]: Json };

/** How the rows of an answer are read here, without the product's own readers. */
interface Kind {
  readonly type: string;
  readonly list: string;
  readonly id: (row: Row) => string;
  /** What the entity must show. */
  readonly shows: (row: Row) => Fields;
}

const text = (value: Json | undefined) => (value === undefined ? null : value);
const enabled = (row: Row) => (row['enabled'] === true ? 'enabled' : 'disabled');
const hostsOf = (row: Row) => [...(row['hosts'] as readonly string[])].sort().join();

const SERVICES: Kind = {
  type: 'nova.service',
  list: 'services',
  id: (row) => `${row['binary'] as string}@${row['host'] as string}`,
  shows: (row) => ({
    binary: row['binary']!,
    host_id: row['host']!,
    state: row['state']!,
    zone: row['zone']!,
    disabled: row['status'] === 'disabled',
    disabled_reason: row['disabled_reason']!,
    ...('forced_down' in row ? { forced_down: row['forced_down']! } : {}),
  }),
};
const HYPERVISORS: Kind = {
  type: 'nova.hypervisor',
  list: 'hypervisors',
  id: (row) => row['hypervisor_hostname'] as string,
  shows: (row) => ({
    state: row['state']!,
    disabled: row['status'] === 'disabled',
    disabled_reason: text((row['service'] as Row)['disabled_reason']),
    host_id: (row['service'] as Row)['host']!,
    host_ip: row['host_ip']!,
    hypervisor_type: row['hypervisor_type']!,
    hypervisor_version: row['hypervisor_version']!,
    edges: `nova.host contains this ${String((row['service'] as Row)['host'])}`,
  }),
};
const KINDS: { readonly [answer: string]: Kind } = {
  'nova-services': SERVICES,
  'nova-services-v2.1': SERVICES,
  'nova-hypervisors': HYPERVISORS,
  'nova-hypervisors-v2.1': HYPERVISORS,
  'nova-aggregates': {
    type: 'nova.aggregate',
    list: 'aggregates',
    id: (row) => String(row['id']),
    shows: (row) => ({
      name: row['name']!,
      availability_zone: row['availability_zone']!,
      metadata: row['metadata']!,
      hosts: hostsOf(row),
    }),
  },
  'nova-migrations': {
    type: 'nova.migration',
    list: 'migrations',
    id: (row) => String(row['id']),
    shows: (row) => ({
      state: row['status']!,
      migration_type: row['migration_type']!,
      server_id: row['instance_uuid']!,
      source_host: row['source_compute']!,
      dest_host: row['dest_compute']!,
      edges: `attached nova.instance ${String(row['instance_uuid'])}`,
    }),
  },
  'keystone-projects': {
    type: 'keystone.project',
    list: 'projects',
    id: (row) => row['id'] as string,
    shows: (row) => ({
      name: row['name']!,
      state: enabled(row),
      project_id: row['id']!,
      parent_id: row['parent_id']!,
      edges: `keystone.domain contains this ${String(row['domain_id'])}`,
    }),
  },
  'keystone-users': {
    type: 'keystone.user',
    list: 'users',
    id: (row) => row['id'] as string,
    shows: (row) => ({
      name: row['name']!,
      state: enabled(row),
      default_project_id: text(row['default_project_id']),
      project_id: null,
    }),
  },
  'keystone-domains': {
    type: 'keystone.domain',
    list: 'domains',
    id: (row) => row['id'] as string,
    shows: (row) => ({ name: row['name']!, state: enabled(row), description: row['description']! }),
  },
  'glance-images': {
    type: 'glance.image',
    list: 'images',
    id: (row) => row['id'] as string,
    shows: (row) => ({
      name: row['name']!,
      state: row['status']!,
      project_id: row['owner']!,
      visibility: row['visibility']!,
      size: row['size']!,
      instance_id: text(row['instance_uuid']),
      image_type: text(row['image_type']),
    }),
  },
};

/** A cloud in memory that is told what was recorded. */
class ToldCloud {
  readonly state = initialState();
  private offset = 0;

  apply(entry: NewEntry): string {
    this.offset += 1;
    const { outcome } = step(this.state, { position: { epoch: 1, offset: this.offset, index: 0 }, entry });
    if (outcome.kind === 'rejected' || outcome.kind === 'failed') throw new Error(JSON.stringify(outcome));
    return outcome.kind;
  }

  /** The outcomes of a message's events; none when it is ignored. */
  tell(message: NotificationEnvelope, id?: string): string[] {
    const answer = fromNotification(message);
    if ('code' in answer) throw new Error(`${answer.code}: ${answer.message}`);
    if (!('events' in answer)) return [];
    const named = id === undefined ? answer : { ...answer, id };
    return eventEntries(named, Date.parse(message.received_at)).map((entry) => this.apply(entry));
  }

  poll(answer: Answer): void {
    for (const poll of pollsOf(answer)) {
      const pollId = `${answer.at}/${answer.name}/${poll.datasource}`;
      for (const entry of pollEntries(poll, pollId, Date.parse(answer.at))) this.apply(entry);
    }
  }

  tick(atMs: number): void {
    const base = { id: `tick ${atMs}`, version: ENTRY_VERSION, source: 'leader', ingestedAtMs: atMs } as const;
    this.apply({ ...base, kind: 'tick', atMs });
  }

  /** Every entity of a kind that was seen itself, by id. */
  entities(type: string): Map<string, Vertex> {
    const seen = [...this.state.graph.verticesOfType(type)].filter((vertex) => !vertex.isPlaceholder);
    return new Map(seen.map((vertex) => [String(vertex.properties['id']), vertex]));
  }
}

function pollsOf(answer: Answer) {
  const read = fromRestAnswer(answer.name, answer.body(), answer.at);
  if ('code' in read) throw new Error(`${answer.moment} ${answer.name}: ${read.message}`);
  return read.polls;
}

/** What the vertex shows of a field: a property, or what it hangs together with. */
function shown(vertex: Vertex, field: string): Json {
  if (field === 'hosts') {
    const hosts = vertex.outgoing.filter(({ label }) => label === 'contains').map(({ target }) => target);
    return hosts
      .map((host) => String(host.properties['id']))
      .sort()
      .join();
  }
  if (field !== 'edges') return vertex.properties[field] ?? null;
  const outgoing = vertex.outgoing.map(
    ({ label, target }) => `${label} ${target.type} ${String(target.properties['id'])}`,
  );
  const incoming = vertex.incoming.map(
    ({ label, source }) => `${source.type} ${label} this ${String(source.properties['id'])}`,
  );
  return [...outgoing, ...incoming].sort().join();
}

/** Every entity of our kinds: type, id, properties, and what it hangs together with. */
function shownOf(cloud: ToldCloud): [string, string, Fields][] {
  const types = [...new Set(Object.values(KINDS).map(({ type }) => type))];
  return types.flatMap((type) =>
    [...cloud.entities(type)]
      .map(([id, vertex]): [string, string, Fields] => {
        return [type, id, { ...vertex.properties, edges: shown(vertex, 'edges') }];
      })
      .sort(([, a], [, b]) => (a < b ? -1 : 1)),
  );
}

/** `type field` for every field in which the cloud and the answer are not the same; `type entity` when one has it. */
function differences(cloud: ToldCloud, answer: Answer): string[] {
  const kind = KINDS[answer.name]!;
  const got = cloud.entities(kind.type);
  const rows = answer.body()[kind.list] as unknown as readonly Row[];
  const want = new Map(rows.map((row) => [kind.id(row), kind.shows(row)]));
  const found: string[] = [];
  for (const id of new Set([...got.keys(), ...want.keys()])) {
    const vertex = got.get(id);
    const fields = want.get(id);
    if (vertex === undefined || fields === undefined) {
      found.push(`${kind.type} ${vertex === undefined ? 'not told' : 'still there'}`);
      continue;
    }
    for (const [field, value] of Object.entries(fields)) {
      if (JSON.stringify(shown(vertex, field)) !== JSON.stringify(value)) found.push(`${kind.type} ${field}`);
    }
  }
  return found;
}

describeWithShared('compute, identity and images of a recorded OpenStack', (sharedDir) => {
  const folder = path.join(sharedDir, 'data/openstack');
  const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
  const lines = readFileSync(path.join(folder, 'notifications.ndjson'), 'utf8').trimEnd().split('\n');
  const messages = lines.map((line) => JSON.parse(line) as NotificationEnvelope & { readonly seq: number });
  const answers: Answer[] = readdirSync(path.join(folder, 'api'))
    .flatMap((moment) => {
      const index = read(path.join(folder, 'api', moment, 'index.json')) as unknown as Answer[];
      return index
        .filter(({ name }) => name in KINDS)
        .map(({ name, at, status }) => {
          const body = read(path.join(folder, 'api', moment, `${name}.json`));
          return { moment, name, at, status, body: () => body };
        });
    })
    .sort((a, b) => (a.at < b.at ? -1 : 1));
  const first = answers.filter(({ moment }) => moment === '00-empty');

  /** Applies messages and answers by their times; `before` sees the cloud just before each answer. */
  function told(before: (cloud: ToldCloud, answer: Answer) => void, isPolled: (answer: Answer) => boolean): ToldCloud {
    const cloud = new ToldCloud();
    let next = 0;
    for (const answer of answers) {
      for (; next < messages.length && messages[next]!.received_at <= answer.at; next += 1) cloud.tell(messages[next]!);
      cloud.tick(Date.parse(answer.at));
      before(cloud, answer);
      if (isPolled(answer)) cloud.poll(answer);
    }
    for (; next < messages.length; next += 1) cloud.tell(messages[next]!);
    return cloud;
  }

  it('is there: ten answers of our kinds at each of fourteen moments, all of them good', () => {
    expect(answers.length).toBe(14 * 10);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });

  it('is read without a rejection, each row with the key that its event leads to', () => {
    for (const answer of answers) {
      const kind = KINDS[answer.name]!;
      const poll = pollsOf(answer).find(({ datasource }) => datasource === kind.type)!;
      const ids = (answer.body()[kind.list] as unknown as readonly Row[]).map(kind.id);
      expect(poll.rows.map(({ key }) => key)).toEqual(ids.map((id) => `RESOURCE:${kind.type}:${id}`));
      expect(pollsOf(answer).flatMap(({ rejected }) => rejected)).toEqual([]);
      for (const { key, event } of poll.rows) {
        const meaning = toEntityEvent(event);
        if ('code' in meaning) throw new Error(meaning.message);
        expect([meaning.entity.key, meaning.datasource]).toEqual([key, kind.type]);
      }
    }
  });

  it('is in the graph as it was answered, after every poll', () => {
    const cloud = told(
      (before, answer) => {
        before.poll(answer);
        expect([answer.moment, answer.name, differences(before, answer)]).toEqual([answer.moment, answer.name, []]);
      },
      () => false,
    );
    expect(cloud.entities('nova.service').size).toBe(6);
  });

  // What messages do not tell of our kinds, and how often an answer shows it. Nothing else differs.
  const UNTOLD: { readonly [line: string]: number } = {
    // Nova announces neither heartbeats nor their absence: a host died before 04 and came back before 07. The
    // answers at either microversion show it.
    'nova.service state': 16,
    // Nova derives a service's zone from the aggregates of its host. Adding the host to one tells of the aggregate.
    'nova.service zone': 104,
    // No message is about hypervisors: neither that their host died, nor that their service was disabled.
    'nova.hypervisor state': 6,
    'nova.hypervisor disabled': 28,
    'nova.hypervisor disabled_reason': 28,
    // No message names a migration: those of servers ask for a poll.
    'nova.migration not told': 77,
    // Keystone tells ids.
    'keystone.project name': 36,
    'keystone.project state': 36,
    'keystone.project parent_id': 36,
    'keystone.project edges': 36,
    'keystone.user name': 34,
    'keystone.user state': 34,
    'keystone.user default_project_id': 34,
  };

  it('differs from the answers, with messages alone, only by what OpenStack does not tell', () => {
    const counts: { [line: string]: number } = {};
    told(
      (cloud, answer) => {
        if (answer.moment === '00-empty') return;
        for (const line of differences(cloud, answer)) counts[line] = (counts[line] ?? 0) + 1;
      },
      (answer) => first.includes(answer),
    );
    expect(counts).toEqual(UNTOLD);
  });

  it('tells which entities there are with messages alone, but for hypervisors and migrations', () => {
    const listed = ['nova-services', 'nova-aggregates', 'keystone-projects', 'keystone-users', 'keystone-domains'];
    let compared = 0;
    told(
      (cloud, answer) => {
        const { type, list, id } = KINDS[answer.name]!;
        if (listed.includes(answer.name)) {
          const ids = (answer.body()[list] as unknown as readonly Row[]).map(id).sort();
          expect([answer.moment, [...cloud.entities(type).keys()].sort()]).toEqual([answer.moment, ids]);
          compared += 1;
        } else if (['nova.hypervisor', 'nova.migration'].includes(type)) expect(cloud.entities(type).size).toBe(0);
      },
      () => false,
    );
    expect(compared).toBe(5 * 14);
  });

  it('comes to the same in either format of Nova, and in both', () => {
    const isOlder = ({ body }: NotificationEnvelope) => !String(body).includes('nova_object.data');
    const aggregates = messages.filter(({ body }) => String(body).includes('aggregate.'));
    const hostsAt = (until: string, isTold: (message: NotificationEnvelope) => boolean) => {
      const cloud = new ToldCloud();
      for (const message of aggregates) if (message.received_at < until && isTold(message)) cloud.tell(message);
      const shownOf = ([id, vertex]: [string, Vertex]) =>
        [id, ...['name', 'availability_zone', 'hosts'].map((field) => shown(vertex, field))].join();
      return [...cloud.entities('nova.aggregate')].map(shownOf).sort();
    };
    const others = ['2,agg-az2,az-2,compute-03', '3,agg-lab,lab,compute-bad'];
    // A host is taken out of an aggregate, and put back.
    for (const [until, hosts] of [
      ['2026-11-22T00:03:48', 'compute-01,compute-02'],
      ['2026-11-22T00:03:48.4', 'compute-01'],
      ['2027', 'compute-01,compute-02'],
    ] as const) {
      const expected = [`1,agg-az1,az-1,${hosts}`, ...others];
      expect(hostsAt(until, (message) => !isOlder(message))).toEqual(expected);
      expect(hostsAt(until, isOlder)).toEqual(expected);
      expect(hostsAt(until, () => true)).toEqual(expected);
    }
  });

  it('is not changed by messages that are delivered a second time, nor by any that are late', () => {
    const once = new ToldCloud();
    const again = new ToldCloud();
    for (const [index, message] of messages.entries()) {
      const outcomes = once.tell(message);
      again.tell(message);
      expect(again.tell(message)).toEqual(outcomes.map(() => 'duplicate'));
      // Another service's copy, some messages later.
      if (index >= 7) again.tell(messages[index - 7]!, `late ${index}`);
    }
    expect(shownOf(again)).toEqual(shownOf(once));
  });

  it('is not changed by answers of the other microversion, nor by the same answers read again', () => {
    const again = told(
      (cloud, answer) => {
        cloud.poll(answer);
        const before = JSON.stringify(shownOf(cloud));
        cloud.poll({ ...answer, at: new Date(Date.parse(answer.at) + 1).toISOString() });
        const times = (text: string) => text.replaceAll(/"update_timestamp":"[^"]*"/g, '');
        expect(times(JSON.stringify(shownOf(cloud)))).toBe(times(before));
      },
      () => false,
    );
    const newer = told(
      () => undefined,
      ({ name }) => !name.endsWith('-v2.1'),
    );
    const withoutTimes = (cloud: ToldCloud) =>
      shownOf(cloud).map(([type, id, properties]) => [type, id, { ...properties, update_timestamp: null }]);
    expect(withoutTimes(again)).toEqual(withoutTimes(newer));
  });
});
