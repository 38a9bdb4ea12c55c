import type { Lease } from '@wherefore/ports';
import type { Connection } from './connection';

export interface LeaseRequest {
  readonly name: string;
  readonly holder: string;
  readonly ttlMs: number;
  readonly nowMs: number;
}

export interface LeaseTakeOver {
  readonly gone: Lease;
  readonly holder: string;
  readonly ttlMs: number;
  readonly nowMs: number;
}

export interface LeaseRenewal {
  readonly lease: Lease;
  readonly ttlMs: number;
  readonly nowMs: number;
}

/** Operations of the writer on leases. The one writer makes each of them a compare-and-set. */
export const leaseOperations = {
  acquireLease(connection: Connection, { name, holder, ttlMs, nowMs }: LeaseRequest): Lease | undefined {
    const expiresAtMs = nowMs + ttlMs;
    const row = connection.get(
      `INSERT INTO leases VALUES (?, ?, 1, ?) ON CONFLICT (name) DO UPDATE
         SET holder = excluded.holder, epoch = leases.epoch + 1, expires_at_ms = excluded.expires_at_ms
         WHERE leases.holder IS NULL OR leases.holder = excluded.holder OR leases.expires_at_ms <= ?
       RETURNING epoch`,
      name,
      holder,
      expiresAtMs,
      nowMs,
    );
    return row && { name, holder, epoch: row[0] as number, expiresAtMs };
  },

  renewLease(connection: Connection, { lease, ttlMs, nowMs }: LeaseRenewal): Lease | undefined {
    const renewed = { ...lease, expiresAtMs: nowMs + ttlMs };
    const { changes } = connection.run(
      `UPDATE leases SET expires_at_ms = ?
       WHERE name = ? AND epoch = ? AND holder IS NOT NULL AND expires_at_ms > ?`,
      renewed.expiresAtMs,
      lease.name,
      lease.epoch,
      nowMs,
    );
    return changes === 0 ? undefined : renewed;
  },

  takeOverLease(connection: Connection, { gone, holder, ttlMs, nowMs }: LeaseTakeOver): Lease | undefined {
    const taken = { name: gone.name, holder, epoch: gone.epoch + 1, expiresAtMs: nowMs + ttlMs };
    const { changes } = connection.run(
      `UPDATE leases SET holder = ?, epoch = ?, expires_at_ms = ?
       WHERE name = ? AND epoch = ? AND holder IS NOT NULL`,
      holder,
      taken.epoch,
      taken.expiresAtMs,
      gone.name,
      gone.epoch,
    );
    return changes === 0 ? undefined : taken;
  },

  releaseLease(connection: Connection, lease: Lease): void {
    connection.run('UPDATE leases SET holder = NULL WHERE name = ? AND epoch = ?', lease.name, lease.epoch);
  },
};

/** The lease as it stands, unless it is free. */
export function readLease(connection: Connection, name: string): Lease | undefined {
  const row = connection.get(
    'SELECT holder, epoch, expires_at_ms FROM leases WHERE name = ? AND holder IS NOT NULL',
    name,
  );
  return row && { name, holder: row[0] as string, epoch: row[1] as number, expiresAtMs: row[2] as number };
}
