import { ORIGIN, comparePositions, type LogEntry, type Position } from '@wherefore/model';

/** Entries kept; a persister that lags further behind than this has other troubles. */
const KEPT_MAX = 20_000;

/** The last entries that were read in this process, in order, each once, without a gap. */
export class RecentTail {
  private readonly entries: LogEntry[] = [];
  /** Everything after it that was in the log is among the entries. */
  private from: Position = ORIGIN;

  /** An entry, and where its reader stood before it. */
  add(entry: LogEntry, before: Position): void {
    const last = this.entries.at(-1)?.position ?? this.from;
    // Several readers of one process see the same entries; a reader that starts over sees old ones.
    if (this.entries.length > 0 && comparePositions(entry.position, last) <= 0) return;
    if (this.entries.length === 0 || comparePositions(before, last) > 0) {
      // A reader that began further ahead: what lies between was not seen.
      this.entries.length = 0;
      this.from = before;
    }
    this.entries.push(entry);
    if (this.entries.length > KEPT_MAX * 2) this.from = this.entries.splice(0, KEPT_MAX).at(-1)!.position;
  }

  /** Everything that was read after it; nothing when what was read does not reach back so far. */
  after(position: Position): readonly LogEntry[] {
    if (comparePositions(position, this.from) < 0) return [];
    return this.entries.filter((entry) => comparePositions(entry.position, position) > 0);
  }
}
