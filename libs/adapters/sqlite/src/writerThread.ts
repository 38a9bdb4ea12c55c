import { parentPort, workerData } from 'node:worker_threads';
import { WhereforeError, assert } from '@wherefore/model';
import { commitOperations, type Operation, type OperationResult } from './operations';
import { connectWriter, disconnectWriter } from './schema';
import type { ErrorMessage, ResultMessage } from './writer';

/**
 * The thread of the writing connection. One batch of operations comes in, one list of results goes
 * out; the first message says whether the store could be opened.
 */
function serve(): void {
  const port = parentPort;
  assert(port, 'the writer runs in a worker thread only');
  try {
    const connection = connectWriter((workerData as { folder: string }).folder);
    port.on('message', (operations: readonly Operation[] | 'close') => {
      if (operations === 'close') {
        disconnectWriter(connection);
        port.postMessage([]);
        port.close();
        return;
      }
      port.postMessage(commitOperations(connection, operations).map(toMessage));
    });
    port.postMessage([{ output: undefined }]);
  } catch (error) {
    port.postMessage([{ error: describeError(error) }]);
  }
}

function toMessage(result: OperationResult): ResultMessage {
  return 'error' in result ? { error: describeError(result.error) } : result;
}

function describeError(error: unknown): ErrorMessage {
  if (error instanceof WhereforeError) {
    const { code, message, hint, retryable } = error;
    return { code, message, hint, retryable };
  }
  return { defect: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

serve();
