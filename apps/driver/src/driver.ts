import { setMaxListeners } from 'node:events';
import type { WhereforeError } from '@wherefore/model';
import type { EventLog, HeldLease, LeaderLease, Timer } from '@wherefore/ports';
import { LeaderRole, runTogether } from '@wherefore/runtime';
import { CallWatch, type CallSources } from './polling/callWatch';
import { PollCalls } from './polling/pollCalls';
import { type DutySettings, PollDuty } from './polling/pollDuty';
import { Poller, type PollReport } from './polling/poller';
import { Slots } from './polling/slots';
import type { PollSource } from './sources/pollSource';

export interface DriverParts {
  readonly log: Pick<EventLog, 'append'>;
  readonly leases: LeaderLease;
  readonly calls: CallSources;
  readonly timer: Timer;
  /** 0 up to 1. */
  readonly random: () => number;
}

export interface DriverOptions {
  readonly sources: readonly PollSource[];
  /** Unique to this run of this process. */
  readonly holder: string;
  readonly leaseTtlMs: number;
  /** Whether the log is out of reach for this process, though the leases are not. */
  readonly isCutOff: () => boolean;
  readonly pollsAtATime: number;
  /** How often a source is polled, and how long that may take. */
  readonly dutyOf: (source: PollSource) => DutySettings;
}

/** What happens, for whoever logs and counts. */
export interface DriverEars {
  polled(report: PollReport): void;
  /** A term began, or is over. */
  leads(source: string, epoch: number, isLeading: boolean): void;
  troubled(error: WhereforeError): void;
}

/**
 * Polls every source while it is the one process that does: each source has a lease of its own, `driver/<datasource>`,
 * so that several drivers share the work and take over from one another.
 */
export class Driver {
  /** Of each source, how its last poll in this process went. */
  readonly reports = new Map<string, PollReport>();
  private readonly roles: readonly { readonly source: PollSource; readonly role: LeaderRole }[];
  private readonly calls = new PollCalls();

  constructor(
    private readonly parts: DriverParts,
    private readonly options: DriverOptions,
    private readonly ears: DriverEars,
  ) {
    const { leases, timer } = parts;
    const { holder, leaseTtlMs: ttlMs, isCutOff } = options;
    const warn = (error: WhereforeError): void => ears.troubled(error);
    this.roles = options.sources.map((source) => {
      const lease = leaseOf(source);
      // One that does not poll asks for each lease in turn: not as often as one that waits for a single one.
      const retryEveryMs = Math.min(2_000, ttlMs / 4);
      return { source, role: new LeaderRole(leases, timer, { lease, holder, ttlMs, retryEveryMs, isCutOff, warn }) };
    });
  }

  /** The leases that this process holds now. */
  get held(): readonly HeldLease[] {
    return this.roles.flatMap(({ source, role }) => {
      const { term } = role;
      return term === undefined ? [] : [{ lease: leaseOf(source), epoch: term.epoch, sinceMs: term.sinceMs }];
    });
  }

  /** Until the signal aborts; what is under way then is left undone. Rejects with what ends it before. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, timer, random, calls } = this.parts;
    const tools = {
      poller: new Poller(log, timer),
      calls: this.calls,
      slots: new Slots(this.options.pollsAtATime),
      timer,
      random,
      polled: (report: PollReport) => {
        this.reports.set(report.source, report);
        this.ears.polled(report);
      },
    };
    const watch = new CallWatch(calls, this.calls, timer, (error) => this.ears.troubled(error));
    const duties = this.roles.map(({ source, role }) => async (ending: AbortSignal) => {
      // All roles listen to the one signal: as many as there are is no leak.
      setMaxListeners(0, ending);
      const duty = new PollDuty(source, this.options.dutyOf(source), tools);
      await role.run(async (term) => {
        this.ears.leads(source.name, term.epoch, true);
        try {
          await duty.run(term);
        } finally {
          this.ears.leads(source.name, term.epoch, false);
        }
      }, ending);
    });
    await runTogether(signal, [(ending) => watch.run(ending), ...duties]);
  }
}

/** Named after the first datasource, also where a source is a poll of several. */
export function leaseOf({ datasources, name }: PollSource): string {
  return `driver/${datasources[0] ?? name}`;
}
