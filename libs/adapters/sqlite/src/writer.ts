import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { WhereforeError, type ErrorCode } from '@wherefore/model';
import {
  commitOperations,
  type Operation,
  type OperationInput,
  type OperationName,
  type OperationOutput,
  type OperationResult,
} from './operations';
import { connectWriter, disconnectWriter } from './schema';

/**
 * Where the writing connection lives. `thread`: in a worker of its own, so that no sync of the disk
 * stops the event loop; what servers use. `inline`: in the calling thread; for tests that run from
 * sources, and for short imports. The rows and the promises are the same.
 */
export type WriterMode = 'thread' | 'inline';

/** An error as it crosses the thread. */
export type ErrorMessage =
  | {
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint: string | undefined;
      readonly retryable: boolean;
    }
  | { readonly defect: string };

export type ResultMessage = { readonly output: unknown } | { readonly error: ErrorMessage };

/** What a batch may hold, so that none keeps the others waiting for long. */
const BATCH_WEIGHT_MAX = 2000;

interface Pending {
  readonly operation: Operation;
  readonly weight: number;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Committer {
  commit(operations: readonly Operation[]): Promise<readonly OperationResult[]>;
  close(): Promise<void>;
}

/**
 * The one writer of a store, with group commit: while a transaction is under way, whatever is
 * submitted waits, and goes into the next one together. Operations run in the order of submission.
 */
export class Writer {
  private readonly queue: Pending[] = [];
  private running: Promise<void> | undefined;
  private isClosed = false;

  private constructor(private readonly committer: Committer) {}

  static async open(folder: string, mode: WriterMode = defaultMode()): Promise<Writer> {
    return new Writer(mode === 'thread' ? await startThread(folder) : inlineCommitter(folder));
  }

  /** Settles when the operation is durable. `weight` is about the rows that it writes. */
  submit<N extends OperationName>(name: N, input: OperationInput<N>, weight = 1): Promise<OperationOutput<N>> {
    return new Promise((resolve, reject) => {
      if (this.isClosed) return reject(new WhereforeError('log-unavailable', 'the store is closed'));
      const settle = resolve as (output: unknown) => void;
      this.queue.push({ operation: { name, input }, weight, resolve: settle, reject });
      this.running ??= this.drain();
    });
  }

  /** Settles when everything submitted before is durable and the connection closed. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.running;
    await this.committer.close();
  }

  private async drain(): Promise<void> {
    // One turn of the microtask queue, so that appends made side by side share the first commit.
    await Promise.resolve();
    while (this.queue.length > 0) {
      const batch = this.nextBatch();
      try {
        const results = await this.committer.commit(batch.map((pending) => pending.operation));
        results.forEach((result, i) => settle(batch[i]!, result));
      } catch (error) {
        for (const pending of batch) pending.reject(error);
      }
    }
    this.running = undefined;
  }

  private nextBatch(): Pending[] {
    let count = 0;
    for (let weight = 0; count < this.queue.length && weight < BATCH_WEIGHT_MAX; count++) {
      weight += this.queue[count]!.weight;
    }
    return this.queue.splice(0, count);
  }
}

function settle(pending: Pending, result: OperationResult): void {
  if ('error' in result) pending.reject(result.error);
  else pending.resolve(result.output);
}

const threadPath = join(__dirname, 'writerThread.js');

function defaultMode(): WriterMode {
  // Beside the compiled file there is a compiled thread; beside the source there is none to start.
  return existsSync(threadPath) ? 'thread' : 'inline';
}

function inlineCommitter(folder: string): Committer {
  const connection = connectWriter(folder);
  return {
    commit: async (operations) => commitOperations(connection, operations),
    close: async () => disconnectWriter(connection),
  };
}

async function startThread(folder: string): Promise<Committer> {
  const worker = new Worker(threadPath, { workerData: { folder } });
  let waiting: { resolve: (results: readonly ResultMessage[]) => void; reject: (error: unknown) => void } | undefined;
  let ended: WhereforeError | undefined;
  const end = (cause: unknown) => {
    ended ??= new WhereforeError('log-unavailable', 'the writer of the store ended', {
      hint: 'Start the process again; what was confirmed is safe.',
      cause,
    });
    waiting?.reject(ended);
  };
  worker.on('error', end);
  worker.on('exit', () => end(undefined));
  worker.on('message', (results: readonly ResultMessage[]) => waiting?.resolve(results));
  const exchange = (operations: readonly Operation[] | 'close' | undefined) =>
    new Promise<readonly ResultMessage[]>((resolve, reject) => {
      if (ended) return reject(ended);
      waiting = { resolve, reject };
      if (operations) worker.postMessage(operations);
    });
  const [ready] = (await exchange(undefined)).map(received);
  if (ready && 'error' in ready) throw ready.error;
  return {
    commit: async (operations) => (await exchange(operations)).map(received),
    close: async () => {
      if (!ended) await exchange('close');
      await worker.terminate();
    },
  };
}

function received(result: ResultMessage): OperationResult {
  if ('output' in result) return result;
  const { error } = result;
  if ('defect' in error) return { error: new Error(error.defect) };
  const { code, message, retryable, hint } = error;
  return { error: new WhereforeError(code, message, { retryable, ...(hint === undefined ? {} : { hint }) }) };
}
