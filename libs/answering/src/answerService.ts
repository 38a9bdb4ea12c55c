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
  Explanation,
  GraphAnswer,
  ListedAlarm,
  Question,
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
  type Json,
  type Position,
  type Properties,
} from '@wherefore/model';
import type { Clock } from '@wherefore/ports';
import type { Answered, AnsweredMoment, SpanAnswered } from '@wherefore/runtime';
import { AlarmRows } from './alarmRows';
import { CausalTree, ordinalsOf } from './causalTree';
import { describeChanges } from './diffAnswer';
import { EntryBook } from './entryBook';
import { everCaused, type ActiveAlarm, type EverCaused } from './everCaused';
import { alarmsOn, isCalled, onlyOne } from './findAlarm';
import { IntakeTimes } from './intakeTimes';
import { failedPolls } from './lateArrivals';
import { describeEntries } from './logAnswer';
import { missingAlarm, splitPlace } from './missingAlarm';
import { beforeFirstEntry, describeMoment } from './momentOfAnswer';
import { rejectedViews } from './rejectedViews';
import type { AnswerSource, Moment } from './source';
import { PROJECT_TYPES, tenantViews } from './tenantViews';
import { EVERYTHING, isListed, mainResource, type Viewer } from './viewer';
import { alarmView, compareAlarms, compareResources, isoTime, listedResource } from './views';
import { FETCHED_ALARMS_MAX, visibleExplanation } from './visibleExplanation';
import { visibleGraph } from './visibleGraph';
import { visibleHistory, type LiveResources, type VisibleHistory } from './visibleHistory';

/** An explanation as the engine gives it, for shapes that are not ours. */
export interface ExplainedAt {
  readonly answeredAt: AnsweredAt;
  /** `undefined` when no alarm of that id was active. */
  readonly explanation: Explanation | undefined;
  /** When the entry of that number was taken in. */
  readonly timeOf: (ordinal: number) => string;
}

/** A part of the live state that an answer may be made of: nothing else of the state matters to it. */
export type LivePart =
  { readonly of: 'alarms' } | { readonly of: 'causes' } | { readonly of: 'resources'; readonly type?: string };

/** A part of the live state as it was: `AnswerService.current` gives the same token while it is so still. */
export interface LiveVersion {
  readonly part: LivePart;
  readonly token: object;
}

const ALARMS: LivePart = { of: 'alarms' };
const CAUSES: LivePart = { of: 'causes' };
const REJECTED_DEFAULT = 100;
const ALARMS_MAX_DEFAULT = 500;
const LOG_ENTRIES_DEFAULT = 1_000;

/**
 * Turns questions of people into answers, over a live follower or a stored log alike. Every answer passes
 * the viewer: what it may not see is in no list, count, tree or message.
 */
export class AnswerService implements Answers {
  constructor(
    private readonly source: AnswerSource,
    private readonly clock: Clock,
    private readonly viewer: Viewer = EVERYTHING,
    private readonly times = new IntakeTimes(source.archive),
    private readonly rows = new AlarmRows(),
  ) {}

  /** The same answers, as far as the viewer may see them. */
  seenBy(viewer: Viewer): AnswerService {
    return new AnswerService(this.source, this.clock, viewer, this.times, this.rows);
  }

  /**
   * What caused an alarm, and what else its causes brought about. Rejects `alarm-not-found`,
   * `alarm-known-later`, `alarm-ambiguous` or `before-first-entry`, each with what is nearest.
   */
  async why(question: WhyQuestion): Promise<WhyAnswer> {
    const { alarm, on, limit = ALARMS_MAX_DEFAULT } = question;
    const first = await this.ask(question, { ask: 'alarms', match: alarm });
    // Whatever is asked next is asked of the same state, also while the live one moves on.
    const moment = { position: first.moment.position };
    const candidates = alarmsOn(this.listed(first), on);
    const found = await onlyOne(candidates, alarm, this.source.archive);
    if (found === undefined) throw await this.missing(question, moment);
    const alarmId = String(found.properties['vitrage_id']);
    const seesAll = this.viewer.sees === 'everything';
    const alarmsMax = seesAll ? limit : FETCHED_ALARMS_MAX;
    const answered = await this.source.ask(moment, { ask: 'why', alarmId, alarmsMax });
    const whole = answered.answer as unknown as Explanation;
    const { explanation, toldKeys } = visibleExplanation(whole, this.viewer, limit)!;
    const book = await EntryBook.open(this.source.archive, ordinalsOf(explanation), toldKeys);
    const { asked, roots, affected } = new CausalTree(explanation, book);
    const summary = (await this.source.ask(moment, { ask: 'summary' })).answer as unknown as StateSummary;
    const answeredAt = await this.answeredAt(first, question, failedPolls(summary.polls));
    return { answeredAt, asked, roots, affected, tenants: tenantViews(affected, await this.projectsAt(moment)) };
  }

