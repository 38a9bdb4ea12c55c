import { ORIGIN, comparePositions, formatPosition, type Position } from '@wherefore/model';
import { WhereforeError } from '@wherefore/model';
import type { Archive, ArchiveWriter, LeaderLease, Lease, LogEpoch, LogEpochs, Timer } from '@wherefore/ports';
import type { Term } from './term';
import { isPassing, pause, type Warn } from './waiting';

export interface EpochKeeperParts {
  readonly epochs: LogEpochs;
  readonly archive: Pick<Archive, 'cursor'>;
  readonly writer: ArchiveWriter;
  readonly leases: LeaderLease;
  readonly timer: Timer;
}

export interface EpochKeeperOptions {
  /** Unique to this run of this process. */
  readonly holder: string;
  /** Name of the lease under which the archive is written. Default `persister`. */
  readonly archiveLease?: string;
  /** How often it looks whether the stream is there. Default 1 s. */
  readonly checkEveryMs?: number;
  /** How long the stream has to be gone: persisters meanwhile archive what they hold. Default 3 s. */
  readonly settleMs?: number;
  /** Told of each epoch that begins, and at the beginning of each term: every datasource has to be polled in full. */
  readonly epochBegan?: (epoch: LogEpoch) => Promise<void>;
  readonly warn?: Warn;
}

/** The archive's lease while it is sealed; a persister takes it back as soon as it is freed. */
const SEAL_TTL_MS = 10_000;
const ENTRIES_MAX = 1000;

/**
 * Looks after the stream of the log in a term, and opens the next epoch when it is gone: nothing can be appended
 * until somebody does.
 *
 * The old epoch is sealed where the archive ends, once it holds what this process has read. First the lease of the
 * archive is taken over and the archive touched under its new epoch: a persister that was about to write what
 * nobody would count is refused from then on.
 */
export class EpochKeeper {
  private readonly warn: Warn;

  constructor(
    private readonly parts: EpochKeeperParts,
    private readonly options: EpochKeeperOptions,
  ) {
    this.warn = options.warn ?? (() => undefined);
  }

  /** Until the signal aborts. */
  async run(term: Term, signal: AbortSignal = term.signal): Promise<void> {
    const { timer, epochs } = this.parts;
    const { checkEveryMs = 1000, settleMs = 3000 } = this.options;
    let hasBegun = false;
    for (let goneMs = 0; !signal.aborted;) {
      try {
        const lost = await epochs.lostEpoch();
        if (lost !== undefined) {
          if (goneMs >= settleMs && term.isHeld()) {
            // However it ends, whoever comes by next makes sure that appends reach the stream.
            hasBegun = false;
            await this.openNext(lost);
            goneMs = 0;
          } else goneMs += checkEveryMs;
        } else {
          goneMs = 0;
          if (!hasBegun) await this.tellBegan(await epochs.ensureEpoch(timer.nowMs()));
          hasBegun = true;
        }
      } catch (error) {
        if (!isPassing(error)) throw error;
        this.warn(error);
      }
      await pause(timer, checkEveryMs, signal);
    }
  }

  private async tellBegan(epoch: LogEpoch): Promise<void> {
    await this.options.epochBegan?.(epoch);
  }

  private async openNext(lost: LogEpoch): Promise<void> {
    const { epochs, leases, timer } = this.parts;
    const lease = await this.takeArchive();
    try {
      const sealedAt = await this.seal(lease);
      const opened = await epochs.openNextEpoch(lost, sealedAt, timer.nowMs());
      this.warn(
        new WhereforeError('log-unavailable', `the stream of the log was gone; epoch ${opened.number} was opened`, {
          hint: `The epoch before ends at ${formatPosition(opened.sealedAt)}. Every datasource is polled in full.`,
        }),
      );
    } finally {
      await leases.release(lease);
    }
  }

  private async takeArchive(): Promise<Lease> {
    const { leases } = this.parts;
    const { archiveLease = 'persister', holder } = this.options;
    const current = await leases.current(archiveLease);
    const taken =
      current === undefined
        ? await leases.acquire(archiveLease, holder, SEAL_TTL_MS)
        : await leases.takeOver(current, holder, SEAL_TTL_MS);
    if (taken) return taken;
    throw new WhereforeError('log-unavailable', 'the lease of the archive changed hands', { retryable: true });
  }

  /** Shuts out who wrote the archive before, adds what this process holds, and gives where the archive ends. */
  private async seal({ epoch }: Lease): Promise<Position> {
    const { writer, epochs } = this.parts;
    let result = await writer.forget(ORIGIN, epoch);
    while (result.kind !== 'stale-epoch') {
      const held = (await epochs.heldAfter(result.cursor)).slice(0, ENTRIES_MAX);
      if (held.length === 0) return result.cursor;
      const expected = result.cursor;
      result = await writer.append({ expected, epoch, entries: held });
      if (comparePositions(result.cursor, expected) <= 0) break;
    }
    throw new WhereforeError('log-unavailable', 'another process writes the archive meanwhile', { retryable: true });
  }
}
