import { WhereforeError } from '@wherefore/model';
import type { Clock, LeaderLease, Lease, Presence, Timer } from '@wherefore/ports';
import { steadyClock } from '../workSlice';
import { CutOff } from './cutOff';
import { RivalWatch } from './rivalWatch';
import { OpenTerm, type Term } from './term';
import { eitherAborted, isPassing, pause, type Warn } from './waiting';

export interface LeaderOptions {
  /** Name of the lease. */
  readonly lease: string;
  /** Unique to this run of this process. */
  readonly holder: string;
  /**
   * How long a leader that hangs keeps others out. Well above the longest single step: the worst one takes about a
   * second. Default 4 s.
   */
  readonly ttlMs?: number;
  /** How often it is renewed. Default a quarter of the TTL. */
  readonly renewEveryMs?: number;
  /** How often one that does not lead tries to. Default 250 ms. */
  readonly retryEveryMs?: number;
  /** Signs of life: with them a leader that was killed is replaced at once, instead of when its lease runs out. */
  readonly presence?: Presence;
  /**
   * Whether the log is out of reach for this process now, though the lease is not. One that is cut off for some seconds
   * gives its lease up, and lets others go first.
   */
  readonly isCutOff?: () => boolean;
  /** A clock that never jumps. Default: the machine's monotone one. */
  readonly steady?: Clock;
  readonly warn?: Warn;
}

interface Won {
  readonly lease: Lease;
  /** By the steady clock, reckoned from before the lease was asked for. */
  readonly validUntilMs: number;
}

/**
 * Takes a lease, keeps it, and does in the meantime what only one process may do at a time.
 *
 * This process counts for itself how long the lease holds, from before each renewal was sent: it never believes
 * in a lease longer than the one who granted it does. A process that was stopped may still act once more;
 * what it writes then is refused by the epoch.
 */
export class LeaderRole {
  private open: OpenTerm | undefined;
  private readonly steady: Clock;
  private readonly ttlMs: number;
  private readonly renewEveryMs: number;
  private readonly retryEveryMs: number;
  private readonly warn: Warn;
  private readonly cutOff: CutOff | undefined;

  constructor(
    private readonly leases: LeaderLease,
    private readonly timer: Timer,
    private readonly options: LeaderOptions,
  ) {
    this.steady = options.steady ?? steadyClock;
    this.ttlMs = options.ttlMs ?? 4000;
    this.renewEveryMs = options.renewEveryMs ?? this.ttlMs / 4;
    this.retryEveryMs = options.retryEveryMs ?? 250;
    this.warn = options.warn ?? (() => undefined);
    this.cutOff = options.isCutOff && new CutOff(timer, options.isCutOff);
  }

  /** The term that runs now; `undefined` while this process does not lead. */
  get term(): Term | undefined {
    return this.open?.signal.aborted === false ? this.open : undefined;
  }

  /**
   * Until `signal` aborts: whenever the lease is won, runs `lead`, which has to end soon after its term's signal.
   * It is awaited before the next attempt. When it ends before its term does, the lease is given up. Trouble that
   * passes, and a stale epoch, end the term only; everything else is thrown, the lease being freed first.
   */
  async run(lead: (term: Term) => Promise<void>, signal: AbortSignal): Promise<void> {
    const showing = this.keepShown(signal);
    try {
      while (!signal.aborted) {
        const won = await this.campaign(signal);
        if (won) await this.serve(won, lead, signal);
      }
    } finally {
      await showing.end();
    }
  }

  /** Tries until the lease is won; `undefined` on abort. */
  private async campaign(signal: AbortSignal): Promise<Won | undefined> {
    const { lease: name, holder, presence } = this.options;
    const watch = presence && new RivalWatch(presence, this.timer, this.warn);
    try {
      while (!signal.aborted) {
        await this.cutOff?.holdBack(signal);
        if (signal.aborted) return undefined;
        const won = await this.attempt(() => this.leases.acquire(name, holder, this.ttlMs));
        if (won) return won;
        const rival = watch && (await this.tolerating(() => this.leases.current(name)));
        if (!watch || !rival) {
          await pause(this.timer, this.retryEveryMs, signal);
          continue;
        }
        watch.follow(rival.holder);
        await watch.pause(this.retryEveryMs, signal);
        if (signal.aborted || !watch.isGone(rival.holder)) continue;
        const taken = await this.attempt(() => this.leases.takeOver(rival, holder, this.ttlMs));
        if (taken) return taken;
        watch.stop();
      }
      return undefined;
    } finally {
      watch?.stop();
    }
  }

