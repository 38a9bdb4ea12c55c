import { ENTRY_VERSION, type Json, type NewEntry, type Rejection } from '@wherefore/model';
import { pollEntries } from '../openstack/entries';
import { answerDatasources, fromRestAnswer, type PollRow, type PollRows } from '../openstack/restAnswer';
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
  /** Why the answer, or rows of it, could not be read. */
  readonly rejected: readonly Rejection[];
}

const MICROVERSION = /-v\d+(\.\d+)*$/;

/**
 * The kind of answer that a recorded name stands for: `nova-servers-v2.1` is `nova-servers`, asked for
 * in another microversion. Undefined for what nobody reads, such as `nova-flavors`.
 */
export function answerKind(name: string): string | undefined {
  const kind = [name, name.replace(MICROVERSION, '')].find((each) => answerDatasources(each).length > 0);
  return kind;
}

/**
 * An answer of status 200 as polls. A poll with a row that cannot be read ends as a failed one: what its
 * rows say counts, what is missing from them does not. Never throws. O(body).
 */
export function recordedPolls(answer: RecordedAnswer, kind: string, body: Json): RecordedPolls {
  const read = fromRestAnswer(kind, body, answer.at);
  if ('code' in read) return failedPolls(answer, kind, read.message, [read]);
  return {
    polls: read.polls.map((poll) => recordedPoll(answer, poll)),
    rejected: read.polls.flatMap(({ rejected }) => rejected),
  };
}

/** An answer that is none: an error, or a body that cannot be read. It deletes nothing. */
export function failedPolls(
  answer: RecordedAnswer,
  kind: string,
  reason: string,
  rejected: readonly Rejection[] = [],
): RecordedPolls {
  const pollId = pollIdOf(answer);
  const polls = answerDatasources(kind).map((datasource) => ({
    datasource,
    pollId,
    started: undefined,
    rest: [pollFailed(datasource, pollId, reason, millisecondsOf(answer.atUs))],
    isFailed: true,
  }));
  return { polls, rejected };
}

/** The end of a poll that must not delete anything. */
export function pollFailed(datasource: string, pollId: string, reason: string, ingestedAtMs: number): NewEntry {
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
  const { datasource } = poll;
  const pollId = pollIdOf(answer);
  const atMs = millisecondsOf(answer.atUs);
  const [started, ...rest] = pollEntries({ ...poll, rows: onePerEntity(poll.rows) }, pollId, atMs);
  const beginning = { ...started!, ingestedAtMs: millisecondsOf(answer.askedUs) };
  if (poll.rejected.length === 0) return { datasource, pollId, started: beginning, rest, isFailed: false };
  const unreadable = poll.rejected.length;
  const reason = `${unreadable} of ${unreadable + poll.rows.length} rows could not be read`;
  const failed = pollFailed(datasource, pollId, reason, atMs);
  return { datasource, pollId, started: beginning, rest: [...rest.slice(0, -1), failed], isFailed: true };
}

/** Pages that moved while they were read show an entity twice: what was read last is newest. */
function onePerEntity(rows: readonly PollRow[]): readonly PollRow[] {
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return byKey.size === rows.length ? rows : [...byKey.values()];
}

/** Each answer is a poll of its own, also where two microversions were asked one after the other. */
function pollIdOf({ name, at }: RecordedAnswer): string {
  return `${name}/${at}`;
}
