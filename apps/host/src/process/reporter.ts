import { hostname } from 'node:os';
import { BEHAVIOUR_MAX } from '@wherefore/engine';
import type { ProcessReport, Timer } from '@wherefore/ports';
import type { Log } from '../log';
import type { CommonPorts } from '../ports/openPorts';
import { withoutSecrets } from '../secrets';
import { programVersion } from './programVersion';
import type { RoleStatus, RunningRole, StatusAsker } from './role';

/** What never changes in the reports of a process. */
export interface ProcessIdentity {
  readonly id: string;
  readonly role: string;
  readonly startedAtMs: number;
  readonly reportEveryMs: number;
}

type ReportingPorts = Pick<CommonPorts, 'board' | 'links' | 'sawDatabase'>;

/** Says how a process is: to whoever asks, and to the board every few seconds. */
export class Reporter {
  /** Why the process is not at work yet, or no longer; `undefined` when its role decides. */
  private away: { readonly phase: 'starting' | 'ending'; readonly note: string } | undefined = {
    phase: 'starting',
    note: 'starting',
  };
  private ports: ReportingPorts | undefined;
  private running: RunningRole | undefined;
  private healthUrl = '';
  private readonly version = programVersion();

  constructor(
    private readonly identity: ProcessIdentity,
    private readonly timer: Timer,
    private readonly log: Log,
  ) {}

  /** Still starting; `note` says what it waits for. */
  waits(note: string): void {
    this.away = { phase: 'starting', note: withoutSecrets(note) };
  }

  opened(ports: ReportingPorts): void {
    this.ports = ports;
  }

  answersAt(healthUrl: string): void {
    this.healthUrl = healthUrl;
  }

  works(running: RunningRole): void {
    this.running = running;
    this.away = undefined;
    if (running.healthUrl !== undefined) this.healthUrl = running.healthUrl;
  }

  ends(note: string): void {
    this.away = { phase: 'ending', note: withoutSecrets(note) };
  }

  /** How the process is now. Never rejects: a role that cannot say is not ready. */
  async report(asker: StatusAsker): Promise<ProcessReport> {
    const status = await this.roleStatus(asker);
    const { unready, note = '', position = null, ordinal = null, logTimeMs = null, stateHash } = status;
    const { broker, database } = this.ports?.links() ?? { broker: null, database: null };
    return {
      ...this.identity,
      host: hostname(),
      pid: process.pid,
      reportedAtMs: this.timer.nowMs(),
      version: this.version,
      behaviour: BEHAVIOUR_MAX,
      healthUrl: this.healthUrl,
      phase: this.away?.phase ?? (unready === undefined ? 'ready' : 'unready'),
      note: this.away?.note ?? unready ?? note,
      ...{ position, ordinal, logTimeMs, broker, database },
      ...(stateHash === undefined ? {} : { stateHash }),
      leads: status.leads ?? [],
      lastSnapshot: status.lastSnapshot ?? null,
    };
  }

  /** Posts to the board until the signal aborts. A board out of reach shows in the next report. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.post();
      await this.timer.sleep(this.identity.reportEveryMs, signal).catch(() => undefined);
    }
  }

  /** Posts once. Never rejects. */
  async post(): Promise<void> {
    const { ports } = this;
    if (!ports) return;
    try {
      await ports.board.report(await this.report('board'));
      ports.sawDatabase(undefined);
    } catch (error) {
      ports.sawDatabase(error);
      this.log.debug({ err: error }, 'the report could not be posted');
    }
  }

  private async roleStatus(asker: StatusAsker): Promise<RoleStatus> {
    try {
      return (await this.running?.status(asker)) ?? {};
    } catch (error) {
      return { unready: withoutSecrets(error instanceof Error ? error.message : String(error)) };
    }
  }
}