  private async serve(
    { lease, validUntilMs }: Won,
    lead: (term: Term) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const term = new OpenTerm(lease.name, lease.epoch, this.timer.nowMs(), validUntilMs, this.steady);
    const resign = () => term.end('this process ends');
    signal.addEventListener('abort', resign);
    if (signal.aborted) resign();
    this.open = term;
    const keeping = Promise.all([this.keepRenewed(term, lease), this.watchTheClock(term), this.watchTheLog(term)]);
    keeping.catch(() => term.end('the lease can no longer be renewed'));
    let failure: { readonly error: unknown } | undefined;
    try {
      await lead(term);
    } catch (error) {
      failure = { error };
    }
    term.end('it was given up');
    signal.removeEventListener('abort', resign);
    this.open = undefined;
    const [isLost] = await keeping;
    if (!isLost) await this.tolerating(() => this.leases.release(lease));
    if (failure && !this.isOver(failure.error, term)) throw failure.error;
    // Others get their chance, and what went wrong its time.
    await pause(this.timer, this.renewEveryMs, signal);
  }

  /** Gives whether the lease was lost to another epoch. */
  private async keepRenewed(term: OpenTerm, lease: Lease): Promise<boolean> {
    for (let waitMs = this.renewEveryMs; ;) {
      await pause(this.timer, Math.min(waitMs, Math.max(term.leftMs(), 0)), term.signal);
      if (term.signal.aborted) return false;
      const sentMs = this.steady.nowMs();
      const renewed = await this.tolerating(async () => ({ lease: await this.leases.renew(lease, this.ttlMs) }));
      if (renewed && !renewed.lease) {
        term.end('the lease is no longer this one');
        return true;
      }
      if (renewed) term.extend(sentMs + this.ttlMs);
      // After trouble again soon, as long as there is time.
      waitMs = renewed ? this.renewEveryMs : Math.min(this.retryEveryMs, this.renewEveryMs);
    }
  }

  private async watchTheClock(term: OpenTerm): Promise<void> {
    while (!term.signal.aborted) {
      const leftMs = term.leftMs();
      if (leftMs <= 0) term.end('the lease could not be renewed in time');
      else await pause(this.timer, leftMs, term.signal);
    }
  }

  private async watchTheLog(term: OpenTerm): Promise<void> {
    if (!this.cutOff) return;
    await this.cutOff.forTooLong(term.epoch, term.signal);
    term.end('this process is cut off from the log, and others may not be');
  }

  private async attempt(ask: () => Promise<Lease | undefined>): Promise<Won | undefined> {
    const sentMs = this.steady.nowMs();
    const lease = await this.tolerating(ask);
    return lease && { lease, validUntilMs: sentMs + this.ttlMs };
  }

  private async tolerating<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error)) throw error;
      this.warn(error);
      return undefined;
    }
  }

  private isOver(error: unknown, term: Term): boolean {
    if (error === term.signal.reason) return true;
    if (error instanceof WhereforeError && (error.retryable || error.code === 'stale-epoch')) {
      this.warn(error);
      return true;
    }
    return error instanceof Error && error.name === 'AbortError';
  }

  /** Gives the sign of life of this process, from before the first attempt to lead. */
  private keepShown(parent: AbortSignal): { end(): Promise<void> } {
    const { presence, holder } = this.options;
    if (!presence) return { end: async () => undefined };
    const control = new AbortController();
    const stop = () => control.abort();
    parent.addEventListener('abort', stop, { once: true });
    if (parent.aborted) stop();
    const showing = this.show(presence, holder, control.signal);
    return {
      end: async () => {
        stop();
        parent.removeEventListener('abort', stop);
        await showing;
      },
    };
  }

  private async show(presence: Presence, holder: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const shown = await presence.show(holder);
        await eitherAborted(shown.lost, signal);
        if (signal.aborted) await shown.hide();
      } catch (error) {
        // Without the sign a lease is only taken over later.
        if (error instanceof WhereforeError) this.warn(error);
        else throw error;
        await pause(this.timer, this.retryEveryMs, signal);
      }
    }
  }
}
