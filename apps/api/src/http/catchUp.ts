import { WhereforeError } from '@wherefore/model';
import type { ApiNode } from '../apiNode';
import { pathOf, refuse } from './answerHead';
import { failureBody } from './failure';
import type { Step } from './inTurn';

/** What is answered of the live state. Events are taken in meanwhile, and how the processes are is no matter of it. */
const OF_THE_STATE = /^\/v1\/(?!(event|processes|service)(\/|$))/i;
const WAIT_MS = 5_000;

/**
 * Step that holds back questions while the server catches up after its start: from half a state, a list of alarms is
 * short or empty, and looks like good news. Whoever has waited for 5 s is told so.
 */
export function awaitCatchUp(node: ApiNode): Step {
  return (request, response, next) => {
    const { catchingUp } = node;
    if (catchingUp === undefined || !OF_THE_STATE.test(pathOf(request))) return next();
    const giveUp = setTimeout(() => {
      const body = failureBody(behind());
      refuse(response, body.code, body, ['Retry-After', '5']);
    }, WAIT_MS);
    void catchingUp.then(() => {
      if (response.headersSent) return;
      clearTimeout(giveUp);
      next();
    });
  };
}

function behind(): WhereforeError {
  return new WhereforeError('catching-up', 'the server is still applying what was archived before it started', {
    hint: 'Ask again in a few seconds, or ask another server; /readyz tells when it is done.',
    retryable: true,
  });
}
