import type {
  AlarmsAnswer,
  AnsweredAt,
  Answers,
  AskedMoment,
  DiffAnswer,
  DiffQuestion,
  GraphView,
  LogAnswer,
  LogQuestion,
  RejectedAnswer,
  ResourcesAnswer,
  SnapshotsAnswer,
  SummaryAnswer,
  TemplatesAnswer,
  WhyAnswer,
  WhyQuestion,
} from '@wherefore/contract';
import type {
  AttachedServers,
  GraphAnswer,
  SpanChanges,
  SpanEntries,
  StateSummary,
  TemplateRow,
} from '@wherefore/engine';
import {
  ORIGIN,
  WhereforeError,
  formatPosition,
  parsePosition,
  type Position,
  type Properties,
} from '@wherefore/model';
import type { Clock } from '@wherefore/ports';
import type { AnsweredMoment, SpanAnswered } from '@wherefore/runtime';
import { describeChanges } from './diffAnswer';
import { describeEntries } from './logAnswer';
import { beforeFirstEntry } from './momentOfAnswer';
import { RawAnswers } from './rawAnswers';
import { rejectedViews } from './rejectedViews';
import type { AnswerSource } from './source';
import { ViewedSource } from './viewedSource';
import type { Viewer } from './viewer';
import { alarmView, compareAlarms, compareResources, isoTime, listedResource } from './views';
import { visibleGraph } from './visibleGraph';
import { answerWhy } from './whyAnswer';

const REJECTED_DEFAULT = 100;
const LOG_ENTRIES_DEFAULT = 1_000;

/**
 * Turns questions of people into answers, over a live follower or a stored log alike. Every answer passes
 * the viewer: what it may not see is in no list, count, tree or message.
 */
export class AnswerService implements Answers {
  /** The same for shapes that are not ours. */
  readonly raw: RawAnswers;

  private readonly source: AnswerSource;

  private constructor(private readonly viewed: ViewedSource) {
    this.source = viewed.source;
    this.raw = new RawAnswers(viewed);
  }

  /** For whoever may see everything. */
  static over(source: AnswerSource, clock: Clock): AnswerService {
    return new AnswerService(new ViewedSource(source, clock));
  }

  /** The same answers, as far as the viewer may see them. */
  seenBy(viewer: Viewer): AnswerService {
    return new AnswerService(this.viewed.seenBy(viewer));
  }

  /**
   * What caused an alarm, and what else its causes brought about. Rejects `alarm-not-found`,
   * `alarm-known-later`, `alarm-ambiguous` or `before-first-entry`, each with what is nearest.
   */
  why(question: WhyQuestion): Promise<WhyAnswer> {
    return answerWhy(this.viewed, question);
  }

  async alarms({ match, ...moment }: AskedMoment & { readonly match?: string }): Promise<AlarmsAnswer> {
    const answered = await this.viewed.ask(moment, { ask: 'alarms', ...(match === undefined ? {} : { match }) });
    const listed = this.viewed.listed(answered);
    const timeOf = await this.viewed.timesOf(listed);
    const alarms = listed.map(({ properties, resources, bornAt }) => alarmView(properties, resources, timeOf(bornAt)));
    return { answeredAt: await this.viewed.answeredAt(answered, moment), alarms: alarms.sort(compareAlarms) };
  }

  async resources(question: AskedMoment & { readonly type?: string; readonly id?: string }): Promise<ResourcesAnswer> {
    const { answeredAt, rows } = await this.raw.resources(question);
    const attached = await this.attachedServers(parsePosition(answeredAt.position));
    const resources = rows
      .filter((properties) => properties['vitrage_is_placeholder'] !== true)
      .map((properties) => listedResource(properties, attached[String(properties['vitrage_id'])]));
    return { answeredAt, resources: resources.sort(compareResources) };
  }

  /** Which server each port is attached to; a project is told of its own servers. */
  private async attachedServers(position: Position): Promise<AttachedServers> {
    const attached = (await this.source.ask({ position }, { ask: 'servers' })).answer as unknown as AttachedServers;
    if (this.viewed.seesAll) return attached;
    const { answer } = await this.source.ask({ position }, { ask: 'resources', type: 'nova.instance' });
    const ids = new Set(this.viewed.visible(answer as unknown as readonly Properties[]).map(({ id }) => id));
    return Object.fromEntries(Object.entries(attached).filter(([, id]) => ids.has(id)));
  }

  async graph(moment: AskedMoment): Promise<GraphView> {
    const answered = await this.viewed.ask(moment, { ask: 'graph' });
    const { vertices, edges } = visibleGraph(answered.answer as unknown as GraphAnswer, this.viewed.viewer);
    return { answeredAt: await this.viewed.answeredAt(answered, moment), vertices, edges };
  }

