import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '@wherefore/host';
import { WhereforeError } from '@wherefore/model';
import type { Caller } from '../access/caller';
import type { Access } from '../access/openAccess';
import { Visit, receive } from '../access/visit';
import { pathOf, refuse } from './answerHead';
import { failureBody } from './failure';
import type { Step } from './inTurn';
import type { RateLimit } from './rateLimit';

/** Below this nothing is answered without knowing who asks. */
const PROTECTED = /^\/v1(\/|$)/i;

/**
 * Step that finds out who sent a request, before its body is read. Who is refused gets the body that
 * clients of OpenStack know.
 */
export function authenticate(access: Access, limit: RateLimit, log: Log): Step {
  return (request, response, next) => {
    const path = pathOf(request);
    if (!PROTECTED.test(path)) return next();
    const address = addressOf(request);
    if (!limit.hasRoom(`refused ${address}`)) return tooMany(limit, response);
    const admit = (caller: Caller): void => {
      const visit = new Visit(caller, access.policy, access.admin);
      receive(request, visit);
      if (limit.take(caller.isOperator ? `address ${address}` : `tenant ${visit.tenant}`)) next();
      else tooMany(limit, response);
    };
    const deny = (error: unknown): void => turnAway(error, access, address, response, limit, log);
    let caller: Caller | Promise<Caller>;
    try {
      caller = access.authenticator.authenticate({ headers: request.headers, path });
    } catch (error) {
      return deny(error);
    }
    // Where nobody has to be asked who it is, the answer may be written in the turn in which the request came.
    if (caller instanceof Promise) caller.then(admit, deny);
    else admit(caller);
  };
}

function turnAway(
  error: unknown,
  { authenticator }: Access,
  address: string,
  response: ServerResponse,
  limit: RateLimit,
  log: Log,
): void {
  const isRefused = error instanceof WhereforeError && error.code === 'unauthenticated';
  if (!isRefused) {
    log.error({ err: error }, 'nobody could be authenticated');
    const body = failureBody(error);
    refuse(response, body.code, body, body.code === 503 ? ['Retry-After', '5'] : []);
    return;
  }
  limit.take(`refused ${address}`);
  const { message } = error;
  const title = 'Unauthorized';
  const body = { error: { code: 401, title, message }, code: 401, title, description: message };
  refuse(response, 401, body, ['WWW-Authenticate', authenticator.challenge]);
}

function tooMany(limit: RateLimit, response: ServerResponse): void {
  const fault = new WhereforeError('rate-limited', `more than ${limit.perSecond} requests a second`, {
    hint: 'Wait as long as Retry-After says.',
    retryable: true,
  });
  const body = failureBody(fault);
  refuse(response, body.code, body, ['Retry-After', '1']);
}

function addressOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? '';
}
