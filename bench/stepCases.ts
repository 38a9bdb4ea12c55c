import { decodeSnapshot, encodeSnapshot, initialState, step, stateHash, type EngineState } from '@wherefore/engine';
import { ENTRY_VERSION, type NewEntry, type TemplateSource } from '@wherefore/model';
import { expectEqual, type Figure, measure, median } from './measure';
import { RealCloud } from './realCloud';
import { type CloudSize, entitiesOf, EntryMill, hostAlarm, MATCHING_TEMPLATES, topologyEvents } from './workload';

const SERVERS_OF_50K = 19_000;
const SERVERS_GONE = 10_000;
const RESTORES = 7;
const RESTORE_GOAL_MS = 300;
/** A heartbeat every third of a lease of three seconds: a longer step would make a standby take over. */
const STEP_GOAL_MS = 1_000;
const RULES = 100;
const INSTANCES_PER_HOST = 20;

/** A log by hand over one state. */
class Log {
  private count = 0;
  readonly state: EngineState = initialState();

  apply(entry: NewEntry): void {
    this.count += 1;
    const { outcome } = step(this.state, { position: { epoch: 1, offset: this.count, index: 0 }, entry });
    if (outcome.kind !== 'applied') throw new Error(`entry ${entry.id}: ${JSON.stringify(outcome)}`);
  }
}

function milliseconds(name: string, value: number, peer: number): Figure {
  return { name, value, unit: 'cpu-ms', peer, ratio: peer / value };
}

/** A snapshot of 50,000 entities decoded: graph, indexes, matches, and the proof that it is what was written. */
export function restoreCase(): Figure[] {
  const cloud = new RealCloud(SERVERS_OF_50K);
  const log = new Log();
  const base = { version: ENTRY_VERSION, source: 'bench', ingestedAtMs: cloud.atMs } as const;
  log.apply({ ...base, id: 'templates', kind: 'template-add', templates: MATCHING_TEMPLATES });
  for (const entry of cloud.nextTenMinutes()) log.apply(entry);
  for (let host = 0; host < 48; host++) log.apply(cloud.hostAlarm(host, 'CPU load', 'WARNING'));
  const bytes = encodeSnapshot(log.state);
  const seconds = Array.from({ length: RESTORES }, () => {
    let restored: EngineState | undefined;
    const taken = measure(() => {
      restored = decodeSnapshot(bytes);
    });
    expectEqual('hash of what was restored', stateHash(restored!), stateHash(log.state));
    return taken;
  });
  const name = `restore of a snapshot, ${log.state.graph.vertexCount.toLocaleString('en-US')} entities`;
  return [milliseconds(name, median(seconds) * 1000, RESTORE_GOAL_MS)];
}

/** The longest single steps: what they do in one entry, they do between two heartbeats. */
export function worstStepsCase(size: CloudSize): Figure[] {
  const state = initialState();
  const mill = new EntryMill();
  const timed = (entry: Parameters<typeof step>[1], outcome = 'applied'): number => {
    let kind = '';
    const seconds = measure(() => {
      kind = step(state, entry).outcome.kind;
    });
    expectEqual('outcome', kind, outcome);
    return seconds * 1000;
  };
  for (const event of topologyEvents(size)) step(state, mill.entry(event));
  const alarms = Math.min(480, size.hosts);
  for (let host = 0; host < alarms; host++) step(state, mill.entry(hostAlarm(host, 'CPU load', 'WARNING')));
  const before = state.graph.vertexCount;
  const added = timed(mill.templates(MATCHING_TEMPLATES));
  expectEqual('alarms raised by the new templates', state.graph.vertexCount - before, alarms * INSTANCES_PER_HOST);
  const figures = [
    milliseconds(
      `step: templates added, ${alarms * INSTANCES_PER_HOST} alarms raised, ${size.name}`,
      added,
      STEP_GOAL_MS,
    ),
  ];
  const unmatched = timed(mill.templates(unmatchedTemplates(1)));
  figures.push(milliseconds(`step: a template that matches nothing added, ${size.name}`, unmatched, STEP_GOAL_MS));
  const completed = mill.emptyPoll('nagios').map((entry) => timed(entry));
  expectEqual('alarms after the poll', state.graph.vertexCount, before - alarms);
  figures.push(
    milliseconds(
      `step: a poll that clears ${alarms} alarms and ${alarms * INSTANCES_PER_HOST} deduced ones, ${size.name}`,
      completed[1]!,
      STEP_GOAL_MS,
    ),
  );
  const purged = timed(mill.lateTick());
  figures.push(milliseconds(`step: a tick that forgets their marks, ${size.name}`, purged, STEP_GOAL_MS));
  const hosts = Math.min(size.hosts, 48);
  const fallen = Array.from({ length: hosts }, (_, host) =>
    timed(mill.entry(hostAlarm(host, 'Host down', 'CRITICAL'))),
  );
  expectEqual(
    'alarms of the failed hosts',
    state.graph.vertexCount,
    before - alarms + hosts * (1 + INSTANCES_PER_HOST),
  );
  figures.push(
    milliseconds(
      `step: a host is down, ${INSTANCES_PER_HOST} alarms, links and marks, the slowest of ${hosts}, ${size.name}`,
      Math.max(...fallen),
      STEP_GOAL_MS,
    ),
  );
  return [...figures, emptiedPoll()];
}

