import {
  failedPolls,
  millisecondsOf,
  type ReadingOptions,
  type RecordedPoll,
  recordedPolls,
  type RecordedPolls,
  type RejectedInputs,
} from '@wherefore/datasources';
import type { NewEntry } from '@wherefore/model';
import { type PlacedAnswer, readBody } from './answerFolders';

/** An answer that was asked for, and is not given yet. */
interface Asked {
  readonly read: RecordedPolls;
  /** What of the body an operator is shown when it cannot be read. */
  readonly excerpt: string;
}

/**
 * Tells recorded answers as polls: the beginning when it was asked, rows and end when it was answered,
 * so that what is announced in between counts as seen.
 */
export class AnswerTeller {
  pollsComplete = 0;
  pollsFailed = 0;
  rows = 0;
  private readonly asked = new Map<PlacedAnswer, Asked>();
  /** The poll under way, by datasource. */
  private readonly open = new Map<string, RecordedPoll>();

  constructor(
    private readonly rejected: RejectedInputs,
    private readonly options: ReadingOptions,
  ) {}

  /** A question was asked. Reads the answer. */
  ask(placed: PlacedAnswer): NewEntry[] {
    const { answer } = placed;
    const content = readBody(placed);
    const read =
      'body' in content
        ? recordedPolls(answer, content.body, this.options)
        : failedPolls(answer, content.rejection.message, [content.rejection]);
    const isWhole = read.rejected.length === 0;
    const excerpt = isWhole ? '' : 'body' in content ? JSON.stringify(content.body) : content.excerpt;
    this.asked.set(placed, { read, excerpt });
    return read.polls.flatMap((poll) => {
      // One at a time of a datasource: this one begins when the one under way has ended.
      if (poll.started === undefined || this.open.has(poll.datasource)) return [];
      this.open.set(poll.datasource, poll);
      return [poll.started];
    });
  }

  /** The answer has come. */
  answer(placed: PlacedAnswer): NewEntry[] {
    const asked = this.asked.get(placed);
    if (asked === undefined) return [];
    this.asked.delete(placed);
    const { read, excerpt } = asked;
    const atMs = millisecondsOf(placed.answer.atUs);
    const refused = read.rejected.map((rejection) => this.rejected.entry(rejection, placed.place, excerpt, atMs));
    return [...refused, ...read.polls.flatMap((poll) => this.end(poll, atMs))];
  }

  /** An answer that is an error. */
  fail({ answer }: PlacedAnswer): NewEntry[] {
    const { polls } = failedPolls(answer, `the API answered with status ${answer.status}`);
    this.pollsFailed += polls.length;
    return polls.flatMap(({ rest }) => rest);
  }

  private end(poll: RecordedPoll, atMs: number): NewEntry[] {
    const { datasource, pollId, started, isFailed, rest } = poll;
    const beginning: NewEntry[] = [];
    if (this.open.get(datasource) === poll) this.open.delete(datasource);
    // Another one of the datasource came in between, and the engine knows of that one only.
    else if (started !== undefined) beginning.push({ ...started, id: `${pollId}/started-late`, ingestedAtMs: atMs });
    this.rows += rest.filter(({ kind }) => kind === 'event').length;
    if (isFailed) this.pollsFailed += 1;
    else this.pollsComplete += 1;
    // A late beginning takes the place of a poll that is still to come; that one begins anew, too.
    if (beginning.length > 0) this.open.delete(datasource);
    return [...beginning, ...rest];
  }
}
