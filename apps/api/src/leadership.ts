import { ENTRY_VERSION, WhereforeError, type Fence, type NewEntry } from '@wherefore/model';
import type { Clock, HeldLease, Lease, LeaderLease } from '@wherefore/ports';

const LEASE = 'leader';
/** The store's lock lets one process in at a time, so it is always the same holder that comes back. */
const HOLDER = 'embedded';
/** Far above the time between ticks, each of which renews. */
const TTL_MS = 60_000;

/** The right to tick, and the proof of it. */
export class Leadership {
  private ticks = 0;

  private constructor(
    private readonly leases: LeaderLease,
    private lease: Lease,
    private readonly clock: Clock,
    private readonly sinceMs: number,
  ) {}

  /** Rejects `store-locked` while another process leads. */
  static async take(leases: LeaderLease, clock: Clock): Promise<Leadership> {
    return new Leadership(leases, await acquire(leases), clock, clock.nowMs());
  }

  get epoch(): number {
    return this.lease.epoch;
  }

  get held(): HeldLease {
    return { lease: LEASE, epoch: this.lease.epoch, sinceMs: this.sinceMs };
  }

  get fence(): Fence {
    return { lease: LEASE, epoch: this.lease.epoch };
  }

  /** The next tick. Renews the lease; takes it anew when it ran out, as after a machine slept. */
  async nextTick(): Promise<NewEntry> {
    this.lease = (await this.leases.renew(this.lease, TTL_MS)) ?? (await acquire(this.leases));
    this.ticks += 1;
    const nowMs = this.clock.nowMs();
    const id = `tick-${this.lease.epoch}-${this.ticks}`;
    return {
      kind: 'tick',
      id,
      version: ENTRY_VERSION,
      source: 'leader',
      ingestedAtMs: nowMs,
      atMs: nowMs,
      fence: this.fence,
    };
  }

  async resign(): Promise<void> {
    await this.leases.release(this.lease);
  }
}

async function acquire(leases: LeaderLease): Promise<Lease> {
  const lease = await leases.acquire(LEASE, HOLDER, TTL_MS);
  if (lease) return lease;
  throw new WhereforeError('store-locked', 'another process leads on this store', { retryable: true });
}
