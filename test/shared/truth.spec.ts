import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DATASOURCES, type PollRows, toEntityEvent } from '@wherefore/datasources';
import type { EntityEvent } from '@wherefore/model';
import { describeWithShared, PROJECT_ROOT } from '../support/shared';
import {
  type Difference,
  differences,
  eventTypeOf,
  KIND_OF,
  type RecordedAnswer,
  RecordedCloud,
  type RecordedMessage,
  readRecording,
} from './recordedCloud';

/** What Nova is configured to send. */
interface Bus {
  readonly layout: 'both' | 'versioned' | 'legacy';
  /** `notify_on_state_change = vm_and_task_state`; it is off unless an operator sets it. */
  readonly isEachChangeTold: boolean;
}

const BUSES: readonly Bus[] = [true, false].flatMap((isEachChangeTold) =>
  (['both', 'versioned', 'legacy'] as const).map((layout) => ({ layout, isEachChangeTold })),
);

type Fact = (difference: Difference, bus: Bus) => boolean;

/** Facts about the states of servers, where Nova does not tell each change of them. */
const ofServers =
  (isMeant: (difference: Difference) => boolean): Fact =>
  (difference, { isEachChangeTold }) =>
    !isEachChangeTold && difference.answer.startsWith('nova-servers') && isMeant(difference);

/**
 * What OpenStack does not tell its bus, each with the differences that it explains and no others.
 * docs/truth.md has them in words, and its table counts them.
 */
const FACTS: { readonly [fact: string]: Fact } = {
  'volume-claimed': ({ answer, field, got, want }, { layout }) =>
    layout === 'legacy' &&
    answer === 'cinder-volumes' &&
    field === 'status' &&
    ((got === 'in-use' && want === 'detaching') || (got === 'available' && want === 'reserved')),
  'state-reset': ofServers(
    ({ field, got, want, lastType }) =>
      field === 'status' && got === 'ACTIVE' && want === 'ERROR' && !/\.(start|error)$/.test(lastType),
  ),
  'build-given-up': ofServers(
    ({ field, want, ours, theirs, lastType }) =>
      lastType.endsWith('instance.create.error') &&
      ours?.['status'] === 'BUILD' &&
      theirs?.['status'] === 'ERROR' &&
      (field === 'status' || (field === 'host' && want === null)),
  ),
  'migration-failed-at-its-end': ofServers(
    ({ field, ours, theirs, lastType }) =>
      /live_migration[._]post[._]dest\.start$/.test(lastType) &&
      ours?.['status'] === 'MIGRATING' &&
      theirs?.['status'] === 'ERROR' &&
      (field === 'status' || field === 'host'),
  ),
  'rebuilding-failed': ofServers(
    ({ field, got, want, lastType }) =>
      lastType.endsWith('instance.rebuild.error') && field === 'status' && got === 'REBUILD' && want === 'ERROR',
  ),
  'no-host-found': ofServers(
    ({ field, got, lastType }) =>
      lastType.startsWith('compute_task.build_instances') && field === 'name' && got === null,
  ),
  'not-begun': ofServers(
    ({ field, want, lastType }) =>
      field === 'status' &&
      /^(MIGRATING|REBOOT|HARD_REBOOT|REBUILD|RESIZE|REVERT_RESIZE|VERIFY_RESIZE)$/.test(String(want)) &&
      !/\.(start|error)$/.test(lastType),
  ),
  renamed: ofServers(
    ({ field, got, lastType }) => field === 'name' && got !== null && !lastType.startsWith('compute_task.'),
  ),
  'volume-worked-on': ({ answer, field, got, want }, { layout }) =>
    answer === 'cinder-volumes' &&
    field === 'status' &&
    ((got === 'available' && want === 'attaching') ||
      (got === 'available' && want === 'reserved' && layout !== 'legacy') ||
      ((got === 'available' || got === 'in-use') && (want === 'retyping' || want === 'uploading'))),
  'volume-moving': ({ answer, field, got, theirs, lastType }) =>
    answer === 'cinder-volumes' &&
    field === 'entity' &&
    got === null &&
    lastType === '' &&
    JSON.stringify(theirs?.['attachments']) === '[]',
  'port-brought-up': ({ answer, field, got, want }) =>
    answer === 'neutron-ports' && field === 'status' && got === 'DOWN' && (want === 'ACTIVE' || want === 'BUILD'),
  'port-left-down': ({ answer, field, got, want }) =>
    answer === 'neutron-ports' && field === 'status' && got === 'ACTIVE' && (want === 'BUILD' || want === 'DOWN'),
  'server-leaving': ({ answer, field, got, theirs }) =>
    answer.startsWith('nova-servers') && field === 'entity' && got === null && theirs?.['status'] === 'DELETED',
  'read-too-early': ({ answer, field, lastType }) =>
    answer.startsWith('nova-servers') &&
    field === 'host' &&
    /\.(delete|shutdown|power_off)\.(start|end)$/.test(lastType),
};

/** Another recording of the same format may be named, to see how true the state is there. */
const OTHER_RECORDING = process.env['OPENSTACK_RECORDING'];

