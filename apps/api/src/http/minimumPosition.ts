import { WhereforeError, comparePositions, formatPosition, parsePosition, type Position } from '@wherefore/model';
import type { ApiNode } from '../apiNode';
import { refuse } from './answerHead';
import { failureBody } from './failure';
import type { Step } from './inTurn';

export const MINIMUM_POSITION_HEADER = 'x-wherefore-min-position';
const WAIT_MS = 5_000;

/**
 * Step for whoever wants to read what was written: the request is answered once this server has
 * applied the log up to the position that an earlier answer stated.
 */
export function awaitPosition(node: ApiNode): Step {
  return (request, response, next) => {
    const wanted = request.headers[MINIMUM_POSITION_HEADER];
    if (wanted === undefined) return next();
    reach(node, String(wanted)).then(
      () => next(),
      (error: unknown) => {
        const body = failureBody(error);
        refuse(response, body.code, body);
      },
    );
  };
}

async function reach(node: ApiNode, text: string): Promise<void> {
  const wanted: Position = parsePosition(text);
  if (comparePositions(node.position, wanted) >= 0) return;
  const signal = AbortSignal.timeout(WAIT_MS);
  try {
    await node.waitForPosition(wanted, signal);
  } catch (cause) {
    throw new WhereforeError('position-not-reached', `the server is at ${formatPosition(node.position)}`, {
      hint: 'Ask again in a few seconds, with a position that this server stated.',
      retryable: true,
      cause,
    });
  }
}