  /** Everything that stands for a project, for its name. */
  private async projectsAt(moment: Moment): Promise<readonly Properties[]> {
    const projects: Properties[] = [];
    for (const type of PROJECT_TYPES) {
      const { answer } = await this.source.ask(moment, { ask: 'resources', type });
      projects.push(...(answer as unknown as readonly Properties[]));
    }
    return projects.filter((each) => isListed(each, this.viewer));
  }

  async alarms({ match, ...moment }: AskedMoment & { readonly match?: string }): Promise<AlarmsAnswer> {
    const answered = await this.ask(moment, { ask: 'alarms', ...(match === undefined ? {} : { match }) });
    const listed = this.listed(answered);
    const timeOf = await this.timesOf(listed);
    const alarms = listed.map(({ properties, resources, bornAt }) => alarmView(properties, resources, timeOf(bornAt)));
    return { answeredAt: await this.answeredAt(answered, moment), alarms: alarms.sort(compareAlarms) };
  }

  async resources(question: AskedMoment & { readonly type?: string; readonly id?: string }): Promise<ResourcesAnswer> {
    const { answeredAt, rows } = await this.resourceRows(question);
    const attached = await this.attachedServers(parsePosition(answeredAt.position));
    const resources = rows
      .filter((properties) => properties['vitrage_is_placeholder'] !== true)
      .map((properties) => listedResource(properties, attached[String(properties['vitrage_id'])]));
    return { answeredAt, resources: resources.sort(compareResources) };
  }

  /** Which server each port is attached to; a project is told of its own servers. */
  private async attachedServers(position: Position): Promise<AttachedServers> {
    const attached = (await this.source.ask({ position }, { ask: 'servers' })).answer as unknown as AttachedServers;
    if (this.viewer.sees === 'everything') return attached;
    const { answer } = await this.source.ask({ position }, { ask: 'resources', type: 'nova.instance' });
    const servers = (answer as unknown as readonly Properties[]).filter((each) => isListed(each, this.viewer));
    const ids = new Set(servers.map(({ id }) => id));
    return Object.fromEntries(Object.entries(attached).filter(([, id]) => ids.has(id)));
  }

  async graph(moment: AskedMoment): Promise<GraphView> {
    const answered = await this.ask(moment, { ask: 'graph' });
    const { vertices, edges } = visibleGraph(answered.answer as unknown as GraphAnswer, this.viewer);
    return { answeredAt: await this.answeredAt(answered, moment), vertices, edges };
  }

  /** What `AnswerSource.aside` answers. The question has to know what the viewer may see. */
  async aside(
    moment: AskedMoment,
    question: Json,
  ): Promise<{ readonly answeredAt: AnsweredAt; readonly answer: Json; readonly bytes: readonly Uint8Array[] }> {
    const answered = await this.telling(this.source.aside(momentAsked(moment), question));
    const { answer, bytes = [] } = answered;
    return { answeredAt: await this.answeredAt(answered, moment), answer, bytes };
  }

  /** Templates are the cloud's: every tenant sees them. */
  async templates(moment: AskedMoment): Promise<TemplatesAnswer> {
    const answered = await this.ask(moment, { ask: 'templates' });
    const rows = answered.answer as unknown as readonly TemplateRow[];
    const templates = rows.map(({ id, name, type, status, statusDetails, content, addedAtMs }) => {
      return { id, name, type, status, statusDetails, addedAt: isoTime(addedAtMs), content };
    });
    return { answeredAt: await this.answeredAt(answered, moment), templates };
  }

  async rejected({ limit = REJECTED_DEFAULT }: { readonly limit?: number }): Promise<RejectedAnswer> {
    this.needEverything('what was refused');
    await this.source.historyReady();
    return { rejected: await rejectedViews(this.source, limit) };
  }

  async snapshots(): Promise<SnapshotsAnswer> {
    this.needEverything('snapshots');
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
    this.needEverything('differences between two moments');
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
      describeMoment(this.source, { moment, warnings }, atMs === undefined ? {} : { atMs }, nowMs, this.viewer, []);
    return {
      from: { ...(await at(answered.from, fromMs, [])), warnings: [] },
      to: await at(answered.to, toMs, answered.warnings),
      ...(await describeChanges(changes, filter, this.source.archive)),
    };
  }

