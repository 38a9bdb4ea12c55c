import { ORIGIN, comparePositions, type LogEntry, type Position } from '@wherefore/model';

/** Entries kept; a persister that lags further behind than this has other troubles. */
const KEPT_MAX = 20_000;

/** A message of entries, unread. */
export interface ReceivedMessage {
  /** The position of its last entry. */
  readonly end: Position;
  readonly count: number;
  entries(): readonly LogEntry[];
}

/**
 * The last messages that were read in this process, in order, each once, without a gap. Their bytes are kept, not
 * their entries: those are hardly ever asked for, and would grow old in memory.
 */
export class RecentTail {
  private readonly messages: ReceivedMessage[] = [];
  private entries = 0;
  /** Everything after it that was in the log is among the messages. */
  private from: Position = ORIGIN;

  /** A message, and where its reader stood before it. */
  add(message: ReceivedMessage, before: Position): void {
    const { messages } = this;
    if (message.count === 0) return;
    const last = messages.at(-1);
    // Several readers of one process see the same messages; a reader that starts over sees old ones.
    if (last && comparePositions(message.end, last.end) <= 0) return;
    if (!last || comparePositions(before, last.end) > 0) {
      // A reader that began further ahead: what lies between was not seen.
      messages.length = 0;
      this.entries = 0;
      this.from = before;
    }
    messages.push(message);
    this.entries += message.count;
    if (this.entries > KEPT_MAX * 2) this.dropOldest();
  }

  /** Everything that was read after it; nothing when what was read does not reach back so far. */
  after(position: Position): readonly LogEntry[] {
    if (comparePositions(position, this.from) < 0) return [];
    return this.messages
      .filter((message) => comparePositions(message.end, position) > 0)
      .flatMap((message) => message.entries())
      .filter((entry) => comparePositions(entry.position, position) > 0);
  }

  private dropOldest(): void {
    let dropped = 0;
    while (this.entries > KEPT_MAX && dropped < this.messages.length - 1) {
      this.entries -= this.messages[dropped]!.count;
      dropped += 1;
    }
    const last = this.messages.splice(0, dropped).at(-1);
    if (last) this.from = last.end;
  }
}
