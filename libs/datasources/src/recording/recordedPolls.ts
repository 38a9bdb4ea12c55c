import { ENTRY_VERSION, type Json, type NewEntry, type Rejection } from '@wherefore/model';
import { pollEntries } from '../openstack/entries';
import type { ReadingOptions } from '../openstack/readingOptions';
import { answerDatasources, fromRestAnswer, type PollRows } from '../openstack/restAnswer';
import type { RecordedAnswer } from './recordedAnswers';
import { millisecondsOf } from './recordedTime';

/** A poll of one datasource, as entries. */
export interface RecordedPoll {
  readonly datasource: string;
  readonly pollId: string;
  /** Its beginning, at the time it was asked; absent when it failed as a whole. */
  readonly started: NewEntry | undefined;
  /** Its rows and its end, at the time it was answered. */
  readonly rest: readonly NewEntry[];
  readonly isFailed: boolean;
}

/** What an answer amounts to. */
export interface RecordedPolls {
  readonly polls: readonly RecordedPoll[];
  /** Why the answer could not be read. What rows of it could not be is among the entries of the polls. */
  readonly rejected: readonly Rejection[];
}

/**
 * An answer of status 200 as polls. A poll with a row that cannot be read ends as a failed one: what its
 * rows say counts, what is missing from them does not. Never throws. O(body).
 */
export function recordedPolls(answer: RecordedAnswer, body: Json, options?: ReadingOptions): RecordedPolls {
  const read = fromRestAnswer(answer.name, body, answer.at, options);
  if ('code' in read) return failedPolls(answer, read.message, [read]);
  return { polls: read.polls.map((poll) => recordedPoll(answer, poll)), rejected: [] };
}

/** An answer that is none: an error, or a body that cannot be read. It deletes nothing. */
export function failedPolls(
  answer: RecordedAnswer,
  reason: string,
  rejected: readonly Rejection[] = [],
): RecordedPolls {
  const pollId = pollIdOf(answer);
  const polls = answerDatasources(answer.name).map((datasource) => ({
    datasource,
    pollId,
    started: undefined,
    rest: [pollFailed(datasource, pollId, reason, millisecondsOf(answer.atUs))],
    isFailed: true,
  }));
  return { polls, rejected };
}

function pollFailed(datasource: string, pollId: string, reason: string, ingestedAtMs: number): NewEntry {
  return {
    kind: 'poll-failed',
    id: `${pollId}/failed`,
    version: ENTRY_VERSION,
    source: datasource,
    ingestedAtMs,
    datasource,
    pollId,
    reason,
  };
}

function recordedPoll(answer: RecordedAnswer, poll: PollRows): RecordedPoll {
  const pollId = pollIdOf(answer);
  const [started, ...rest] = pollEntries(poll, pollId, millisecondsOf(answer.atUs));
  return {
    datasource: poll.datasource,
    pollId,
    started: { ...started!, ingestedAtMs: millisecondsOf(answer.askedUs) },
    rest,
    isFailed: rest.at(-1)?.kind === 'poll-failed',
  };
}

/** Each answer is a poll of its own, also where two microversions were asked one after the other. */
function pollIdOf({ name, at }: RecordedAnswer): string {
  return `${name}/${at}`;
}
