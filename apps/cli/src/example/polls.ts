import type { NewEntry } from '@wherefore/model';
import { fromRestAnswer, pollEntries } from '@wherefore/datasources';
import type { RecordedAnswer } from './recording';
import { clockOffsetMs, END_CLOCK, retold, toldAtMs } from './storyClock';

/** Moments whose polls are told at the time at which they were taken: the cloud changed all the while. */
const TOLD_AS_TAKEN: ReadonlySet<string> = new Set(['empty', 'steady', 'day2', 'errors']);

/** What the API answers from then on, until the next line. Until 17:13 only the polls of the recording count. */
const ANSWERS_FROM: readonly (readonly [clock: string, moment: string])[] = [
  ['17:13:30', 'quiet'],
  ['17:24:29.528', 'host-down'],
  ['17:27:20.500', 'forced-down'],
  ['17:28:15', 'evacuated'],
  ['17:38:12', 'recovered'],
];

const HOST_ANSWERS = ['nova-services', 'nova-availability-zones', 'neutron-agents'];
const HOSTS_EVERY_MS = 30_000;
const REST_EVERY_MS = 300_000;
/** An answer is read so long after the question. */
const ANSWER_MS = 40;

/**
 * The polls of the story: as recorded until everything is quiet, then of hosts and zones every half
 * minute and of everything else every five minutes, with the answers that the API gave at that stage.
 */
export function storyPolls(answers: readonly RecordedAnswer[], failureAtMs: number): NewEntry[] {
  const entries: NewEntry[] = [];
  for (const answer of answers) {
    if (!TOLD_AS_TAKEN.has(answer.moment)) continue;
    entries.push(...pollOf(answer, retold(answer.at, failureAtMs), toldAtMs(answer.at, failureAtMs), failureAtMs));
  }
  const firstMs = clockOffsetMs(ANSWERS_FROM[0]![0]);
  for (let offset = firstMs; offset < clockOffsetMs(END_CLOCK); offset += HOSTS_EVERY_MS) {
    const isFull = (offset - clockOffsetMs('17:15:00')) % REST_EVERY_MS === 0;
    const moment = momentAt(offset);
    for (const answer of answers) {
      if (answer.moment !== moment || !(isFull || HOST_ANSWERS.includes(answer.name))) continue;
      const atMs = failureAtMs + offset;
      entries.push(...pollOf(answer, new Date(atMs).toISOString(), atMs, failureAtMs));
    }
  }
  return entries;
}

/** The times, as offsets from the failure, at which everything is polled on schedule. */
export function fullPollOffsets(): number[] {
  const offsets: number[] = [];
  for (let at = clockOffsetMs('17:15:00'); at <= clockOffsetMs(END_CLOCK); at += REST_EVERY_MS) offsets.push(at);
  return offsets;
}

function momentAt(offset: number): string {
  const stages = ANSWERS_FROM.filter(([clock]) => clockOffsetMs(clock) <= offset);
  return stages[stages.length - 1]![1];
}

/** One answer, as the polls that it amounts to. They are named after their place in the story: ids are the same whatever the day. */
function pollOf(answer: RecordedAnswer, at: string, atMs: number, failureAtMs: number): NewEntry[] {
  const body = JSON.parse(retold(JSON.stringify(answer.body), failureAtMs)) as RecordedAnswer['body'];
  const read = fromRestAnswer(answer.name, body, at);
  if ('code' in read) throw new Error(`${answer.moment} ${answer.name}: ${read.message}`);
  return read.polls.flatMap((poll) => {
    if (poll.rejected.length > 0) throw new Error(`${answer.moment} ${answer.name}: a row names no entity.`);
    return pollEntries(poll, `${poll.datasource}/${(atMs - failureAtMs) / 1000}`, atMs + ANSWER_MS);
  });
}
