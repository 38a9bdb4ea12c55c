import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '@wherefore/model';
import { openJobs, runJob } from './openJobs';
import { toErrorMessage, type FromThread, type ReplayParts, type ToThread } from './replayMessages';

const NICENESS_MAX = 19;

/** The thread of a replay host. Cancelling works because a replay lets its event loop go on. */
async function serve(): Promise<void> {
  const port = parentPort;
  assert(port, 'replays run in a worker thread only');
  const send = (message: FromThread, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  const running = new Map<number, AbortController>();
  try {
    const parts = workerData as ReplayParts;
    standBack(parts.niceness ?? 0);
    const jobs = await openJobs(parts);
    port.on('message', (message: ToThread) => {
      if (message.kind === 'cancel') {
        running.get(message.id)?.abort();
      } else if (message.kind === 'close') {
        void jobs.close().finally(() => {
          send({ kind: 'closed' });
          port.close();
        });
      } else {
        const { id, job } = message;
        const control = new AbortController();
        running.set(id, control);
        runJob(jobs, job, control.signal)
          .then(
            (output) => send({ kind: 'done', id, output }, transferable(output)),
            (error: unknown) => send({ kind: 'failed', id, error: toErrorMessage(error) }),
          )
          .finally(() => running.delete(id));
      }
    });
    send({ kind: 'ready' });
  } catch (error) {
    send({ kind: 'failed', id: undefined, error: toErrorMessage(error) });
  }
}

/** Without a process id it is the priority of the calling thread that Linux changes; elsewhere that of the process. */
function standBack(niceness: number): void {
  if (process.platform === 'linux') setPriority(Math.min(getPriority() + niceness, NICENESS_MAX));
}

/** The bytes of a snapshot, and those of an answer, move instead of being copied. */
function transferable(output: unknown): ArrayBuffer[] {
  const bytes = (output as { bytes?: unknown } | undefined)?.bytes;
  const slices: unknown[] = Array.isArray(bytes) ? bytes : [bytes];
  // Small ones may share their memory with others.
  return slices.flatMap((each) =>
    each instanceof Uint8Array && each.buffer instanceof ArrayBuffer && each.length === each.buffer.byteLength
      ? [each.buffer]
      : [],
  );
}

void serve();
