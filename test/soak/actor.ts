import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, startProcess, type TestProcess } from '../cluster/processes';
import type { Services } from '../cluster/services';

/** Somebody who can be struck. */
export interface Victim {
  readonly name: string;
  /** What others of the same do as well; a service is the only one. */
  readonly role: string;
  /** Whether it has come to work since its last start. */
  isAtWork(): boolean;
  kill(): Promise<void>;
  /** Settles when it is at work again, or as far as its supervisor cares. */
  start(): Promise<void>;
  pause(): void;
  resume(): void;
}

/** Between the end of a process and its next start. */
const RESTART_MS = 1_000;

/** One run of a process, and how it ended. */
export interface Run {
  readonly process: TestProcess;
  readonly startedAtMs: number;
  /** Whether the soak ended it. */
  wasEnded: boolean;
}

/**
 * A process of Wherefore with a supervisor: when it ends by itself, it is started again after a second. Every run is kept,
 * with its log.
 */
export class Actor implements Victim {
  readonly runs: Run[] = [];
  private isWanted = false;

  constructor(
    readonly name: string,
    readonly role: string,
    private readonly env: { readonly [name: string]: string },
    private readonly program?: string,
  ) {}

  get current(): TestProcess {
    return this.runs.at(-1)!.process;
  }

  isAtWork(): boolean {
    return this.current.isRunning() && this.current.written().includes('"at work"');
  }

  async start(): Promise<void> {
    this.isWanted = true;
    const run: Run = {
      process: startProcess([this.role], this.env, this.program),
      startedAtMs: Date.now(),
      wasEnded: false,
    };
    this.runs.push(run);
    void run.process.ended.then(async () => {
      await sleep(RESTART_MS);
      if (this.isWanted && run === this.runs.at(-1)) await this.start();
    });
  }

  async kill(): Promise<void> {
    this.isWanted = false;
    const run = this.runs.at(-1)!;
    run.wasEnded ||= run.process.isRunning();
    await run.process.dispose();
  }

  pause(): void {
    this.current.signal('SIGSTOP');
  }

  resume(): void {
    this.current.signal('SIGCONT');
  }

  async ready(withinMs: number): Promise<void> {
    await eventually(async () => {
      const url = await this.current.healthUrl();
      const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) });
      return answer.status === 200 ? true : undefined;
    }, withinMs);
  }

  /** Asks it to end, and gives how it did. */
  async end(): Promise<number | NodeJS.Signals> {
    this.isWanted = false;
    this.runs.at(-1)!.wasEnded ||= this.current.isRunning();
    this.current.signal('SIGTERM');
    return this.current.ended;
  }
}

/** The broker and the database. */
export function servicesAsVictims({ broker, database }: Services): Victim[] {
  return [
    {
      name: 'broker',
      role: 'broker',
      isAtWork: () => true,
      kill: () => broker.kill(),
      start: () => broker.restart(),
      pause: () => broker.pause(),
      resume: () => broker.resume(),
    },
    {
      name: 'database',
      role: 'database',
      isAtWork: () => true,
      kill: () => database.kill(),
      start: () => database.restart(),
      pause: () => database.pause(),
      resume: () => database.resume(),
    },
  ];
}
