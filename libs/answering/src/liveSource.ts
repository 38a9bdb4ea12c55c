import { setTimeout as delay } from 'node:timers/promises';
import { answerFrom, Descriptions, type EngineState, Listings, type Question } from '@wherefore/engine';
import { comparePositions, type Json, type Position } from '@wherefore/model';
import type { Archive, HistoryQueries, SnapshotReader } from '@wherefore/ports';
import type { Answered, TimeTravel } from '@wherefore/runtime';
import type { AnswerSource, Moment } from './source';

const ARCHIVE_TRIES = 100;
const ARCHIVE_PAUSE_MS = 50;

/** The parts of a running node. */
export interface LiveParts {
  /** The state of the follower, read between steps. */
  readonly state: () => EngineState;
  readonly travel: Pick<TimeTravel, 'ask' | 'span'>;
  readonly archive: Archive;
  readonly history: HistoryQueries;
  readonly snapshots: SnapshotReader;
  readonly historyReady: () => Promise<void>;
  /** That the history holds everything when `historyReady` settles, whatever it takes. */
  readonly isHistoryWhole?: boolean;
}

/** Answers about now from the live state, at once; about the past from a replay, off this thread. */
export function liveSource(parts: LiveParts): AnswerSource {
  const { archive, history, snapshots, historyReady } = parts;
  const descriptions = new Descriptions();
  const listings = new Listings(descriptions);
  const answerOf = liveAnswers(descriptions, listings);
  const ask = async (moment: Moment, question: Question): Promise<Answered> => {
    const state = parts.state();
    if (moment === 'now' || isLive(moment, state)) {
      const { position, ordinal, logTimeMs } = state;
      return { answer: answerOf(state, question), moment: { position, ordinal, logTimeMs }, replayed: 0, warnings: [] };
    }
    return parts.travel.ask(moment, { ...question });
  };
  const aside: AnswerSource['aside'] = async (moment, question) => {
    if (moment !== 'now') return parts.travel.ask(moment, question);
    const { position } = parts.state();
    await untilArchived(archive, position);
    return parts.travel.ask({ position }, question);
  };
  const span: AnswerSource['span'] = (from, to, question) => {
    // Up to the state that answers about now: entries may have been appended that it does not hold yet.
    const end = to === 'now' ? { position: parts.state().position } : to;
    return parts.travel.span(from, end, { ...question });
  };
  const source = { ask, aside, span, archive, history, snapshots, historyReady };
  if (parts.isHistoryWhole !== true) return source;
  const causes = (): { readonly token: object; readonly position: Position } => {
    const state = parts.state();
    return { token: listings.causes(state), position: state.position };
  };
  return { ...source, causes };
}

/** Answers from the live state. Whoever gets one changes nothing of it. */
function liveAnswers(descriptions: Descriptions, listings: Listings): (state: EngineState, question: Question) => Json {
  return (state, question) => {
    if (question.ask === 'alarms' && question.match === undefined && question.ids === undefined) {
      return listings.alarms(state) as unknown as Json;
    }
    if (question.ask === 'resources' && question.id === undefined) {
      return listings.resources(state, question.type) as unknown as Json;
    }
    if (question.ask === 'graph') return listings.graph(state) as unknown as Json;
    return answerFrom(state, question, descriptions);
  };
}

/** Whether the live state is the one at that moment. A time after its log time has seen nothing else. */
function isLive(moment: Exclude<Moment, 'now'>, state: EngineState): boolean {
  if ('position' in moment) return comparePositions(moment.position, state.position) === 0;
  return state.ordinal > 0 && moment.atMs >= state.logTimeMs;
}

/** Where log and archive are two things, the archive is a little behind. Gives up in silence: the question will tell. */
async function untilArchived(archive: Archive, position: Position): Promise<void> {
  for (let tries = 0; tries < ARCHIVE_TRIES; tries++) {
    if (comparePositions(await archive.cursor(), position) >= 0) return;
    await delay(ARCHIVE_PAUSE_MS);
  }
}
