import type { WhyAnswer, WhyQuestion } from '@wherefore/contract';
import type { Explanation, StateSummary } from '@wherefore/engine';
import type { Properties, WhereforeError } from '@wherefore/model';
import { CausalTree, ordinalsOf } from './causalTree';
import { EntryBook } from './entryBook';
import { alarmsOn, isCalled, onlyOne } from './findAlarm';
import { failedPolls } from './lateArrivals';
import { missingAlarm, splitPlace } from './missingAlarm';
import type { Moment } from './source';
import { PROJECT_TYPES, tenantViews } from './tenantViews';
import type { ViewedSource } from './viewedSource';
import { FETCHED_ALARMS_MAX, visibleExplanation } from './visibleExplanation';

const ALARMS_MAX_DEFAULT = 500;

/** See `AnswerService.why`. */
export async function answerWhy(viewed: ViewedSource, question: WhyQuestion): Promise<WhyAnswer> {
  const { source, viewer, seesAll } = viewed;
  const { alarm, on, limit = ALARMS_MAX_DEFAULT } = question;
  const first = await viewed.ask(question, { ask: 'alarms', match: alarm });
  // Whatever is asked next is asked of the same state, also while the live one moves on.
  const moment = { position: first.moment.position };
  const candidates = alarmsOn(viewed.listed(first), on);
  const found = await onlyOne(candidates, alarm, source.archive);
  if (found === undefined) throw await missing(viewed, question, moment);
  const alarmId = String(found.properties['vitrage_id']);
  const alarmsMax = seesAll ? limit : FETCHED_ALARMS_MAX;
  const answered = await source.ask(moment, { ask: 'why', alarmId, alarmsMax });
  const whole = answered.answer as unknown as Explanation;
  const { explanation, toldKeys } = visibleExplanation(whole, viewer, limit)!;
  const book = await EntryBook.open(source.archive, ordinalsOf(explanation), toldKeys);
  const { asked, roots, affected } = new CausalTree(explanation, book);
  const summary = (await source.ask(moment, { ask: 'summary' })).answer as unknown as StateSummary;
  const answeredAt = await viewed.answeredAt(first, question, failedPolls(summary.polls));
  return { answeredAt, asked, roots, affected, tenants: tenantViews(affected, await projectsAt(viewed, moment)) };
}

/** Everything that stands for a project, for its name. */
async function projectsAt(viewed: ViewedSource, moment: Moment): Promise<readonly Properties[]> {
  const projects: Properties[] = [];
  for (const type of PROJECT_TYPES) {
    const { answer } = await viewed.source.ask(moment, { ask: 'resources', type });
    projects.push(...(answer as unknown as readonly Properties[]));
  }
  return viewed.visible(projects);
}

/** What is nearest to an alarm that was not active at that moment. */
async function missing(viewed: ViewedSource, question: WhyQuestion, moment: Moment): Promise<WhereforeError> {
  const { source, clock } = viewed;
  const { alarm, on, atMs, position } = question;
  const history = await viewed.history();
  const answered = await source.ask(moment, { ask: 'alarms' });
  const place = on ?? splitPlace(alarm).place;
  const resources = (await source.ask(moment, { ask: 'resources' })).answer as unknown as readonly Properties[];
  return missingAlarm({
    asked: alarm,
    on,
    atMs: position === undefined ? (atMs ?? clock.nowMs()) : answered.moment.logTimeMs,
    isPast: atMs !== undefined || position !== undefined,
    active: viewed.listed(answered),
    places: place === undefined ? [] : viewed.visible(resources).filter((resource) => isCalled(resource, place)),
    history,
  });
}
