import { millisecondsOf, notificationEntries, type ReadingOptions, RejectedInputs } from '@wherefore/datasources';
import type { NewEntry, Rejection } from '@wherefore/model';
import type { RecordedFolders } from './answerFolders';
import { AnswerTeller } from './answerTeller';
import type { MessageLine, NotificationFile } from './notificationFile';

/** What was read, and what of it says nothing to the graph. */
export interface ReadCounts {
  /** Lines of notifications. */
  messages: number;
  /** Answers that an index lists. */
  answers: number;
  /** Messages that tell of no entity. */
  messagesIgnored: number;
  /** Answers that nobody reads, such as `nova-flavors`. */
  answersIgnored: number;
  /** Files that no index lists. */
  filesUnlisted: number;
}

/** Something that happened, and what is to be said of it. */
interface Happening {
  readonly atUs: number;
  readonly tell: () => NewEntry[];
}

/** Everything that the inputs hold, as entries in the order of time. */
export class Timeline {
  readonly counts: ReadCounts;
  private readonly rejected = new RejectedInputs();
  private readonly teller: AnswerTeller;

  constructor(
    private readonly files: readonly NotificationFile[],
    private readonly folders: RecordedFolders,
    private readonly options: ReadingOptions,
  ) {
    this.teller = new AnswerTeller(this.rejected, options);
    const filesUnlisted = folders.unlisted;
    this.counts = { messages: 0, answers: 0, messagesIgnored: 0, answersIgnored: 0, filesUnlisted };
  }

  /** How many messages and answers there are. */
  get total(): number {
    return this.files.reduce((sum, { lineCount }) => sum + lineCount, this.folders.answers.length);
  }

  /** Polls and their rows, so far. */
  get polls(): Pick<AnswerTeller, 'pollsComplete' | 'pollsFailed' | 'rows'> {
    return this.teller;
  }

  /** What could not be read and has no time of its own. To be asked for once. */
  timeless(atMs: number): NewEntry[] {
    return this.folders.refused.map(({ rejection, place, text }) => this.rejected.entry(rejection, place, text, atMs));
  }

  /**
   * Entries in groups, each of what happened at one moment: by time, then messages before answers, then
   * in the order of the inputs. Memory: the answers that are under way.
   */
  *groups(): Generator<readonly NewEntry[]> {
    const inputs = [...this.files.map((file) => this.messagesOf(file)), this.happeningsOfAnswers().values()];
    for (const { tell } of byTime(inputs)) {
      const entries = tell();
      if (entries.length > 0) yield entries;
    }
  }

  private *messagesOf(file: NotificationFile): Generator<Happening> {
    for (const line of file.messages()) yield { atUs: line.atUs, tell: () => this.tellMessage(line) };
  }

  private tellMessage({ atUs, place, message, text }: MessageLine): NewEntry[] {
    const atMs = millisecondsOf(atUs);
    this.counts.messages += 1;
    const refuse = (rejection: Rejection) => this.rejected.entry(rejection, place, text, atMs);
    if ('code' in message) return [refuse(message)];
    const { entries } = notificationEntries(message, atMs, refuse, this.options);
    if (entries.length === 0) this.counts.messagesIgnored += 1;
    return [...entries];
  }

  private happeningsOfAnswers(): Happening[] {
    const { teller, counts } = this;
    const happenings = this.folders.answers.flatMap((placed): Happening[] => {
      const { isRead, answer } = placed;
      const { atUs, askedUs, status } = answer;
      const answered = (tell: Happening['tell']): Happening => ({
        atUs,
        tell: () => {
          counts.answers += 1;
          return tell();
        },
      });
      if (!isRead) return [answered(() => ((counts.answersIgnored += 1), []))];
      if (status !== 200) return [answered(() => teller.fail(placed))];
      const asked = { atUs: askedUs, tell: () => teller.ask(placed) };
      return [asked, answered(() => teller.answer(placed))];
    });
    // Stable: at one time they stay in the order of the inputs.
    return happenings.sort((a, b) => a.atUs - b.atUs);
  }
}

/** One sequence of several that are in order of time each. At one time, the earlier input comes first. */
function* byTime(inputs: readonly Iterator<Happening>[]): Generator<Happening> {
  const heads = inputs.map((input) => input.next());
  for (;;) {
    let earliest = -1;
    heads.forEach((head, at) => {
      if (head.done === true) return;
      const best = heads[earliest];
      if (best === undefined || head.value.atUs < (best.value as Happening).atUs) earliest = at;
    });
    const head = heads[earliest];
    if (head === undefined) return;
    yield head.value as Happening;
    heads[earliest] = inputs[earliest]!.next();
  }
}
