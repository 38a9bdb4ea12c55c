/** Whether something that a process depends on can be reached, as that process sees it. */
export interface LinkView {
  readonly isReachable: boolean;
  readonly since: string;
  /** What was said when it was last out of reach; empty if it never was. */
  readonly trouble: string;
}

/** A process as it said it was. Times are ISO 8601, UTC. */
export interface ProcessView {
  /** Unique to one run of one process. */
  readonly id: string;
  /** `listener`, `driver`, `processor`, `persister`, `api`; `all` for one that has every role. */
  readonly role: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly behaviour: number;
  /** `silent`: not heard of for longer than it should be. */
  readonly state: 'starting' | 'ready' | 'unready' | 'ending' | 'silent';
  /** Why it is not ready, or what else there is to say of it; else empty. */
  readonly note: string;
  readonly startedAt: string;
  /** How long ago it said so. */
  readonly silentMs: number;
  /** How far it has come in the log, and how many entries that is; `null` when it follows none. */
  readonly position: string | null;
  readonly ordinal: number | null;
  readonly logTime: string | null;
  /** How far it is known to be behind the others, in entries and in log time. */
  readonly lagEntries: number | null;
  readonly lagMs: number | null;
  readonly leads: readonly { readonly lease: string; readonly epoch: number; readonly since: string }[];
  readonly broker: LinkView | null;
  readonly database: LinkView | null;
  /** Where it answers `/healthz`, `/readyz`, `/metrics`; empty when nowhere. */
  readonly healthUrl: string;
}

/** Every process, and whether all is well. */
export interface ProcessesAnswer {
  readonly at: string;
  /** `embedded`: one process has all roles. */
  readonly shape: 'embedded' | 'distributed';
  /** By role and start. */
  readonly processes: readonly ProcessView[];
  readonly lastSnapshot: { readonly position: string; readonly createdAt: string } | null;
  /** What is wrong, in sentences; none when all is well. */
  readonly troubles: readonly string[];
  /** What could be better, such as a role that nobody stands by for. */
  readonly notes: readonly string[];
}
