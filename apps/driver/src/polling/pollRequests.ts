/** Asks for polls before their time: of one datasource, or of all. */
export class PollRequests {
  private readonly waiting = new Map<() => void, readonly string[]>();

  /** Wakes whoever polls that datasource; everybody when none is named. */
  request(datasource?: string): void {
    for (const [wake, datasources] of [...this.waiting]) {
      if (datasource === undefined || datasources.includes(datasource)) wake();
    }
  }

  /** From now on, notes whether one of these is asked for. To be closed. */
  listen(datasources: readonly string[]): RequestEar {
    let hear: () => void = () => undefined;
    const heard = new Promise<void>((resolve) => (hear = resolve));
    this.waiting.set(hear, datasources);
    return { heard, close: () => void this.waiting.delete(hear) };
  }
}

export interface RequestEar {
  /** Settles when a poll is asked for. */
  readonly heard: Promise<void>;
  close(): void;
}
