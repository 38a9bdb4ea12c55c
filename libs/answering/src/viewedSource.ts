import type { AnsweredAt, AskedMoment } from '@wherefore/contract';
import type { ListedAlarm, Question } from '@wherefore/engine';
import { WhereforeError, parsePosition, type Properties } from '@wherefore/model';
import type { Clock } from '@wherefore/ports';
import type { Answered } from '@wherefore/runtime';
import { AlarmRows } from './alarmRows';
import type { ActiveAlarm } from './everCaused';
import { IntakeTimes } from './intakeTimes';
import { beforeFirstEntry, describeMoment } from './momentOfAnswer';
import type { AnswerSource, Moment } from './source';
import { EVERYTHING, isListed, mainResource, type Viewer } from './viewer';
import { visibleHistory, type LiveResources, type VisibleHistory } from './visibleHistory';

/** A source of answers as one viewer sees it. What is remembered of it is shared by all its viewers. */
export class ViewedSource {
  constructor(
    readonly source: AnswerSource,
    readonly clock: Clock,
    readonly viewer: Viewer = EVERYTHING,
    private readonly times = new IntakeTimes(source.archive),
    private readonly rows = new AlarmRows(),
  ) {}

  seenBy(viewer: Viewer): ViewedSource {
    return new ViewedSource(this.source, this.clock, viewer, this.times, this.rows);
  }

  get seesAll(): boolean {
    return this.viewer.sees === 'everything';
  }

  /** Of resources or projects those that the viewer may see. */
  visible(all: readonly Properties[]): readonly Properties[] {
    return this.seesAll ? all : all.filter((each) => isListed(each, this.viewer));
  }

  /** Rejects as the source does; `before-first-entry` tells the first moment that can be asked about. */
  ask(moment: AskedMoment, question: Question): Promise<Answered> {
    return this.telling(this.source.ask(momentAsked(moment), question));
  }

  /** Adds to a failure what the first moment is that can be asked about. */
  async telling<T>(asking: Promise<T>): Promise<T> {
    try {
      return await asking;
    } catch (error) {
      if (!(error instanceof WhereforeError) || error.code !== 'before-first-entry') throw error;
      throw await beforeFirstEntry(this.source, error);
    }
  }

  /** Throws `forbidden` unless the viewer sees all tenants. */
  needEverything(what: string): void {
    if (this.seesAll) return;
    throw new WhereforeError('forbidden', `${what} are shown to those who see all tenants`, {
      hint: 'Ask with a role that may see all tenants.',
    });
  }

  /** Of which moment an answer is, and what it may lack. */
  answeredAt(
    answered: Pick<Answered, 'moment' | 'warnings'>,
    moment: AskedMoment,
    more: readonly string[] = [],
  ): Promise<AnsweredAt> {
    return describeMoment(this.source, answered, moment, this.clock.nowMs(), this.viewer, more);
  }

  /** The alarms of an answer that the viewer may see, each with what it may see of their resources. */
  listed({ answer }: Answered): readonly ListedAlarm[] {
    const alarms = answer as unknown as readonly ListedAlarm[];
    if (this.seesAll) return alarms;
    return alarms
      .filter(({ properties, resources }) => isListed(properties, this.viewer, mainResource(resources)))
      .map((alarm) => ({ ...alarm, resources: this.visible(alarm.resources) }));
  }

  /** Since when alarms are active, by the ordinal of the entry that raised each. */
  timesOf(alarms: readonly ListedAlarm[]): Promise<(ordinal: number) => string> {
    return this.times.of(alarms.map(({ bornAt }) => bornAt));
  }

  /** All alarms of an answer, whoever may see them, with the time since which they are active. */
  async activeAlarms({ answer }: Answered): Promise<readonly ActiveAlarm[]> {
    const alarms = answer as unknown as readonly ListedAlarm[];
    const timeOf = await this.timesOf(alarms);
    return alarms.map(({ properties, resources, bornAt }) => {
      return { properties, resource: mainResource(resources), since: timeOf(bornAt) };
    });
  }

  /** The same of an answer about now, sorted by that time: the same array while nothing of it changes. */
  liveAlarms({ answer }: Answered): Promise<readonly ActiveAlarm[]> {
    return this.rows.of(answer as unknown as readonly ListedAlarm[], (alarms) => this.timesOf(alarms));
  }

  /** What the viewer may read of the history. */
  async history(): Promise<VisibleHistory> {
    await this.source.historyReady();
    return visibleHistory(this.source.history, this.viewer, await this.liveResources());
  }

  /** Whose an alarm of the past was, its resource says best; who sees everything need not know. */
  async liveResources(): Promise<LiveResources> {
    if (this.seesAll) return new Map();
    const resources = (await this.source.ask('now', { ask: 'resources' })).answer as unknown as readonly Properties[];
    return new Map(resources.map((each) => [String(each['vitrage_id']), each]));
  }
}

export function isOfNow({ atMs, position }: AskedMoment): boolean {
  return atMs === undefined && position === undefined;
}

/** What a source is asked about. */
export function momentAsked({ atMs, position }: AskedMoment): Moment {
  const past = atMs === undefined ? 'now' : { atMs };
  return position === undefined ? past : { position: parsePosition(position) };
}
