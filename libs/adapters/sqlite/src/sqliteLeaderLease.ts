import type { Clock, LeaderLease, Lease } from '@wherefore/ports';
import type { Connection } from './connection';
import { readLease } from './leaseRows';
import type { Writer } from './writer';

/** Leases whose epochs outlive the process. Only the process that writes the store can hold one. */
export class SqliteLeaderLease implements LeaderLease {
  constructor(
    private readonly connection: Connection,
    private readonly writer: Writer,
    private readonly clock: Clock,
  ) {}

  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    return this.writer.submit('acquireLease', { name, holder, ttlMs, nowMs: this.clock.nowMs() });
  }

  renew(lease: Lease, ttlMs: number): Promise<Lease | undefined> {
    return this.writer.submit('renewLease', { lease, ttlMs, nowMs: this.clock.nowMs() });
  }

  release(lease: Lease): Promise<void> {
    return this.writer.submit('releaseLease', lease);
  }

  async current(name: string): Promise<Lease | undefined> {
    return readLease(this.connection, name);
  }

  takeOver(gone: Lease, holder: string, ttlMs: number): Promise<Lease | undefined> {
    return this.writer.submit('takeOverLease', { gone, holder, ttlMs, nowMs: this.clock.nowMs() });
  }
}