  /** Templates are the cloud's: every tenant sees them. */
  async templates(moment: AskedMoment): Promise<TemplatesAnswer> {
    const answered = await this.viewed.ask(moment, { ask: 'templates' });
    const rows = answered.answer as unknown as readonly TemplateRow[];
    const templates = rows.map(({ id, name, type, status, statusDetails, content, addedAtMs }) => {
      return { id, name, type, status, statusDetails, addedAt: isoTime(addedAtMs), content };
    });
    return { answeredAt: await this.viewed.answeredAt(answered, moment), templates };
  }

  async rejected({ limit = REJECTED_DEFAULT }: { readonly limit?: number }): Promise<RejectedAnswer> {
    this.viewed.needEverything('what was refused');
    await this.source.historyReady();
    return { rejected: await rejectedViews(this.source, limit) };
  }

  async snapshots(): Promise<SnapshotsAnswer> {
    this.viewed.needEverything('snapshots');
    const headers = await this.source.snapshots.list();
    const snapshots = headers.map(({ position, ordinal, logTimeMs, createdAtMs, byteCount, behaviour, stateHash }) => ({
      position: formatPosition(position),
      ordinal,
      knownAt: isoTime(logTimeMs),
      createdAt: isoTime(createdAtMs),
      byteCount,
      behaviour,
      stateHash,
    }));
    return { snapshots };
  }

  async diff({ fromMs, toMs, ...filter }: DiffQuestion): Promise<DiffAnswer> {
    this.viewed.needEverything('differences between two moments');
    if (toMs !== undefined && toMs < fromMs) {
      throw new WhereforeError('bad-request', `${isoTime(toMs)} lies before ${isoTime(fromMs)}`, {
        hint: 'A difference is told from the earlier moment to the later one.',
      });
    }
    const to = toMs === undefined ? 'now' : { atMs: toMs };
    const answered = await this.viewed.telling(this.source.span({ atMs: fromMs }, to, { ask: 'changes' }));
    const changes = answered.answer as unknown as SpanChanges;
    const at = (moment: AnsweredMoment, atMs: number | undefined, warnings: readonly string[]): Promise<AnsweredAt> =>
      this.viewed.answeredAt({ moment, warnings }, atMs === undefined ? {} : { atMs });
    return {
      from: { ...(await at(answered.from, fromMs, [])), warnings: [] },
      to: await at(answered.to, toMs, answered.warnings),
      ...(await describeChanges(changes, filter, this.source.archive)),
    };
  }

  async log({ atMs, aroundMs, limit = LOG_ENTRIES_DEFAULT, ...filter }: LogQuestion): Promise<LogAnswer> {
    this.viewed.needEverything('entries of the log');
    const fromMs = Math.max(0, atMs - aroundMs);
    const toMs = atMs + aroundMs;
    const question = { ask: 'entries', middleMs: atMs, limit, ...filter } as const;
    const span = (from: { readonly atMs: number } | { readonly position: Position }): Promise<SpanAnswered> =>
      this.source.span(from, { atMs: toMs }, question);
    const answered = await span({ atMs: fromMs - 1 }).catch((error: unknown) => {
      if (!(error instanceof WhereforeError) || error.code !== 'before-first-entry') throw error;
      // The span may begin before the first entry, if it does not end there, too.
      return span({ position: ORIGIN });
    });
    if (answered.to.ordinal === 0) {
      const cause = new WhereforeError('before-first-entry', `nothing is known of ${isoTime(toMs)} or before`);
      throw await beforeFirstEntry(this.source, cause);
    }
    const { entries, omittedBefore, omittedAfter } = answered.answer as unknown as SpanEntries;
    const nowMs = this.viewed.clock.nowMs();
    const ahead = atMs > nowMs ? [`${isoTime(atMs)} is still to come: this is what is known now`] : [];
    return {
      at: isoTime(atMs),
      from: isoTime(fromMs),
      to: isoTime(toMs),
      entries: await describeEntries(entries, this.source.archive),
      omittedBefore,
      omittedAfter,
      warnings: [...ahead, ...answered.warnings],
    };
  }

  async summary(moment: AskedMoment): Promise<SummaryAnswer> {
    this.viewed.needEverything('numbers about the whole state');
    const answered = await this.viewed.ask(moment, { ask: 'summary' });
    const {
      position: _position,
      ordinal,
      logTimeMs: _now,
      firstLogTimeMs,
      polls,
      ...numbers
    } = answered.answer as unknown as StateSummary;
    return {
      answeredAt: await this.viewed.answeredAt(answered, moment),
      ...(ordinal === 0 ? {} : { firstAt: isoTime(firstLogTimeMs) }),
      ...numbers,
      polls: polls.map(({ datasource, ok, detail, atMs: polledMs }) => ({
        datasource,
        ok,
        detail,
        at: isoTime(polledMs),
      })),
    };
  }
}
