import { decodeSnapshot, encodeSnapshot, initialState, step, stateHash, type EngineState } from '@wherefore/engine';
import { ENTRY_VERSION, type LogEntry, type NewEntry, type TemplateSource } from '@wherefore/model';
import { BEST_ROUND, costFigures, expectEqual, type Figure, measure, median, Rounds } from './measure';
import { RealCloud } from './realCloud';
import { type CloudSize, entitiesOf, EntryMill, hostAlarm, MATCHING_TEMPLATES, topologyEvents } from './workload';

const SERVERS_OF_50K = 19_000;
const SERVERS_GONE = 10_000;
const RESTORES = { least: 7, most: 25 };
const STEP_ROUNDS = { least: 3, most: 7 };
const TEMPLATE_ROUNDS = { least: 6, most: 25, seconds: 6 };
const RESTORE_GOAL_MS = 300;
/** A heartbeat every third of a lease of three seconds: a longer step would make a standby take over. */
const STEP_GOAL_MS = 1_000;
const RULES = 100;
const RULES_GOAL = 2;
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

/** A step that a server takes once in days: its first round counts, before its code is compiled, and the best stands beside. */
function rareStep(name: string, seconds: readonly number[]): Figure[] {
  const [, best] = costFigures(name, seconds.map(inMs), 'cpu-ms', null);
  const value = inMs(seconds[0]!);
  return [{ name, value, unit: 'cpu-ms', peer: STEP_GOAL_MS, ratio: STEP_GOAL_MS / value }, best!];
}

function inMs(seconds: number): number {
  return seconds * 1000;
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
  const hash = stateHash(log.state);
  const seconds: number[] = [];
  const rounds = new Rounds(RESTORES);
  while (rounds.next()) {
    let restored: EngineState | undefined;
    const taken = measure(() => {
      restored = decodeSnapshot(bytes);
    });
    expectEqual('hash of what was restored', stateHash(restored!), hash);
    seconds.push(taken);
  }
  const name = `restore of a snapshot, ${log.state.graph.vertexCount.toLocaleString('en-US')} entities`;
  return costFigures(name, seconds.map(inMs), 'cpu-ms', RESTORE_GOAL_MS);
}

/**
 * The longest single steps: what they do in one entry, they do between two heartbeats. Each round ends with the templates
 * deleted and every alarm gone, as it began.
 */
export function worstStepsCase(size: CloudSize): Figure[] {
  const cloud = new SteppedCloud(size);
  const alarms = Math.min(480, size.hosts);
  const fallen = Math.min(size.hosts, 48);
  const deduced = alarms * INSTANCES_PER_HOST;
  const seconds: { readonly [step in keyof ReturnType<SteppedCloud['round']>]: number[] } = {
    added: [],
    unmatched: [],
    completed: [],
    purged: [],
    down: [],
  };
  const rounds = new Rounds(STEP_ROUNDS);
  while (rounds.next()) {
    for (const [step, taken] of Object.entries(cloud.round(alarms, fallen)))
      seconds[step as keyof typeof seconds].push(taken);
  }
  const figures = (name: string, taken: readonly number[]): Figure[] => rareStep(`step: ${name}, ${size.name}`, taken);
  return [
    ...figures(`templates added, ${deduced} alarms raised`, seconds.added),
    ...figures('a template that matches nothing added', seconds.unmatched),
    ...figures(`a poll that clears ${alarms} alarms and ${deduced} deduced ones`, seconds.completed),
    ...figures('a tick that forgets their marks', seconds.purged),
    ...figures(`a host is down, ${INSTANCES_PER_HOST} alarms, links and marks, the slowest of ${fallen}`, seconds.down),
    ...emptiedPolls(),
  ];
}

/** A cloud whose steps are timed, one by one. */
class SteppedCloud {
  private readonly state = initialState();
  private readonly mill = new EntryMill();
  private readonly entities: number;

  constructor(size: CloudSize) {
    for (const event of topologyEvents(size)) this.timed(this.mill.entry(event));
    this.entities = this.state.graph.vertexCount;
  }

