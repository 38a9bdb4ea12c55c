import type { Position } from '@wherefore/model';

/** A lease that a process holds. */
export interface HeldLease {
  readonly lease: string;
  readonly epoch: number;
  /** Unix time in milliseconds, by the clock of the process. */
  readonly sinceMs: number;
}

/** What a process knows of something that it depends on. */
export interface LinkHealth {
  readonly isReachable: boolean;
  /** Since when it is so, as far as this process knows. */
  readonly sinceMs: number;
  /** What was said when it was last out of reach; empty if it never was. */
  readonly trouble: string;
}

export interface SnapshotMark {
  readonly position: Position;
  readonly createdAtMs: number;
}

/** What a process says of itself. Times are of its own clock. */
export interface ProcessReport {
  /** Unique to one run of one process. */
  readonly id: string;
  /** `processor`, `persister`, `listener`, `driver`, `api`. */
  readonly role: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAtMs: number;
  readonly reportedAtMs: number;
  /** How soon the next report is to come. */
  readonly reportEveryMs: number;
  readonly version: string;
  /** The newest rules by which it can apply entries. */
  readonly behaviour: number;
  /** Where it answers about its health; empty when nowhere. */
  readonly healthUrl: string;
  readonly phase: 'starting' | 'ready' | 'unready' | 'ending';
  /** Why it is not ready, or what troubles it; else empty. */
  readonly note: string;
  /** How far it has come in the log; `null` when it follows none. */
  readonly position: Position | null;
  /** How many entries that is. */
  readonly ordinal: number | null;
  /** The log time there. */
  readonly logTimeMs: number | null;
  /** Hash of the state there: of two processes at one position they are equal. Absent where there is no state. */
  readonly stateHash?: string;
  readonly leads: readonly HeldLease[];
  readonly lastSnapshot: SnapshotMark | null;
  readonly broker: LinkHealth | null;
  readonly database: LinkHealth | null;
}

/** A report as the board has it. */
export interface PostedReport {
  readonly report: ProcessReport;
  /** How long ago it was made, by the clock of the board. */
  readonly silentMs: number;
}

/** Who was not heard of for so long is no longer listed. */
export const BOARD_KEPT_MS = 3_600_000;

/**
 * Where processes say how they are. Nothing that has to be right is decided by it: who leads is the business of leases.
 * All methods may reject `log-unavailable` (retryable).
 */
export interface ProcessBoard {
  /** Takes the place of what the process said before. */
  report(report: ProcessReport): Promise<void>;

  /** The last report of every process that was heard of within `BOARD_KEPT_MS`, by role, start and id. */
  list(): Promise<readonly PostedReport[]>;

  /** Takes the process off the board: it has ended, and not failed. */
  forget(id: string): Promise<void>;
}

/** The order in which a board lists. */
export function compareReports(a: ProcessReport, b: ProcessReport): number {
  if (a.role !== b.role) return a.role < b.role ? -1 : 1;
  if (a.startedAtMs !== b.startedAtMs) return a.startedAtMs - b.startedAtMs;
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