describeWithShared('the state that is reconstructed from a recorded OpenStack', (sharedDir) => {
  const recording = readRecording(OTHER_RECORDING ?? path.join(sharedDir, 'data/openstack'));
  const answers = recording.answers.filter(({ status }) => status === 200);
  const isFirst = ({ moment }: RecordedAnswer): boolean => moment === '00-empty';

  function isSent(message: RecordedMessage, { layout, isEachChangeTold }: Bus): boolean {
    if (message.received_at < answers[0]!.at) return false;
    if (message.exchange !== 'nova') return true;
    if (!isEachChangeTold && /^(compute\.)?instance\.update$/.test(eventTypeOf(message))) return false;
    return layout === 'both' || message.routing_key.startsWith('versioned') === (layout === 'versioned');
  }

  /** Tells a cloud everything in the order of time, and compares at each answer. */
  function allDifferences(bus: Bus, isPolled: (answer: RecordedAnswer) => boolean): Difference[] {
    const cloud = new RecordedCloud();
    const messages = recording.messages.filter((message) => isSent(message, bus));
    const found: Difference[] = [];
    let next = 0;
    for (const answer of answers) {
      for (; next < messages.length && messages[next]!.received_at <= answer.at; next++) cloud.tell(messages[next]!);
      if (isPolled(answer)) cloud.poll(answer);
      if (answer.name in KIND_OF) found.push(...differences(cloud, answer));
    }
    return found;
  }

  function factOf(difference: Difference, bus: Bus): string {
    const facts = Object.keys(FACTS).filter((fact) => FACTS[fact]!(difference, bus));
    return facts.length === 1 ? facts[0]! : `${facts.join(' and ') || 'unexplained'}: ${JSON.stringify(difference)}`;
  }

  it('is what was answered, from messages alone, but for what docs/truth.md counts fact by fact', () => {
    const counts = new Map<string, number[]>();
    for (const [column, bus] of BUSES.entries()) {
      for (const difference of allDifferences(bus, isFirst)) {
        const row = `\`${factOf(difference, bus)}\` | ${difference.moment}`;
        if (!counts.has(row))
          counts.set(
            row,
            BUSES.map(() => 0),
          );
        counts.get(row)![column]! += 1;
      }
    }
    expect([...counts.keys()].filter((row) => row.includes('unexplained') || row.includes(' and '))).toEqual([]);
    if (OTHER_RECORDING === undefined) expect(documentedCounts()).toEqual(Object.fromEntries(counts));
    else console.table(Object.fromEntries(counts));
  });

  it('is compared with 56 answers about servers, ports and volumes', () => {
    const compared = answers.filter(({ name }) => name in KIND_OF);
    if (OTHER_RECORDING === undefined) expect(compared).toHaveLength(14 * Object.keys(KIND_OF).length);
    else expect(compared.length).toBeGreaterThan(0);
  });

  it.each(BUSES)(
    'is what was answered right after each answer, with the answers as polls ($layout, each change told: $isEachChangeTold)',
    (bus) => {
      expect(allDifferences(bus, () => true)).toEqual([]);
    },
  );

  it('holds every row of every poll as it was answered, of all services, and no entity besides', () => {
    const cloud = new RecordedCloud();
    const polled = new Map<string, number>();
    let next = 0;
    for (const answer of answers) {
      while (next < recording.messages.length && recording.messages[next]!.received_at <= answer.at) {
        cloud.tell(recording.messages[next++]!);
      }
      for (const poll of cloud.poll(answer)) {
        expect([answer.moment, answer.name, ...faultsAfter(cloud, poll)]).toEqual([answer.moment, answer.name]);
        polled.set(poll.datasource, (polled.get(poll.datasource) ?? 0) + 1);
      }
    }
    for (const { name } of DATASOURCES) {
      if (/^(nova|neutron|cinder|heat)\./.test(name)) expect([name, polled.get(name)! >= 3]).toEqual([name, true]);
    }
  });
});

/** What does not stand in the graph as a poll that was just applied has it. */
function faultsAfter(cloud: RecordedCloud, { datasource, rows }: PollRows): string[] {
  const { graph } = cloud.state;
  const faults: string[] = [];
  for (const { key, event } of rows) {
    const meant = toEntityEvent(event) as EntityEvent;
    const vertex = graph.liveVertexByKey(key);
    // An alarm that is over, and was not known while it was not, is none.
    if (vertex === undefined && meant.action === 'delete-entity') continue;
    for (const [name, value] of Object.entries(meant.entity.properties)) {
      const got = vertex?.properties[name] ?? null;
      if (JSON.stringify(got) !== JSON.stringify(value)) faults.push(`${key} ${name}: ${JSON.stringify(got)}`);
    }
    const kinds = new Set([...meant.neighbours.map(({ entity }) => entity.type), ...(meant.without ?? [])]);
    const edges = [...(vertex?.outgoing ?? []), ...(vertex?.incoming ?? [])].flatMap(({ source, target, label }) => {
      const other = source === vertex ? target : source;
      return other.category === 'RESOURCE' && kinds.has(other.type) ? [`${other.key} ${label}`] : [];
    });
    const named = meant.neighbours.map(({ entity, label }) => `${entity.key} ${label}`);
    if (edges.sort().join() !== [...new Set(named)].sort().join()) faults.push(`${key} has edges ${edges.join()}`);
  }
  const keys = new Set(rows.map(({ key }) => key));
  for (const vertex of graph.vertices()) {
    // A zone stays until it is deleted, as in Vitrage.
    if (vertex.datasource === datasource && !keys.has(vertex.key) && datasource !== 'nova.zone') {
      faults.push(`${vertex.key} is left over`);
    }
  }
  return faults;
}

/** The table of docs/truth.md: fact and moment to its counts, one for each bus. */
function documentedCounts(): { [row: string]: number[] } {
  const text = readFileSync(path.join(PROJECT_ROOT, 'docs/truth.md'), 'utf8');
  const rows = text.matchAll(/^\| (`[a-z-]+`)\s*\| (\d\d-[a-z0-9-]+)\s*((?:\|\s*\d+\s*)+)\|$/gm);
  return Object.fromEntries(
    [...rows].map(([, fact, moment, counts]) => [`${fact} | ${moment}`, counts!.split('|').slice(1).map(Number)]),
  );
}
