import type {
  AlarmsAnswer,
  AnsweredAt,
  Answers,
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
  Explanation,
  GraphAnswer,
  ListedAlarm,
  Question,
  SpanChanges,
  SpanEntries,
  StateSummary,
  TemplateRow,
} from '@wherefore/engine';
import { ORIGIN, WhereforeError, formatPosition, type Position, type Properties } from '@wherefore/model';
import type { Clock } from '@wherefore/ports';
import type { Answered, AnsweredMoment, SpanAnswered } from '@wherefore/runtime';
import { CausalTree, ordinalsOf } from './causalTree';
import { describeChanges } from './diffAnswer';
import { EntryBook } from './entryBook';
import { alarmsOn, isCalled, onlyOne } from './findAlarm';
import { failedPolls } from './lateArrivals';
import { describeEntries } from './logAnswer';
import { missingAlarm, splitPlace } from './missingAlarm';
import { beforeFirstEntry, describeMoment } from './momentOfAnswer';
import { rejectedViews } from './rejectedViews';
import type { AnswerSource, Moment } from './source';
import { PROJECT_TYPES, tenantViews } from './tenantViews';
import { alarmView, compareAlarms, compareResources, isoTime, listedResource } from './views';

/** An alarm with all its properties, and since when it is active: for shapes that are not ours. */
export interface AlarmRow {
  readonly properties: Properties;
  readonly since: string;
}

/** An explanation as the engine gives it, for shapes that are not ours. */
export interface ExplainedAt {
  readonly answeredAt: AnsweredAt;
  /** `undefined` when no alarm of that id was active. */
  readonly explanation: Explanation | undefined;
  /** When the entry of that number was taken in. */
  readonly timeOf: (ordinal: number) => string;
}

const REJECTED_DEFAULT = 100;
const LOG_ENTRIES_DEFAULT = 1_000;

/** Turns questions of people into answers, over a live follower or a stored log alike. */
export class AnswerService implements Answers {
  constructor(
    readonly source: AnswerSource,
    private readonly clock: Clock,
  ) {}

  /**
   * What caused an alarm, and what else its causes brought about. Rejects `alarm-not-found`,
   * `alarm-known-later`, `alarm-ambiguous` or `before-first-entry`, each with what is nearest.
   */
  async why(question: WhyQuestion): Promise<WhyAnswer> {
    const { alarm, on, atMs, limit } = question;
    const first = await this.ask(atMs, { ask: 'alarms', match: alarm });
    // Whatever is asked next is asked of the same state, also while the live one moves on.
    const moment = { position: first.moment.position };
    const candidates = alarmsOn(first.answer as unknown as readonly ListedAlarm[], on);
    const found = await onlyOne(candidates, alarm, this.source.archive);
    if (found === undefined) throw await this.missing(question, moment);
    const alarmId = String(found.properties['vitrage_id']);
    const answered = await this.source.ask(moment, {
      ask: 'why',
      alarmId,
      ...(limit === undefined ? {} : { alarmsMax: limit }),
    });
    const explanation = answered.answer as unknown as Explanation;
    const book = await EntryBook.open(this.source.archive, ordinalsOf(explanation));
    const { asked, roots, affected } = new CausalTree(explanation, book);
    const summary = (await this.source.ask(moment, { ask: 'summary' })).answer as unknown as StateSummary;
    const answeredAt = await this.answeredAt(first, atMs, failedPolls(summary.polls));
    return { answeredAt, asked, roots, affected, tenants: tenantViews(affected, await this.projectsAt(moment)) };
  }

  /** Everything that stands for a project, for its name. */
  private async projectsAt(moment: Moment): Promise<readonly Properties[]> {
    const projects: Properties[] = [];
    for (const type of PROJECT_TYPES) {
      const { answer } = await this.source.ask(moment, { ask: 'resources', type });
      projects.push(...(answer as unknown as readonly Properties[]));
    }
    return projects;
  }

  async alarms({ atMs, match }: { readonly atMs?: number; readonly match?: string }): Promise<AlarmsAnswer> {
    const answered = await this.ask(atMs, { ask: 'alarms', ...(match === undefined ? {} : { match }) });
    const listed = answered.answer as unknown as readonly ListedAlarm[];
    const book = await this.bookOf(listed);
    const alarms = listed.map(({ properties, resources, bornAt }) =>
      alarmView(properties, resources, book.timeOf(bornAt)),
    );
    return { answeredAt: await this.answeredAt(answered, atMs), alarms: alarms.sort(compareAlarms) };
  }

  async resources(question: {
    readonly atMs?: number;
    readonly type?: string;
    readonly id?: string;
  }): Promise<ResourcesAnswer> {
    const { atMs, ...filter } = question;
    const answered = await this.ask(atMs, { ask: 'resources', ...filter });
    const rows = answered.answer as unknown as readonly Properties[];
    const { position } = answered.moment;
    const attached = (await this.source.ask({ position }, { ask: 'servers' })).answer as unknown as AttachedServers;
    const resources = rows
      .filter((properties) => properties['vitrage_is_placeholder'] !== true)
      .map((properties) => listedResource(properties, attached[String(properties['vitrage_id'])]));
    return { answeredAt: await this.answeredAt(answered, atMs), resources: resources.sort(compareResources) };
  }

  async graph({ atMs }: { readonly atMs?: number }): Promise<GraphView> {
    const answered = await this.ask(atMs, { ask: 'graph' });
    const { vertices, edges } = answered.answer as unknown as GraphAnswer;
    return { answeredAt: await this.answeredAt(answered, atMs), vertices, edges };
  }

