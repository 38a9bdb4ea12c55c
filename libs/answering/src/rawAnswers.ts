import type { AnsweredAt, AskedMoment } from '@wherefore/contract';
import type { Explanation } from '@wherefore/engine';
import { ORIGIN, type Json, type Position, type Properties } from '@wherefore/model';
import { ordinalsOf } from './causalTree';
import { EntryBook } from './entryBook';
import { everCaused, type ActiveAlarm, type EverCaused } from './everCaused';
import { isListed } from './viewer';
import { isOfNow, momentAsked, type ViewedSource } from './viewedSource';
import { FETCHED_ALARMS_MAX, visibleExplanation } from './visibleExplanation';
import type { VisibleHistory } from './visibleHistory';

/** An explanation as the engine gives it. */
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

/** A part of the live state as it was: `RawAnswers.current` gives the same token while it is so still. */
export interface LiveVersion {
  readonly part: LivePart;
  readonly token: object;
}

const ALARMS: LivePart = { of: 'alarms' };
const CAUSES: LivePart = { of: 'causes' };

/** What shapes that are not ours are made of: alarms, resources and causes with all their properties, as one viewer may see them. */
export class RawAnswers {
  constructor(private readonly viewed: ViewedSource) {}

  /** All active alarms with all their properties. */
  async alarms(moment: AskedMoment): Promise<{
    readonly answeredAt: AnsweredAt;
    readonly rows: readonly ActiveAlarm[];
    readonly live?: LiveVersion;
  }> {
    const { viewed } = this;
    const answered = await viewed.ask(moment, { ask: 'alarms' });
    const isNow = isOfNow(moment);
    const rows = await (isNow ? viewed.liveAlarms(answered) : viewed.activeAlarms(answered));
    return {
      answeredAt: await viewed.answeredAt(answered, moment),
      rows: viewed.seesAll
        ? rows
        : rows.filter(({ properties, resource }) => isListed(properties, viewed.viewer, resource)),
      ...(isNow ? { live: { part: ALARMS, token: rows } } : {}),
    };
  }

  /** Resources with all their properties; with `id`, the one of that id or vitrage_id. */
  async resources(question: AskedMoment & { readonly type?: string; readonly id?: string }): Promise<{
    readonly answeredAt: AnsweredAt;
    readonly rows: readonly Properties[];
    readonly live?: LiveVersion;
  }> {
    const { viewed } = this;
    const { type, id } = question;
    const ofType = type === undefined ? {} : { type };
    const answered = await viewed.ask(question, { ask: 'resources', ...ofType, ...(id === undefined ? {} : { id }) });
    const rows = answered.answer as unknown as readonly Properties[];
    return {
      answeredAt: await viewed.answeredAt(answered, question),
      rows: viewed.visible(rows),
      ...(isOfNow(question) && id === undefined ? { live: { part: { of: 'resources', ...ofType }, token: rows } } : {}),
    };
  }

  /**
   * What stands for a part of the live state now: the same token as long as nothing of it changed, or of who may see
   * it. Whoever sees what of it is another matter: it is the same for every viewer.
   */
  async current(part: LivePart): Promise<{ readonly token: object; readonly position: Position }> {
    const { source } = this.viewed;
    if (part.of === 'alarms') {
      const answered = await source.ask('now', { ask: 'alarms' });
      return { token: await this.viewed.liveAlarms(answered), position: answered.moment.position };
    }
    // Where it is not known, what is kept is never current.
    if (part.of === 'causes') return source.causes?.() ?? { token: {}, position: ORIGIN };
    const type = part.type === undefined ? {} : { type: part.type };
    const { answer, moment } = await source.ask('now', { ask: 'resources', ...type });
    return { token: answer as object, position: moment.position };
  }

  /** What `AnswerSource.aside` answers. The question has to know what the viewer may see. */
  async aside(
    moment: AskedMoment,
    question: Json,
  ): Promise<{ readonly answeredAt: AnsweredAt; readonly answer: Json; readonly bytes: readonly Uint8Array[] }> {
    const { viewed } = this;
    const answered = await viewed.telling(viewed.source.aside(momentAsked(moment), question));
    const { answer, bytes = [] } = answered;
    return { answeredAt: await viewed.answeredAt(answered, moment), answer, bytes };
  }

  /** What may be read of the history. */
  history(): Promise<VisibleHistory> {
    return this.viewed.history();
  }

  /** The web of causes around the alarm of that id, as it was at that moment. */
  async explain({ alarmId, ...moment }: AskedMoment & { readonly alarmId: string }): Promise<ExplainedAt> {
    const { viewed } = this;
    const answered = await viewed.ask(moment, { ask: 'why', alarmId, alarmsMax: FETCHED_ALARMS_MAX });
    const whole = (answered.answer ?? undefined) as unknown as Explanation | undefined;
    const seen = whole === undefined ? undefined : visibleExplanation(whole, viewed.viewer, FETCHED_ALARMS_MAX);
    const explanation = seen?.explanation;
    const ordinals = explanation === undefined ? [] : ordinalsOf(explanation);
    const book = await EntryBook.open(viewed.source.archive, ordinals);
    const answeredAt = await viewed.answeredAt(answered, moment);
    return { answeredAt, explanation, timeOf: (ordinal) => book.timeOf(ordinal) };
  }

  /** Whatever the alarm ever caused and was ever caused by, ended ones included. */
  async everCaused(
    alarmId: string,
  ): Promise<EverCaused & { readonly answeredAt: AnsweredAt; readonly live?: LiveVersion }> {
    const { viewed } = this;
    const { source, viewer, seesAll } = viewed;
    const causes = source.causes?.();
    await source.historyReady();
    const answered = await viewed.ask({}, { ask: 'alarms', ids: [] });
    const activeOf = async (ids: readonly string[]): Promise<readonly ActiveAlarm[]> =>
      viewed.activeAlarms(await viewed.ask({}, { ask: 'alarms', ids }));
    const found = await everCaused(alarmId, activeOf, source.history, viewer, await viewed.liveResources());
    // Of alarms that ended, and of whose they were, the live state does not tell.
    const isLive = seesAll && found.alarms.every((alarm) => 'since' in alarm);
    return {
      ...found,
      answeredAt: await viewed.answeredAt(answered, {}),
      ...(isLive && causes !== undefined ? { live: { part: CAUSES, token: causes.token } } : {}),
    };
  }
}
