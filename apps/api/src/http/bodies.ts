import type { IncomingMessage, ServerResponse } from 'node:http';
import { formatPosition, type Json } from '@wherefore/model';
import { visitOf } from '../access/visit';
import type { ApiNode } from '../apiNode';
import { pathOf, POSITION_HEADER, refuse, setHead } from './answerHead';
import { failureBody } from './failure';
import type { Step } from './inTurn';
import { readBody } from './readBody';

/**
 * Step that reads bodies. A bad one is answered at once; where events and templates come in,
 * its beginning is kept, so that an operator can see what was sent.
 */
export function readBodies(node: ApiNode): Step {
  return (request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    read(node, request, response).then((isGood) => (isGood ? next() : undefined), next);
  };
}

async function read(node: ApiNode, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const body = await readBody(request);
  if (!('fault' in body)) {
    // Where Express and Nest look for it.
    (request as { body?: Json | undefined }).body = body.value;
    return true;
  }
  const { fault, excerpt } = body;
  if (isIntake(request) && isWelcome(request)) {
    const message = `${request.method} ${pathOf(request)}: ${fault.message}`;
    await node.keepRejected({ code: fault.code, message, hint: fault.hint ?? '' }, excerpt);
  }
  const failure = failureBody(fault);
  setHead(response);
  response.setHeader(POSITION_HEADER, formatPosition(node.position));
  refuse(response, failure.code, failure);
  return false;
}

/** Whoever may not bring anything in leaves no trace in the log either. */
function isWelcome(request: IncomingMessage): boolean {
  return visitOf(request)?.may(request.method === 'PUT' ? 'template add' : 'event post') === true;
}

function isIntake(request: IncomingMessage): boolean {
  const { method } = request;
  const path = pathOf(request);
  return /^\/v1\/event\/?$/.test(path) || (method === 'PUT' && /^\/v1\/template\/?$/.test(path));
}
