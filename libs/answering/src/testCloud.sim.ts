import { answerQuestion, type EngineState, type Question, readSpan, type SpanQuestion } from '@wherefore/engine';
import { ENTRY_VERSION, type Json, type JsonObject, type NewEntry } from '@wherefore/model';
import { MemoryEventLog, MemoryHistory, MemorySnapshotStore } from '@wherefore/ports';
import {
  Follower,
  HistoryProjector,
  Replayer,
  engineMachine,
  spanFrom,
  type Answered,
  type ReadSpan,
  type SpanAnswered,
  type Target,
} from '@wherefore/runtime';
import { AnswerService } from './answerService';
import { liveSource } from './liveSource';
import { storeSource } from './storeSource';

const TEMPLATE = `
metadata: {version: 3, name: power, type: standard, description: a host without power}
entities:
  power: {category: ALARM, type: zabbix, name: Power supply failure}
  down: {category: ALARM, type: vitrage, name: Host down}
  host: {category: RESOURCE, type: nova.host}
  instance: {category: RESOURCE, type: nova.instance}
scenarios:
  - condition: power [ on ] host
    actions:
      - raise_alarm: {target: host, alarm_name: Host down, severity: critical, causing_alarm: power}
  - condition: down [ on ] host AND host [ contains ] instance
    actions:
      - raise_alarm: {target: instance, alarm_name: Unreachable, severity: warning, causing_alarm: down}
`;

/** Minutes after five in the afternoon, in UTC. */
export function minute(minutes: number): number {
  return Date.parse('2026-11-21T17:00:00.000Z') + minutes * 60_000;
}

/** A text of that minute, as sources write times. */
export function sampled(minutes: number): string {
  return `${new Date(minute(minutes)).toISOString().slice(0, 19)}Z`;
}

/** A cloud in memory: two instances on `compute-1`, one on `compute-2`, and a template. */
export class TestCloud {
  readonly log = new MemoryEventLog();
  readonly history = new MemoryHistory();
  readonly snapshots = new MemorySnapshotStore();
  nowMs = minute(0);
  private readonly follower = new Follower(this.log, engineMachine, engineMachine.initialState());
  private readonly stopping = new AbortController();
  private projector: HistoryProjector | undefined;
  private running: Promise<void> = Promise.resolve();
  private count = 0;

  static async start(): Promise<TestCloud> {
    const cloud = new TestCloud();
    cloud.projector = await HistoryProjector.open(cloud.history, 1);
    cloud.follower.subscribe(cloud.projector.accept);
    cloud.running = cloud.follower.run(cloud.stopping.signal);
    await cloud.append({ kind: 'template-add', templates: [{ path: 'power.yaml', text: TEMPLATE }] });
    for (const host of ['compute-1', 'compute-2']) {
      await cloud.event({ vitrage_entity_type: 'nova.host', host, zone: 'nova' });
    }
    for (const [id, host] of [
      ['vm-a', 'compute-1'],
      ['vm-b', 'compute-1'],
      ['vm-c', 'compute-2'],
    ] as const) {
      await cloud.event({
        vitrage_entity_type: 'nova.instance',
        'id': id,
        'name': `name of ${id}`,
        'status': 'ACTIVE',
        'OS-EXT-SRV-ATTR:host': host,
      });
    }
    return cloud;
  }

  /** Takes in an event now; the sample is of now unless it says otherwise. */
  event(event: JsonObject): Promise<void> {
    return this.append({
      kind: 'event',
      event: {
        vitrage_datasource_action: 'update',
        vitrage_sample_date: `${new Date(this.nowMs).toISOString().slice(0, 19)}Z`,
        ...event,
      },
    });
  }

  /** A trigger of Zabbix on a host: raised with value 1, cleared with 0. */
  power(host: string, value: 0 | 1, more: JsonObject = {}): Promise<void> {
    return this.event({
      vitrage_entity_type: 'zabbix',
      vitrage_event_type: value === 1 ? 'zabbix.alarm.problem' : 'zabbix.alarm.ok',
      description: 'Power supply failure',
      triggerid: '17',
      priority: '4',
      status: '0',
      value: String(value),
      resource_type: 'nova.host',
      resource_name: host,
      ...more,
    });
  }

  async append(entry: Pick<NewEntry, 'kind'> & JsonLike): Promise<void> {
    this.count += 1;
    const base = { id: `e${this.count}`, version: ENTRY_VERSION, source: 'test', ingestedAtMs: this.nowMs };
    const full = { ...base, ...entry } as unknown as NewEntry;
    await this.log.append([full]);
    await this.follower.waitForEntry(full);
  }

  /** Answers from the live state, and from replays about the past. */
  live(): AnswerService {
    const { log, history, snapshots } = this;
    const source = liveSource({
      state: () => this.follower.state,
      travel: {
        ask: (target, question) => this.replay(target, question as unknown as Question),
        span: (from, to, question) => this.span(from, to, question),
      },
      archive: log,
      history,
      snapshots,
      historyReady: () => this.projector!.flush(),
    });
    return AnswerService.over(source, { nowMs: () => this.nowMs });
  }

  /** Answers from what is stored alone. */
  async stored(): Promise<AnswerService> {
    await this.projector!.flush();
    const { log, history, snapshots } = this;
    const host = {
      answer: (target: Target, question: unknown) => this.replay(target, question as Question),
      span: (from: Target, to: Target, question: Json) => this.span(from, to, question),
    };
    return AnswerService.over(storeSource({ host, archive: log, history, snapshots }), { nowMs: () => this.nowMs });
  }

  async stop(): Promise<void> {
    await this.projector!.close();
    this.stopping.abort();
    await this.running;
  }

  private async span(from: Target, to: Target, question: Json): Promise<SpanAnswered> {
    const replayer = new Replayer<EngineState>(engineMachine, { archive: this.log, snapshots: this.snapshots });
    const { state } = await replayer.materialise(from);
    const read: ReadSpan<EngineState> = (before, asked) => readSpan(before, asked as unknown as SpanQuestion);
    return { ...(await spanFrom(replayer, state, { to, readSpan: read, question })), warnings: [] };
  }

  private async replay(target: Target, question: Question): Promise<Answered> {
    const replayer = new Replayer<EngineState>(engineMachine, { archive: this.log, snapshots: this.snapshots });
    const { state, replayed } = await replayer.materialise(target);
    const { position, ordinal, logTimeMs } = state;
    return {
      answer: answerQuestion(state, question),
      moment: { position, ordinal, logTimeMs },
      replayed,
      warnings: [],
    };
  }
}

interface JsonLike {
  readonly [name: string]: unknown;
}
