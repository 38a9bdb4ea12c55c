import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { WhereforeError } from '@wherefore/model';
import { machineTimer } from '@wherefore/runtime';
import { type Config, type ConfigSources, isDistributed, loadConfig } from '../config';
import { HealthServer } from '../health/healthServer';
import { Metrics } from '../health/metrics';
import { type Log, openLog } from '../log';
import { openPorts, type Ports } from '../ports/openPorts';
import { Reporter } from './reporter';
import { programVersion } from './programVersion';
import type { ProcessContext, RoleName, RunningRole, StartRole } from './role';
import { nicenessOf, standBack } from './standBack';

/** A process that was asked to end and has not ended by then is ended. */
const STOP_DEADLINE_MS = 30_000;

/**
 * The life of a process with one role: reads the configuration, opens the ports with patience, starts the role, says how
 * it is (`/healthz`, `/readyz`, `/metrics`, the board), and ends on SIGTERM or SIGINT having settled what it accepted.
 *
 * Resolves with the exit code: 0 when it was asked to end and nothing was left undone, else 1, with the reason in the
 * log. Rejects `invalid-config` and `file-unreadable`, before anything was opened.
 */
export async function runProcess(role: RoleName, start: StartRole, sources: ConfigSources): Promise<number> {
  const config = loadConfig(sources);
  if (!isDistributed(config)) throw notDistributed(role);
  const log = openLog(config.log, { role });
  return new HostedProcess(role, config, log).run(start);
}

class HostedProcess {
  private readonly id: string;
  private readonly stopping = new AbortController();
  private readonly reporter: Reporter;
  private readonly metrics: Metrics;
  private readonly timer = machineTimer;
  private exitCode = 0;
  /** What is ended now: said when it takes too long. */
  private ending = 'what was being started';

  constructor(
    private readonly role: RoleName,
    private readonly config: Config,
    private readonly log: Log,
  ) {
    this.id = `${role}@${hostname()}:${process.pid}:${randomUUID().slice(0, 4)}`;
    const reportEveryMs = config.health.reportEverySeconds * 1000;
    const identity = { id: this.id, role, startedAtMs: this.timer.nowMs(), reportEveryMs };
    this.reporter = new Reporter(identity, this.timer, log);
    this.metrics = new Metrics({ id: this.id, role, version: programVersion() });
  }

  async run(start: StartRole): Promise<number> {
    standBack(nicenessOf(this.role, this.config));
    this.endOnDefects();
    this.listenToSignals();
    let health: HealthServer | undefined;
    let ports: Ports | undefined;
    try {
      health = await this.serveHealth();
      ports = await this.open();
      await this.work(start, ports);
    } catch (error) {
      if (!this.stopping.signal.aborted) this.fail(error);
    } finally {
      await this.close(ports, health);
    }
    this.log.info({ exitCode: this.exitCode }, 'ended');
    return this.exitCode;
  }

  private async open(): Promise<Ports> {
    const { log, timer, id: name } = this;
    const waits = (reason: string): void => this.reporter.waits(reason);
    const ports = await openPorts(this.config, { log, timer, name, signal: this.stopping.signal, waits });
    this.reporter.opened(ports);
    return ports;
  }

  /** From the start of the role to its end. The process reports meanwhile, from its first moment on. */
  private async work(start: StartRole, ports: Ports): Promise<void> {
    const { id, role, config, log, timer, metrics } = this;
    const reporting = new AbortController();
    this.reporter.waits('starting');
    const reported = this.reporter.run(reporting.signal);
    try {
      const context: ProcessContext = {
        ...{ id, role, config, log, ports, timer, metrics },
        signal: this.stopping.signal,
        report: () => this.reporter.report('board'),
      };
      const running = await start(context);
      this.reporter.works(running);
      log.info({ id }, 'at work');
      await this.reporter.post();
      await this.untilItEnds(running);
    } finally {
      reporting.abort();
      await reported;
    }
  }

  private async untilItEnds(running: RunningRole): Promise<void> {
    const { signal } = this.stopping;
    const asked = new Promise<'asked'>((resolve) => {
      if (signal.aborted) resolve('asked');
      else signal.addEventListener('abort', () => resolve('asked'));
    });
    const ended = await Promise.race([asked, running.ended.then((error) => ({ error }))]);
    if (ended !== 'asked') this.fail(ended.error ?? new Error('the role ended by itself'));
    else this.reporter.ends('asked to end');
    this.ending = 'the last report';
    await this.reporter.post();
    this.ending = 'the role';
    await running.stop();
  }

  private fail(error: unknown): void {
    this.exitCode = 1;
    this.log.fatal({ err: error }, `the ${this.role} ends`);
    this.reporter.ends(error instanceof Error ? error.message : String(error));
  }

  private async close(ports: Ports | undefined, health: HealthServer | undefined): Promise<void> {
    this.ending = 'leaving the board';
    try {
      // Who failed stays on the board, with the reason, until it was silent for long.
      if (this.exitCode === 0) await ports?.board.forget(this.id);
      else await this.reporter.post();
    } catch (error) {
      this.log.warn({ err: error }, 'could not leave the board');
    }
    this.ending = 'the connections to broker and database';
    await ports?.close();
    this.ending = 'the server of its health';
    await health?.close();
  }

  private async serveHealth(): Promise<HealthServer | undefined> {
    // The api answers about its health where it answers about everything.
    if (this.role === 'api') return undefined;
    const { healthPort } = this.config[this.role];
    const health = await HealthServer.listen(this.config.health.host, healthPort, {
      report: () => this.reporter.report('health'),
      metrics: async (report) => ({
        contentType: this.metrics.contentType,
        text: await this.metrics.text(report, this.timer.nowMs()),
      }),
    });
    this.reporter.answersAt(health.url);
    this.log.info({ health: health.url }, 'health can be asked for');
    return health;
  }

  /** What nobody caught is a defect, or a broken invariant: going on could write wrong things down. */
  private endOnDefects(): void {
    for (const name of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(name, (error: unknown) => {
        this.log.fatal({ err: error }, 'a defect of Wherefore, please report it');
        process.exit(1);
      });
    }
  }

  /** The first signal asks to end; a second one insists. */
  private listenToSignals(): void {
    const { log, stopping } = this;
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.on(name, () => {
        if (stopping.signal.aborted) {
          log.fatal({ signal: name }, 'ended at once; what was under way is left undone');
          process.exit(1);
        }
        log.info({ signal: name }, 'ending');
        stopping.abort(new Error(`ended by ${name}`));
        setTimeout(() => {
          const within = `${STOP_DEADLINE_MS / 1000} s`;
          log.fatal({ waitsFor: this.ending }, `not ended after ${within}; leaving the rest undone`);
          process.exit(1);
        }, STOP_DEADLINE_MS).unref();
      });
    }
  }
}

function notDistributed(role: RoleName): WhereforeError {
  return new WhereforeError(
    'invalid-config',
    `the ${role} shares a log with other processes, and broker.urls is missing`,
    {
      hint: 'Set broker.urls and database.host, or run all roles in one process with "wherefore serve".',
    },
  );
}
