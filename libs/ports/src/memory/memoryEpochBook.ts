import type { EpochBook, LogEpoch } from '../epochBook';

/** The book of epochs in memory. */
export class MemoryEpochBook implements EpochBook {
  private epoch: LogEpoch | undefined;

  async current(): Promise<LogEpoch | undefined> {
    return this.epoch;
  }

  async open(next: LogEpoch): Promise<boolean> {
    if (next.number !== (this.epoch?.number ?? 0) + 1) return false;
    this.epoch = next;
    return true;
  }
}
