import type { Log } from '@wherefore/host';
import { WhereforeError } from '@wherefore/model';
import type { NextFunction, Request, Response } from 'express';
import type { Access } from '../access/openAccess';
import { Visit, receive } from '../access/visit';
import { failureBody } from './failure';
import type { RateLimit } from './rateLimit';

/** Below this nothing is answered without knowing who asks. */
const PROTECTED = /^\/v1(\/|$)/i;

/**
 * Middleware that finds out who sent a request, before its body is read. Who is refused gets the body that
 * clients of OpenStack know.
 */
export function authenticate(access: Access, limit: RateLimit, log: Log) {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (!PROTECTED.test(request.path)) return next();
    admit(access, limit, request, response).then(
      (isIn) => (isIn ? next() : undefined),
      (error: unknown) => refuse(error, access, request, response, limit, log),
    );
  };
}

async function admit(access: Access, limit: RateLimit, request: Request, response: Response): Promise<boolean> {
  const address = addressOf(request);
  if (!limit.hasRoom(`refused ${address}`)) return tooMany(limit, response);
  const caller = await access.authenticator.authenticate({ headers: request.headers, path: request.path });
  const visit = new Visit(caller, access.policy, access.admin);
  receive(request, visit);
  if (limit.take(visit.caller.isOperator ? `address ${address}` : `tenant ${visit.tenant}`)) return true;
  return tooMany(limit, response);
}

function refuse(
  error: unknown,
  { authenticator }: Access,
  request: Request,
  response: Response,
  limit: RateLimit,
  log: Log,
): void {
  const isRefused = error instanceof WhereforeError && error.code === 'unauthenticated';
  if (!isRefused) {
    log.error({ err: error }, 'nobody could be authenticated');
    const body = failureBody(error);
    if (body.code === 503) response.setHeader('Retry-After', '5');
    response.status(body.code).json(body);
    return;
  }
  limit.take(`refused ${addressOf(request)}`);
  const { message } = error;
  response.setHeader('WWW-Authenticate', authenticator.challenge);
  response.status(401).json({
    error: { code: 401, title: 'Unauthorized', message },
    code: 401,
    title: 'Unauthorized',
    description: message,
  });
}

function tooMany(limit: RateLimit, response: Response): false {
  const fault = new WhereforeError('rate-limited', `more than ${limit.perSecond} requests a second`, {
    hint: 'Wait as long as Retry-After says.',
    retryable: true,
  });
  response.setHeader('Retry-After', '1');
  const body = failureBody(fault);
  response.status(body.code).json(body);
  return false;
}

function addressOf(request: Request): string {
  return request.socket.remoteAddress ?? '';
}
