import type { NextFunction, Request, Response } from 'express';
import { formatPosition } from '@wherefore/model';
import { visitOf } from '../access/visit';
import type { ApiNode } from '../apiNode';
import { failureBody } from './failure';
import { readBody } from './readBody';
import { POSITION_HEADER } from './keptAnswers';

/**
 * Middleware that reads bodies. A bad one is answered at once; where events and templates come in,
 * its beginning is kept, so that an operator can see what was sent.
 */
export function readBodies(node: ApiNode) {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    read(node, request, response).then((isGood) => (isGood ? next() : undefined), next);
  };
}

async function read(node: ApiNode, request: Request, response: Response): Promise<boolean> {
  const body = await readBody(request);
  if (!('fault' in body)) {
    request.body = body.value;
    return true;
  }
  const { fault, excerpt } = body;
  if (isIntake(request) && isWelcome(request)) {
    const message = `${request.method} ${request.path}: ${fault.message}`;
    await node.keepRejected({ code: fault.code, message, hint: fault.hint ?? '' }, excerpt);
  }
  const failure = failureBody(fault);
  response.setHeader(POSITION_HEADER, formatPosition(node.position));
  response.status(failure.code).json(failure);
  return false;
}

/** Whoever may not bring anything in leaves no trace in the log either. */
function isWelcome(request: Request): boolean {
  return visitOf(request)?.may(request.method === 'PUT' ? 'template add' : 'event post') === true;
}

function isIntake({ method, path }: Request): boolean {
  return /^\/v1\/event\/?$/.test(path) || (method === 'PUT' && /^\/v1\/template\/?$/.test(path));
}
