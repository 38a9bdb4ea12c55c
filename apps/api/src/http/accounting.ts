import { randomUUID } from 'node:crypto';
import type { Log } from '@wherefore/host';
import { formatPosition } from '@wherefore/model';
import type { NextFunction, Request, Response } from 'express';
import { visitOf } from '../access/visit';
import type { ApiNode } from '../apiNode';
import { POSITION_HEADER } from './keptAnswers';

/** As OpenStack names it. */
export const REQUEST_ID_HEADER = 'x-openstack-request-id';
/** Asked so often by machines that the log is better off without. */
const QUIET = /^\/(healthz|readyz|healthcheck)\/?$/;

/**
 * Middleware that comes first: gives each request an id, each answer a position (an endpoint that knows
 * better replaces it), and the log a line with the tenant. Bodies, queries and tokens are not logged.
 */
export function account(node: ApiNode, log: Log) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const requestId = `req-${randomUUID()}`;
    const startedMs = performance.now();
    const { method, path } = request;
    response.setHeader(REQUEST_ID_HEADER, requestId);
    response.setHeader(POSITION_HEADER, formatPosition(node.position));
    response.once('close', () => {
      const visit = visitOf(request);
      const level = QUIET.test(path) ? 'debug' : 'info';
      const line = {
        requestId,
        method,
        path,
        status: response.statusCode,
        ms: Math.round(performance.now() - startedMs),
        ...(visit === undefined ? {} : { tenant: visit.tenant, user: visit.caller.userId }),
        ...(response.writableFinished ? {} : { isAborted: true }),
      };
      log[level](line, 'request');
    });
    next();
  };
}
