import type { LeaderLease, Lease } from '@wherefore/ports';
import type { Database, Row } from './database';

/**
 * The database's own clock, once a statement has its locks: `NOW` is the time at which the statement
 * began, before it waited for others.
 */
const NOW_MS = 'CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS INTEGER)';

const READ_LEASE = 'SELECT holder, epoch, expires_at_ms FROM leases WHERE name = ?';

/** Rows of leases, judged by the clock of the database: the clocks of processes do not matter. */
export class MariadbLeaderLease implements LeaderLease {
  constructor(private readonly database: Database) {}

  async acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    const taken = await this.take(name, holder, ttlMs);
    if (taken) return taken;
    const added = await this.database.run(
      `INSERT IGNORE INTO leases (name, holder, epoch, expires_at_ms) VALUES (?, NULL, 0, 0)`,
      name,
    );
    return added > 0 ? this.take(name, holder, ttlMs) : undefined;
  }

  async renew(lease: Lease, ttlMs: number): Promise<Lease | undefined> {
    return this.change(
      lease,
      `UPDATE leases SET expires_at_ms = ${NOW_MS} + ?
       WHERE name = ? AND epoch = ? AND holder = ? AND expires_at_ms > ${NOW_MS}`,
      [ttlMs, lease.name, lease.epoch, lease.holder],
    );
  }

  async release(lease: Lease): Promise<void> {
    await this.database.run(
      'UPDATE leases SET holder = NULL, expires_at_ms = 0 WHERE name = ? AND epoch = ?',
      lease.name,
      lease.epoch,
    );
  }

  async current(name: string): Promise<Lease | undefined> {
    const row = await this.database.get(`${READ_LEASE} AND holder IS NOT NULL`, name);
    return row && leaseOf(name, row);
  }

  takeOver(gone: Lease, holder: string, ttlMs: number): Promise<Lease | undefined> {
    return this.change(
      { name: gone.name, holder },
      `UPDATE leases SET epoch = epoch + 1, holder = ?, expires_at_ms = ${NOW_MS} + ?
       WHERE name = ? AND epoch = ? AND holder IS NOT NULL`,
      [holder, ttlMs, gone.name, gone.epoch],
    );
  }

  private take(name: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    return this.change(
      { name, holder },
      `UPDATE leases SET epoch = epoch + 1, holder = ?, expires_at_ms = ${NOW_MS} + ?
       WHERE name = ? AND (holder IS NULL OR holder = ? OR expires_at_ms <= ${NOW_MS})`,
      [holder, ttlMs, name, holder],
    );
  }

  /**
   * The lease after an update that matched its row. Each statement is by itself, so that no process that hangs in
   * between locks the row; what somebody else made of it meanwhile is not this one's.
   */
  private async change(
    { name, holder }: Pick<Lease, 'name' | 'holder'>,
    update: string,
    values: readonly (string | number)[],
  ): Promise<Lease | undefined> {
    if ((await this.database.run(update, ...values)) === 0) return undefined;
    const row = await this.database.get(READ_LEASE, name);
    const lease = row && leaseOf(name, row);
    return lease?.holder === holder ? lease : undefined;
  }
}

function leaseOf(name: string, row: Row): Lease {
  return { name, holder: String(row[0]), epoch: Number(row[1]), expiresAtMs: Number(row[2]) };
}
