import { randomUUID } from 'node:crypto';
import type { Log } from '@wherefore/host';
import { visitOf } from '../access/visit';
import type { ApiNode } from '../apiNode';
import { noteHead, pathOf } from './answerHead';
import type { Step } from './inTurn';

/** Asked so often by machines that the log is better off without. */
const QUIET = /^\/(healthz|readyz|healthcheck)\/?$/;

/**
 * The step that comes first: gives each request an id, each answer a position (an endpoint that knows better replaces
 * it) and the headers that all have, and the log a line with the tenant. Bodies, queries and tokens are not logged.
 */
export function account(node: ApiNode, log: Log, headers: readonly string[]): Step {
  return (request, response, next) => {
    const requestId = `req-${randomUUID()}`;
    const startedMs = performance.now();
    const { method } = request;
    const path = pathOf(request);
    noteHead(response, { requestId, position: node.position, more: headers });
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