  async log({ atMs, aroundMs, limit = LOG_ENTRIES_DEFAULT, ...filter }: LogQuestion): Promise<LogAnswer> {
    this.needEverything('entries of the log');
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

  async summary(moment: AskedMoment): Promise<SummaryAnswer> {
    this.needEverything('numbers about the whole state');
    const answered = await this.ask(moment, { ask: 'summary' });
    const {
      position: _position,
      ordinal,
      logTimeMs: _now,
      firstLogTimeMs,
      polls,
      ...numbers
    } = answered.answer as unknown as StateSummary;
    return {
      answeredAt: await this.answeredAt(answered, moment),
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
  async alarmRows(moment: AskedMoment): Promise<{
    readonly answeredAt: AnsweredAt;
    readonly rows: readonly ActiveAlarm[];
    readonly live?: LiveVersion;
  }> {
    const answered = await this.ask(moment, { ask: 'alarms' });
    const isNow = isOfNow(moment);
    const rows = await (isNow ? this.liveRows(answered) : this.describe(answered));
    const { viewer } = this;
    return {
      answeredAt: await this.answeredAt(answered, moment),
      rows:
        viewer.sees === 'everything'
          ? rows
          : rows.filter(({ properties, resource }) => isListed(properties, viewer, resource)),
      ...(isNow ? { live: { part: ALARMS, token: rows } } : {}),
    };
  }

  /**
   * What stands for a part of the live state now: the same token as long as nothing of it changed, or of who may see
   * it. Whoever sees what of it is another matter: it is the same for every viewer.
   */
  async current(part: LivePart): Promise<{ readonly token: object; readonly position: Position }> {
    if (part.of === 'alarms') {
      const answered = await this.source.ask('now', { ask: 'alarms' });
      return { token: await this.liveRows(answered), position: answered.moment.position };
    }
    // Where it is not known, what is kept is never current.
    if (part.of === 'causes') return this.source.causes?.() ?? { token: {}, position: ORIGIN };
    const type = part.type === undefined ? {} : { type: part.type };
    const { answer, moment } = await this.source.ask('now', { ask: 'resources', ...type });
    return { token: answer as object, position: moment.position };
  }

  /** What may be read of the history. */
  async history(): Promise<VisibleHistory> {
    await this.source.historyReady();
    return visibleHistory(this.source.history, this.viewer, await this.liveResources());
  }

  /** Resources with all their properties; with `id`, the one of that id or vitrage_id. */
  async resourceRows(question: AskedMoment & { readonly type?: string; readonly id?: string }): Promise<{
    readonly answeredAt: AnsweredAt;
    readonly rows: readonly Properties[];
    readonly live?: LiveVersion;
  }> {
    const { type, id } = question;
    const ofType = type === undefined ? {} : { type };
    const answered = await this.ask(question, { ask: 'resources', ...ofType, ...(id === undefined ? {} : { id }) });
    const rows = answered.answer as unknown as readonly Properties[];
    return {
      answeredAt: await this.answeredAt(answered, question),
      rows: rows.filter((properties) => isListed(properties, this.viewer)),
      ...(isOfNow(question) && id === undefined ? { live: { part: { of: 'resources', ...ofType }, token: rows } } : {}),
    };
  }

  /** The web of causes around the alarm of that id, as it was at that moment. */
  async explain({ alarmId, ...moment }: AskedMoment & { readonly alarmId: string }): Promise<ExplainedAt> {
    const answered = await this.ask(moment, { ask: 'why', alarmId, alarmsMax: FETCHED_ALARMS_MAX });
    const whole = (answered.answer ?? undefined) as unknown as Explanation | undefined;
    const seen = whole === undefined ? undefined : visibleExplanation(whole, this.viewer, FETCHED_ALARMS_MAX);
    const explanation = seen?.explanation;
    const ordinals = explanation === undefined ? [] : ordinalsOf(explanation);
    const book = await EntryBook.open(this.source.archive, ordinals);
    const answeredAt = await this.answeredAt(answered, moment);
    return { answeredAt, explanation, timeOf: (ordinal) => book.timeOf(ordinal) };
  }

  /** Whatever the alarm ever caused and was ever caused by, ended ones included. */
  async everCaused(
    alarmId: string,
  ): Promise<EverCaused & { readonly answeredAt: AnsweredAt; readonly live?: LiveVersion }> {
    const causes = this.source.causes?.();
    await this.source.historyReady();
    const answered = await this.ask({}, { ask: 'alarms', ids: [] });
    const activeOf = async (ids: readonly string[]): Promise<readonly ActiveAlarm[]> =>
      this.describe(await this.ask({}, { ask: 'alarms', ids }));
    const found = await everCaused(alarmId, activeOf, this.source.history, this.viewer, await this.liveResources());
    // Of alarms that ended, and of whose they were, the live state does not tell.
    const isOfNow = this.viewer.sees === 'everything' && found.alarms.every((alarm) => 'since' in alarm);
    return {
      ...found,
      answeredAt: await this.answeredAt(answered, {}),
      ...(isOfNow && causes !== undefined ? { live: { part: CAUSES, token: causes.token } } : {}),
    };
  }

  /** Alarms of an answer, with the time since which they are active. */
  private async describe({ answer }: Answered): Promise<readonly ActiveAlarm[]> {
    const alarms = answer as unknown as readonly ListedAlarm[];
    const timeOf = await this.timesOf(alarms);
    return alarms.map(({ properties, resources, bornAt }) => {
      return { properties, resource: mainResource(resources), since: timeOf(bornAt) };
    });
  }

  /** All alarms that are active now, whoever may see them. */
  private liveRows({ answer }: Answered): Promise<readonly ActiveAlarm[]> {
    return this.rows.of(answer as unknown as readonly ListedAlarm[], (alarms) => this.timesOf(alarms));
  }

  /** The alarms of an answer that the viewer may see, each with what it may see of their resources. */
  private listed({ answer }: Answered): readonly ListedAlarm[] {
    const alarms = answer as unknown as readonly ListedAlarm[];
    const { viewer } = this;
    if (viewer.sees === 'everything') return alarms;
    return alarms
      .filter(({ properties, resources }) => isListed(properties, viewer, mainResource(resources)))
      .map((alarm) => ({ ...alarm, resources: alarm.resources.filter((each) => isListed(each, viewer)) }));
  }

  private async ask(moment: AskedMoment, question: Question): Promise<Answered> {
    return this.telling(this.source.ask(momentAsked(moment), question));
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

  private async missing({ alarm, on, atMs, position }: WhyQuestion, moment: Moment): Promise<WhereforeError> {
    await this.source.historyReady();
    const answered = await this.source.ask(moment, { ask: 'alarms' });
    const place = on ?? splitPlace(alarm).place;
    const resources = (await this.source.ask(moment, { ask: 'resources' })).answer as unknown as readonly Properties[];
    const visible = resources.filter((resource) => isListed(resource, this.viewer));
    const isPast = atMs !== undefined || position !== undefined;
    return missingAlarm({
      asked: alarm,
      on,
      atMs: position === undefined ? (atMs ?? this.clock.nowMs()) : answered.moment.logTimeMs,
      isPast,
      active: this.listed(answered),
      places: place === undefined ? [] : visible.filter((resource) => isCalled(resource, place)),
      history: visibleHistory(this.source.history, this.viewer, await this.liveResources()),
    });
  }

  /** Whose an alarm of the past was, its resource says best; who sees everything need not know. */
  private async liveResources(): Promise<LiveResources> {
    if (this.viewer.sees === 'everything') return new Map();
    const resources = (await this.source.ask('now', { ask: 'resources' })).answer as unknown as readonly Properties[];
    return new Map(resources.map((each) => [String(each['vitrage_id']), each]));
  }

  private needEverything(what: string): void {
    if (this.viewer.sees === 'everything') return;
    throw new WhereforeError('forbidden', `${what} are shown to those who see all tenants`, {
      hint: 'Ask with a role that may see all tenants.',
    });
  }

  private timesOf(listed: readonly ListedAlarm[]): Promise<(ordinal: number) => string> {
    return this.times.of(listed.map(({ bornAt }) => bornAt));
  }

  private answeredAt(answered: Answered, moment: AskedMoment, more: readonly string[] = []): Promise<AnsweredAt> {
    return describeMoment(this.source, answered, moment, this.clock.nowMs(), this.viewer, more);
  }
}

function isOfNow({ atMs, position }: AskedMoment): boolean {
  return atMs === undefined && position === undefined;
}

function momentAsked({ atMs, position }: AskedMoment): Moment {
  const past = atMs === undefined ? 'now' : { atMs };
  return position === undefined ? past : { position: parsePosition(position) };
}