  /** Seconds of each kind of step; of `down`, of the slowest. */
  round(alarms: number, fallen: number) {
    const { mill } = this;
    const change = (service: string, status: string, hosts: number): number[] =>
      Array.from({ length: hosts }, (_, host) => this.timed(mill.entry(hostAlarm(host, service, status))));
    change('CPU load', 'WARNING', alarms);
    const added = this.timed(mill.templates(MATCHING_TEMPLATES));
    this.expectAlarms('alarms raised by the new templates', alarms * (1 + INSTANCES_PER_HOST));
    const unmatched = this.timed(mill.templates(unmatchedTemplates(1)));
    const [, completed] = mill.emptyPoll('nagios').map((entry) => this.timed(entry));
    this.expectAlarms('alarms after the poll', 0);
    const purged = this.timed(mill.lateTick());
    const down = Math.max(...change('Host down', 'CRITICAL', fallen));
    this.expectAlarms('alarms of the failed hosts', fallen * (1 + INSTANCES_PER_HOST));
    change('Host down', 'OK', fallen);
    this.timed(mill.withoutTemplates(['degraded', 'down', 'rule 0']));
    this.timed(mill.lateTick());
    this.expectAlarms('alarms after the round', 0);
    return { added, unmatched, completed: completed!, purged, down };
  }

  private timed(entry: LogEntry): number {
    let kind = '';
    const seconds = measure(() => {
      kind = step(this.state, entry).outcome.kind;
    });
    expectEqual('outcome', kind, 'applied');
    return seconds;
  }

  private expectAlarms(what: string, count: number): void {
    expectEqual(what, this.state.graph.vertexCount - this.entities, count);
  }
}

/** Servers that a complete poll no longer finds: each is marked with its edges, in the one step that ends the poll. */
function emptiedPolls(): Figure[] {
  const seconds: number[] = [];
  const rounds = new Rounds(STEP_ROUNDS);
  while (rounds.next()) seconds.push(emptiedPoll());
  return rareStep(`step: a poll that deletes ${SERVERS_GONE} resources`, seconds);
}

function emptiedPoll(): number {
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
  return seconds;
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
  const few = alarmSeconds(size, MATCHING_TEMPLATES);
  const many = alarmSeconds(size, [...MATCHING_TEMPLATES, ...unmatchedTemplates(RULES - MATCHING_TEMPLATES.length)]);
  const compared = (over: number, under: number, round: string): Pick<Figure, 'name' | 'value' | 'unit'> => {
    const [from, to] = [Math.round(size.hosts / under), Math.round(size.hosts / over)];
    const name = `events with ${RULES} templates loaded over 2 (${from} over ${to} per cpu-second)${round}`;
    return { name, value: over / under, unit: 'times' };
  };
  const middle = compared(median(many), median(few), '');
  return [
    { ...middle, peer: RULES_GOAL, ratio: RULES_GOAL / middle.value },
    { ...compared(Math.min(...many), Math.min(...few), BEST_ROUND), peer: null, ratio: null },
  ];
}

/** Seconds of each round, in which one alarm a host is raised and cleared: half of them, for each is one event. */
function alarmSeconds(size: CloudSize, templates: readonly TemplateSource[]): number[] {
  const state = initialState();
  const mill = new EntryMill();
  expectEqual('templates', step(state, mill.templates(templates)).outcome.kind, 'applied');
  for (const event of topologyEvents(size)) step(state, mill.entry(event));
  const seconds: number[] = [];
  const rounds = new Rounds(TEMPLATE_ROUNDS);
  while (rounds.next()) {
    let taken = 0;
    for (const status of ['WARNING', 'OK']) {
      const entries = Array.from({ length: size.hosts }, (_, at) => mill.entry(hostAlarm(at, 'CPU load', status)));
      taken += measure(() => {
        for (const entry of entries) step(state, entry);
      });
    }
    seconds.push(taken / 2);
    step(state, mill.tick());
  }
  expectEqual('entities, no alarm left', state.graph.vertexCount, entitiesOf(size) + 1);
  return seconds;
}
