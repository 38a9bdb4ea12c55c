import { ENTRY_VERSION, type TickEntry } from '@wherefore/model';

/** Log time may run this far ahead of the last tick: a tick in each such span keeps entries at their times. */
const TICK_EVERY_MS = 5_000;

/**
 * The ticks that a leader would have given while something was recorded, as far as entries need them:
 * each lies on a multiple of five seconds, so that the same entries have the same ticks whenever they
 * are brought in. Where nothing happened there is none.
 */
export class TickClock {
  /** `lastTickMs` is that of the log so far; 0 when there was none. */
  constructor(private lastTickMs: number) {}

  /** The tick that has to come before an entry of that time; entries must be asked for in order of time. */
  before(atMs: number): TickEntry | undefined {
    const tickMs = atMs - (atMs % TICK_EVERY_MS);
    // Until the first tick log time follows every entry: the log begins with what was recorded first.
    if (this.lastTickMs === 0) this.lastTickMs = tickMs;
    if (tickMs <= this.lastTickMs) return undefined;
    this.lastTickMs = tickMs;
    const id = `tick/${tickMs}`;
    return { kind: 'tick', id, version: ENTRY_VERSION, source: 'import', ingestedAtMs: tickMs, atMs: tickMs };
  }
}
