/** Calls for polls before their time, of one datasource or of all: within this process. */
export class PollCalls {
  private readonly waiting = new Map<() => void, readonly string[]>();

  /** Wakes whoever polls that datasource; everybody when none is named. */
  call(datasource?: string): void {
    for (const [wake, datasources] of [...this.waiting]) {
      if (datasource === undefined || datasources.includes(datasource)) wake();
    }
  }

  /** From now on, notes whether one of these is asked for. To be closed. */
  listen(datasources: readonly string[]): CallEar {
    let hear: () => void = () => undefined;
    const heard = new Promise<void>((resolve) => (hear = resolve));
    this.waiting.set(hear, datasources);
    return { heard, close: () => void this.waiting.delete(hear) };
  }
}

export interface CallEar {
  /** Settles when a poll is asked for. */
  readonly heard: Promise<void>;
  close(): void;
}
