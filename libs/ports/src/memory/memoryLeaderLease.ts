import type { Clock } from '../clock';
import type { LeaderLease, Lease } from '../leaderLease';

/**
 * A lease within one process: the embedded default, where every role lives together, and the fake
 * of tests. Two stand for two processes when they are handed the same instance.
 */
export class MemoryLeaderLease implements LeaderLease {
  private readonly held = new Map<string, Lease>();
  private readonly epochs = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  async acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    const nowMs = this.clock.nowMs();
    const current = this.held.get(name);
    if (current && current.holder !== holder && current.expiresAtMs > nowMs) return undefined;
    const epoch = (this.epochs.get(name) ?? 0) + 1;
    this.epochs.set(name, epoch);
    return this.hold({ name, holder, epoch, expiresAtMs: nowMs + ttlMs });
  }

  async renew(lease: Lease, ttlMs: number): Promise<Lease | undefined> {
    const nowMs = this.clock.nowMs();
    const current = this.held.get(lease.name);
    if (!current || current.epoch !== lease.epoch || current.expiresAtMs <= nowMs) return undefined;
    return this.hold({ ...current, expiresAtMs: nowMs + ttlMs });
  }

  async release(lease: Lease): Promise<void> {
    if (this.held.get(lease.name)?.epoch === lease.epoch) this.held.delete(lease.name);
  }

  async current(name: string): Promise<Lease | undefined> {
    return this.held.get(name);
  }

  async takeOver(gone: Lease, holder: string, ttlMs: number): Promise<Lease | undefined> {
    const { name, epoch } = gone;
    if (this.held.get(name)?.epoch !== epoch) return undefined;
    this.epochs.set(name, epoch + 1);
    return this.hold({ name, holder, epoch: epoch + 1, expiresAtMs: this.clock.nowMs() + ttlMs });
  }

  private hold(lease: Lease): Lease {
    this.held.set(lease.name, lease);
    return lease;
  }
}
