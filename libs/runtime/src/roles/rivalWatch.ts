import type { Presence, Timer } from '@wherefore/ports';
import { Bell, isPassing, pause, type Warn } from './waiting';

/** So long after a look that told nothing there is another one. */
const LOOK_AGAIN_MS = 1000;

/** Watches the sign of life of whoever holds a lease, and tells when it ends. One holder at a time. */
export class RivalWatch {
  private control: AbortController | undefined;
  private watched: string | undefined;
  private readonly bell = new Bell();
  private gone: string | undefined;

  constructor(
    private readonly presence: Presence,
    private readonly timer: Timer,
    private readonly warn: Warn,
  ) {}

  /** Watches this holder from now on, and no other. */
  follow(holder: string): void {
    if (this.watched === holder) return;
    this.stop();
    this.watched = holder;
    this.control = new AbortController();
    void this.watch(holder, this.control.signal);
  }

  /** Whether the holder is known to be gone. */
  isGone(holder: string): boolean {
    return this.gone === holder;
  }

  /** Settles after that long, when the signal aborts, or when the one that is watched is gone. */
  async pause(ms: number, signal: AbortSignal): Promise<void> {
    if (this.gone === undefined) await this.bell.heardWithin(this.timer, ms, signal);
  }

  stop(): void {
    this.control?.abort();
    this.control = undefined;
    this.watched = undefined;
    this.gone = undefined;
  }

  private async watch(holder: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (await this.presence.untilGone(holder, signal)) {
          if (signal.aborted) return;
          this.gone = holder;
          this.bell.ring();
          return;
        }
      } catch (error) {
        if (signal.aborted) return;
        // Without the watch the lease still runs out.
        if (isPassing(error)) this.warn(error);
      }
      await pause(this.timer, LOOK_AGAIN_MS, signal);
    }
  }
}
