/** Whether something that a process depends on can be reached, as that process sees it. */
export interface LinkView {
  readonly isReachable: boolean;
  readonly since: string;
  /** What was said when it was last out of reach; empty if it never was. */
  readonly trouble: string;
}

export interface LeaseView {
  readonly lease: string;
  readonly epoch: number;
  readonly since: string;
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
  /** `silent`: gone, or cut off: not heard of for longer than it should be. `ending`: it has ended, or is about to. */
  readonly state: 'starting' | 'ready' | 'unready' | 'ending' | 'silent';
  /** Why it is not ready, or what else there is to say of it; else empty. */
  readonly note: string;
  readonly startedAt: string;
  /** How long ago it said so, and when. */
  readonly silentMs: number;
  readonly lastHeardAt: string;
  /** How far it has come in the log, and how many entries that is; `null` when it follows none. */
  readonly position: string | null;
  readonly ordinal: number | null;
  readonly logTime: string | null;
  /** How far it is known to be behind the others, in entries and in log time. */
  readonly lagEntries: number | null;
  readonly lagMs: number | null;
  /** The leases that it holds: none of one that is silent or has ended. */
  readonly leads: readonly LeaseView[];
  /** The leases that it held when it was last heard of; empty while it is alive. */
  readonly held: readonly LeaseView[];
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
  /**
   * By role and start. One that has gone stays for an hour, unless another of its role was started since: then a note
   * tells of it for ten minutes.
   */
  readonly processes: readonly ProcessView[];
  readonly lastSnapshot: { readonly position: string; readonly createdAt: string } | null;
  /** What is wrong, in sentences; none when all is well. */
  readonly troubles: readonly string[];
  /** What could be better, such as a role that nobody stands by for. */
  readonly notes: readonly string[];
}
