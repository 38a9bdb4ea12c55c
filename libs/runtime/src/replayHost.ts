import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { WhereforeError, type Json } from '@wherefore/model';
import { openJobs, runJob } from './openJobs';
import type { Answered, SpanAnswered } from './replayJobs';
import {
  fromErrorMessage,
  type FromThread,
  type Job,
  type ModuleRef,
  type ReplayParts,
  type ToThread,
} from './replayMessages';
import type { Target } from './replayer';
import type { PackedSnapshot } from './snapshotCodec';

/**
 * Where replays run. `thread`: in a worker of their own, so that the live graph is not held up; what
 * servers use. `inline`: in the calling thread, in slices; for tests from sources, and for a command
 * line that does nothing else meanwhile.
 */
export type HostMode = 'thread' | 'inline';

/** The engine, for `ReplayParts.machine`. */
export const ENGINE_MODULE: ModuleRef = { path: join(__dirname, 'engineMachine'), exportName: 'engineMachine' };

interface Runner {
  run(job: Job, signal: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

/** A place where one replay at a time runs, beside whatever the process does. Others wait in line. */
export class ReplayHost {
  private last: Promise<unknown> = Promise.resolve();
  private readonly closing = new AbortController();

  private constructor(private readonly runner: Runner) {}

  /** Rejects as the source does, for instance `store-missing`. */
  static async open(parts: ReplayParts, mode: HostMode = defaultMode()): Promise<ReplayHost> {
    return new ReplayHost(mode === 'thread' ? await startThread(parts) : await inlineRunner(parts));
  }

  /** Rejects as `Replayer.materialise` does, or with the signal's reason. */
  answer(target: Target, question: Json, signal?: AbortSignal): Promise<Answered> {
    return this.submit({ kind: 'answer', target, question }, signal) as Promise<Answered>;
  }

  /** What happened after `from`, up to `to`. Rejects as `answer` does. */
  span(from: Target, to: Target, question: Json, signal?: AbortSignal): Promise<SpanAnswered> {
    return this.submit({ kind: 'span', from, to, question }, signal) as Promise<SpanAnswered>;
  }

  /** A snapshot of everything archived so far; `undefined` when there already is one. */
  takeSnapshot(createdAtMs: number, signal?: AbortSignal): Promise<PackedSnapshot | undefined> {
    return this.submit({ kind: 'snapshot', createdAtMs }, signal) as Promise<PackedSnapshot | undefined>;
  }

  /** Ends what runs and what waits with `log-unavailable`, then the thread. */
  async close(): Promise<void> {
    this.closing.abort(new WhereforeError('log-unavailable', 'the replay host is closed'));
    await this.last;
    await this.runner.close();
  }

  private submit(job: Job, signal?: AbortSignal): Promise<unknown> {
    const either = signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal;
    const result = this.last.then(() => {
      either.throwIfAborted();
      return this.runner.run(job, either);
    });
    this.last = result.catch(() => undefined);
    // Whoever cancels is answered at once; the line moves on when the replay has noticed, too.
    return new Promise((resolve, reject) => {
      const abort = () => reject(either.reason);
      either.addEventListener('abort', abort);
      if (either.aborted) abort();
      void result.then(resolve, reject).finally(() => either.removeEventListener('abort', abort));
    });
  }
}

const threadPath = join(__dirname, 'replayThread.js');

function defaultMode(): HostMode {
  // Beside the compiled file there is a compiled thread; beside the source there is none to start.
  return existsSync(threadPath) ? 'thread' : 'inline';
}

async function inlineRunner(parts: ReplayParts): Promise<Runner> {
  const jobs = await openJobs(parts);
  return { run: (job, signal) => runJob(jobs, job, signal), close: () => jobs.close() };
}

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
}

async function startThread(parts: ReplayParts): Promise<Runner> {
  const worker = new Worker(threadPath, { workerData: parts });
  const waiting = new Map<number | 'open', Waiting>();
  let lastId = 0;
  let ended: unknown;
  const end = (cause: unknown) => {
    ended ??= new WhereforeError('log-unavailable', 'the replay thread ended', { cause, retryable: true });
    for (const each of waiting.values()) each.reject(ended);
    waiting.clear();
  };
  const settle = (id: number | 'open', how: (each: Waiting) => void) => {
    const each = waiting.get(id);
    waiting.delete(id);
    if (each) how(each);
  };
  worker.on('error', end);
  worker.on('exit', () => end(undefined));
  worker.on('message', (message: FromThread) => {
    if (message.kind === 'done') settle(message.id, (each) => each.resolve(message.output));
    else if (message.kind === 'failed')
      settle(message.id ?? 'open', (each) => each.reject(fromErrorMessage(message.error)));
    else settle('open', (each) => each.resolve(undefined));
  });
  const send = (message: ToThread) => worker.postMessage(message);
  const reply = (id: number | 'open') =>
    new Promise<unknown>((resolve, reject) => (ended ? reject(ended) : waiting.set(id, { resolve, reject })));
  await reply('open').catch(async (error: unknown) => {
    await worker.terminate();
    throw error;
  });
  return {
    run: async (job, signal) => {
      const id = (lastId += 1);
      const cancel = () => send({ kind: 'cancel', id });
      signal.addEventListener('abort', cancel);
      send({ kind: 'run', id, job });
      try {
        return await reply(id);
      } catch (error) {
        throw signal.aborted ? signal.reason : error;
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    },
    close: async () => {
      if (ended === undefined) {
        send({ kind: 'close' });
        await reply('open').catch(() => undefined);
      }
      await worker.terminate();
    },
  };
}