/** Servers that a complete poll no longer finds: each is marked with its edges, in the one step that ends the poll. */
function emptiedPoll(): Figure {
  const cloud = new RealCloud(SERVERS_GONE);
  const log = new Log();
  for (const entry of cloud.nextTenMinutes()) log.apply(entry);
  const before = log.state.graph.vertexCount;
  const base = { version: ENTRY_VERSION, source: 'bench', ingestedAtMs: cloud.atMs } as const;
  const poll = { datasource: 'nova.instance', pollId: 'none left' } as const;
  log.apply({ ...base, ...poll, id: 'started', kind: 'poll-started' });
  const seconds = measure(() =>
    log.apply({ ...base, ...poll, id: 'completed', kind: 'poll-completed', rowCount: 0, rowDigest: '' }),
  );
  expectEqual('servers deleted', before - log.state.graph.vertexCount, SERVERS_GONE);
  return milliseconds(`step: a poll that deletes ${SERVERS_GONE} resources`, seconds * 1000, STEP_GOAL_MS);
}

/** Templates whose alarms nobody reports: each has a filter on every alarm of Nagios, on hosts and on instances. */
export function unmatchedTemplates(count: number): TemplateSource[] {
  return Array.from({ length: count }, (_, at) => ({
    path: `rule-${at}.yaml`,
    text: `
metadata: { version: 3, name: rule ${at}, type: standard }
entities:
  alarm: { category: ALARM, type: nagios, name: Fault ${at} }
  host: { type: nova.host }
  instance: { type: nova.instance }
scenarios:
  - condition: alarm [on] host AND host [contains] instance
    actions:
      - raise_alarm: { target: instance, alarm_name: Deduced ${at}, severity: WARNING }
`,
  }));
}

/** The same alarms with 100 templates loaded, of which two match, against those two alone. */
export function manyTemplatesCase(size: CloudSize): Figure[] {
  const rate = (templates: readonly TemplateSource[]): number => {
    const state = initialState();
    const mill = new EntryMill();
    expectEqual('templates', step(state, mill.templates(templates)).outcome.kind, 'applied');
    for (const event of topologyEvents(size)) step(state, mill.entry(event));
    const seconds: number[] = [];
    for (let round = 0; round < 6; round++) {
      for (const status of ['WARNING', 'OK']) {
        const entries = Array.from({ length: size.hosts }, (_, at) => mill.entry(hostAlarm(at, 'CPU load', status)));
        seconds.push(
          measure(() => {
            for (const entry of entries) step(state, entry);
          }),
        );
      }
      step(state, mill.tick());
    }
    expectEqual('entities, no alarm left', state.graph.vertexCount, entitiesOf(size) + 1);
    return size.hosts / median(seconds);
  };
  const few = rate(MATCHING_TEMPLATES);
  const many = rate([...MATCHING_TEMPLATES, ...unmatchedTemplates(RULES - MATCHING_TEMPLATES.length)]);
  const name = `events with ${RULES} templates loaded over 2 (${Math.round(few)} over ${Math.round(many)} per cpu-second)`;
  return [{ name, value: few / many, unit: 'times', peer: 2, ratio: 2 / (few / many) }];
}