  async templates({ atMs }: { readonly atMs?: number }): Promise<TemplatesAnswer> {
    const answered = await this.ask(atMs, { ask: 'templates' });
    const rows = answered.answer as unknown as readonly TemplateRow[];
    const templates = rows.map(({ id, name, type, status, statusDetails, content, addedAtMs }) => {
      return { id, name, type, status, statusDetails, addedAt: isoTime(addedAtMs), content };
    });
    return { answeredAt: await this.answeredAt(answered, atMs), templates };
  }

  async rejected({ limit = REJECTED_DEFAULT }: { readonly limit?: number }): Promise<RejectedAnswer> {
    await this.source.historyReady();
    return { rejected: await rejectedViews(this.source, limit) };
  }

  async snapshots(): Promise<SnapshotsAnswer> {
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
    if (toMs !== undefined && toMs < fromMs) {
      throw new WhereforeError('bad-request', `${isoTime(toMs)} lies before ${isoTime(fromMs)}`, {
        hint: 'A difference is told from the earlier moment to the later one.',
      });
    }
    const to = toMs === undefined ? 'now' : { atMs: toMs };
    const answered = await this.telling(this.source.span({ atMs: fromMs }, to, { ask: 'changes' }));
    const changes = answered.answer as unknown as SpanChanges;
    const nowMs = this.clock.nowMs();
    const at = (moment: AnsweredMoment, atMs: number | undefined, warnings: readonly string[]): Promise<AnsweredAt> =>
      describeMoment(this.source, { moment, warnings }, atMs, nowMs, []);
    return {
      from: { ...(await at(answered.from, fromMs, [])), warnings: [] },
      to: await at(answered.to, toMs, answered.warnings),
      ...(await describeChanges(changes, filter, this.source.archive)),
    };
  }

  async log({ atMs, aroundMs, limit = LOG_ENTRIES_DEFAULT, ...filter }: LogQuestion): Promise<LogAnswer> {
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
    const nowMs = this.clock.nowMs();
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

  async summary({ atMs }: { readonly atMs?: number }): Promise<SummaryAnswer> {
    const answered = await this.ask(atMs, { ask: 'summary' });
    const {
      position: _position,
      ordinal,
      logTimeMs: _now,
      firstLogTimeMs,
      polls,
      ...numbers
    } = answered.answer as unknown as StateSummary;
    return {
      answeredAt: await this.answeredAt(answered, atMs),
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

  /** All active alarms with all their properties. */
  async alarmRows({ atMs }: { readonly atMs?: number }): Promise<{
    readonly answeredAt: AnsweredAt;
    readonly rows: readonly AlarmRow[];
  }> {
    const answered = await this.ask(atMs, { ask: 'alarms' });
    const listed = answered.answer as unknown as readonly ListedAlarm[];
    const book = await this.bookOf(listed);
    const rows = listed.map(({ properties, bornAt }) => ({ properties, since: book.timeOf(bornAt) }));
    return { answeredAt: await this.answeredAt(answered, atMs), rows };
  }

  /** Resources with all their properties; with `id`, the one of that id or vitrage_id. */
  async resourceRows(question: { readonly atMs?: number; readonly type?: string; readonly id?: string }): Promise<{
    readonly answeredAt: AnsweredAt;
    readonly rows: readonly Properties[];
  }> {
    const { atMs, ...filter } = question;
    const answered = await this.ask(atMs, { ask: 'resources', ...filter });
    const rows = answered.answer as unknown as readonly Properties[];
    return { answeredAt: await this.answeredAt(answered, atMs), rows };
  }

  /** The web of causes around the alarm of that id. */
  async explain({ alarmId, atMs }: { readonly alarmId: string; readonly atMs?: number }): Promise<ExplainedAt> {
    const answered = await this.ask(atMs, { ask: 'why', alarmId });
    const explanation = (answered.answer ?? undefined) as unknown as Explanation | undefined;
    const ordinals = explanation === undefined ? [] : ordinalsOf(explanation);
    const book = await EntryBook.open(this.source.archive, ordinals);
    const answeredAt = await this.answeredAt(answered, atMs);
    return { answeredAt, explanation, timeOf: (ordinal) => book.timeOf(ordinal) };
  }

  private ask(atMs: number | undefined, question: Question): Promise<Answered> {
    return this.telling(this.source.ask(atMs === undefined ? 'now' : { atMs }, question));
  }

  /** Adds to a failure what the first moment is that can be asked about. */
  private async telling<T>(asking: Promise<T>): Promise<T> {
    try {
      return await asking;
    } catch (error) {
      if (!(error instanceof WhereforeError) || error.code !== 'before-first-entry') throw error;
      throw await beforeFirstEntry(this.source, error);
    }
  }

  private async missing({ alarm, on, atMs }: WhyQuestion, moment: Moment): Promise<WhereforeError> {
    await this.source.historyReady();
    const active = (await this.source.ask(moment, { ask: 'alarms' })).answer as unknown as readonly ListedAlarm[];
    const place = on ?? splitPlace(alarm).place;
    const resources = (await this.source.ask(moment, { ask: 'resources' })).answer as unknown as readonly Properties[];
    return missingAlarm({
      asked: alarm,
      on,
      atMs: atMs ?? this.clock.nowMs(),
      isPast: atMs !== undefined,
      active,
      places: place === undefined ? [] : resources.filter((resource) => isCalled(resource, place)),
      history: this.source.history,
    });
  }

  private bookOf(listed: readonly ListedAlarm[]): Promise<EntryBook> {
    return EntryBook.open(
      this.source.archive,
      listed.map(({ bornAt }) => bornAt),
    );
  }

  private answeredAt(answered: Answered, atMs: number | undefined, more: readonly string[] = []): Promise<AnsweredAt> {
    return describeMoment(this.source, answered, atMs, this.clock.nowMs(), more);
  }
}
