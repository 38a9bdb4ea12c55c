import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setPriority, tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { distributed, loadConfig, openPorts, silentLog } from '@wherefore/host';
import { formatPosition, type NewEntry, parsePosition, type Position } from '@wherefore/model';
import { machineTimer } from '@wherefore/runtime';
import { NODE_FLAGS } from './nodeFlags';
import { RealCloud } from './realCloud';
import { MATCHING_TEMPLATES, templatesEntry } from './workload';

/** How it publishes, and so does the bare publisher that it is held against. */
export const APPENDED_AT_ONCE = 512;
export const APPENDS_UNDER_WAY = 16;

/** What is published. */
export interface SourcePlan {
  readonly servers: number;
  /** Polls of all of them, ten minutes apart, which stand ready before the first is asked for. */
  readonly rounds: number;
}

/** What was published when it was asked for last: how many entries, and where the newest of the log stands. */
export interface Published {
  readonly count: number;
  readonly newest: Position;
}

/** The same as a message from one process to another. */
interface PublishedMessage {
  readonly count: number;
  readonly newest: string;
}

/**
 * Publishes a cloud to the log as a driver does, from a process of its own that stands back as one: what is published
 * takes no room in the heap of whoever measures.
 */
export class RateSource {
  private constructor(private readonly child: ChildProcess) {}

  /** `env` says where broker and database are. Settles when all that is to be published stands ready. */
  static async open(plan: SourcePlan, env: { readonly [name: string]: string }): Promise<RateSource> {
    const child = fork(__filename, [], { execArgv: [...NODE_FLAGS], env: { ...process.env, ...env } });
    const source = new RateSource(child);
    child.send(plan);
    await source.answer();
    return source;
  }

  /** Settles when so many rounds more are confirmed. */
  async publish(rounds: number): Promise<Published> {
    this.child.send(rounds);
    const { count, newest } = (await this.answer()) as PublishedMessage;
    return { count, newest: parsePosition(newest)! };
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  private async answer(): Promise<unknown> {
    const control = new AbortController();
    const { signal } = control;
    try {
      const ended = once(this.child, 'exit', { signal }).then(() => {
        throw new Error('the process that publishes has ended');
      });
      const [message] = (await Promise.race([once(this.child, 'message', { signal }), ended])) as [unknown];
      return message;
    } finally {
      control.abort();
    }
  }
}

async function serve({ servers, rounds }: SourcePlan): Promise<void> {
  // As a driver stands back by default; in the environment of tests none does.
  setPriority(process.pid, loadConfig({ env: {}, cwd: tmpdir() }).niceness.driver);
  const opened = await openPorts(loadConfig({ env: process.env, cwd: tmpdir() }), {
    ...{ log: silentLog, timer: machineTimer, signal: new AbortController().signal },
    ...{ name: 'source', waits: () => undefined },
  });
  const { log } = distributed(opened);
  const cloud = new RealCloud(servers);
  await log.append([templatesEntry(MATCHING_TEMPLATES, cloud.atMs)]);
  // A source that has something to say is no part of the log: what is published stands ready, as the bare texts do.
  const ready: (readonly NewEntry[])[] = [];
  while (ready.length < rounds) {
    ready.push(cloud.nextTenMinutes());
    // The broker wants to hear from its client meanwhile.
    await pause(0);
  }
  process.on('message', (wanted: number) => {
    void publish(log, ready.splice(0, wanted)).then(async (count) => {
      const message: PublishedMessage = { count, newest: formatPosition(await log.newest()) };
      process.send!(message);
    });
  });
  process.send!('ready');
}

async function publish(
  log: { append(entries: readonly NewEntry[]): Promise<void> },
  rounds: (readonly NewEntry[])[],
): Promise<number> {
  let count = 0;
  const underWay = new Set<Promise<void>>();
  for (let entries = rounds.shift(); entries !== undefined; entries = rounds.shift()) {
    count += entries.length;
    for (const part of parts(entries, APPENDED_AT_ONCE)) {
      const appending = log.append(part).then(() => void underWay.delete(appending));
      underWay.add(appending);
      if (underWay.size >= APPENDS_UNDER_WAY) await Promise.race(underWay);
    }
  }
  await Promise.all(underWay);
  return count;
}

/** Cuts a list into pieces of one size. */
export function* parts<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

if (require.main === module) {
  process.once('message', (plan: SourcePlan) => void serve(plan));
  process.once('disconnect', () => process.exit());
}
