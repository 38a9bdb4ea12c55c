import { comparePositions, type LogEntry, type Position } from '@wherefore/model';

/** Entries kept; a persister that lags further behind than this has other troubles. */
const KEPT_MAX = 20_000;

/** The last entries that were read in this process, in order, each once. */
export class RecentTail {
  private readonly entries: LogEntry[] = [];

  add(entry: LogEntry): void {
    const last = this.entries.at(-1);
    // Several readers of one process see the same entries; a reader that starts over sees old ones.
    if (last && comparePositions(entry.position, last.position) <= 0) return;
    this.entries.push(entry);
    if (this.entries.length > KEPT_MAX * 2) this.entries.splice(0, KEPT_MAX);
  }

  after(position: Position): readonly LogEntry[] {
    return this.entries.filter((entry) => comparePositions(entry.position, position) > 0);
  }
}
