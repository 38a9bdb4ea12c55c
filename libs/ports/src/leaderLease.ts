/** The right to act, for a while. The epoch is its proof: it rises with every acquisition. */
export interface Lease {
  readonly name: string;
  /** Unique to one run of one process. */
  readonly holder: string;
  readonly epoch: number;
  readonly expiresAtMs: number;
}

/**
 * Who leads. A lease only tells who *should* act: a process that was asleep believes in a lease that
 * is gone. Therefore every write made under it carries the epoch, and the write itself checks it.
 */
export interface LeaderLease {
  /**
   * Takes the lease when it is free, has run out, or is this holder's own; `undefined` while another
   * holds it. The epoch is one above every earlier one of that name, across restarts (an in-process
   * lease counts from one per process).
   */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;

  /**
   * Extends it from now on. `undefined` when it is no longer this one: another epoch, or it ran out,
   * even if nobody else has taken it since. Renew at least three times within `ttlMs`.
   */
  renew(lease: Lease, ttlMs: number): Promise<Lease | undefined>;

  /** Frees it, if it is still this one. */
  release(lease: Lease): Promise<void>;

  /** The lease as it stands, run out or not; `undefined` when nobody ever took it, or its holder freed it. */
  current(name: string): Promise<Lease | undefined>;

  /**
   * Takes the lease from a holder that is known to be gone, before it runs out, under a higher epoch: only
   * while it is still `gone`, and `undefined` otherwise. If the holder was not gone after all, the epoch shuts it out.
   */
  takeOver(gone: Lease, holder: string, ttlMs: number): Promise<Lease | undefined>;
}
