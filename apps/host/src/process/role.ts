import type { HeldLease, ProcessReport, SnapshotMark, Timer } from '@wherefore/ports';
import type { Position } from '@wherefore/model';
import type { Config } from '../config';
import type { Metrics } from '../health/metrics';
import type { Log } from '../log';
import type { Ports } from '../ports/openPorts';

export const ROLES = ['listener', 'driver', 'processor', 'persister', 'api'] as const;
export type RoleName = (typeof ROLES)[number];

/** What a role tells of itself. What it leaves out it does not have. */
export interface RoleStatus {
  /** Why it cannot do its work now; absent when it can. A standby is ready. */
  readonly unready?: string;
  /** What an operator should know although it is ready. */
  readonly note?: string;
  readonly position?: Position;
  readonly ordinal?: number;
  readonly logTimeMs?: number;
  /** Of the state at `position`, if the role holds one. */
  readonly stateHash?: string;
  readonly leads?: readonly HeldLease[];
  readonly lastSnapshot?: SnapshotMark;
}

/** Who wants to know how a role is. */
export type StatusAsker = 'board' | 'health';

/** A role at work. */
export interface RunningRole {
  /** Settles when it ends by itself, with what ended it; a process without its role ends too. */
  readonly ended: Promise<unknown>;
  /** Where it answers about its health, if it has a server of its own for that. */
  readonly healthUrl?: string;
  /**
   * Asked every few seconds for the board; and as often as anybody likes for `/readyz` and `/metrics`, of which
   * nobody wants the hash: while a poll is under way it takes some milliseconds.
   */
  status(asker: StatusAsker): RoleStatus | Promise<RoleStatus>;
  /** Settles what was accepted, gives leases back, and ends. The ports are closed after it. */
  stop(): Promise<void>;
}

/** What a process gives its role to work with. */
export interface ProcessContext {
  /** Unique to this run: holder of leases, id on the board. */
  readonly id: string;
  readonly role: RoleName;
  readonly config: Config;
  readonly log: Log;
  readonly ports: Ports;
  readonly timer: Timer;
  readonly metrics: Metrics;
  /** Aborts when the process was asked to end. */
  readonly signal: AbortSignal;
  /** What the process would report now. */
  report(): Promise<ProcessReport>;
}

/** Starts the role; the process is ready when this has settled and `status` says so. */
export type StartRole = (context: ProcessContext) => Promise<RunningRole>;
