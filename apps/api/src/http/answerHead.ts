import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'node:url';
import { formatPosition, type Position } from '@wherefore/model';

/** As OpenStack names it. */
export const REQUEST_ID_HEADER = 'x-openstack-request-id';
export const POSITION_HEADER = 'X-Wherefore-Position';
const JSON_TYPE = 'application/json; charset=utf-8';

/** What every answer begins with, whoever writes it. */
export interface AnswerHead {
  readonly requestId: string;
  /** Of the state when the request came; an endpoint that knows better replaces it. */
  readonly position: Position;
  /** Names and values of headers, in turn. */
  readonly more: readonly string[];
}

const heads = new WeakMap<ServerResponse, AnswerHead>();

/** Notes how an answer begins. Nothing is set yet: most answers are written with all of their headers at once. */
export function noteHead(response: ServerResponse, head: AnswerHead): void {
  heads.set(response, head);
}

/** Sets the headers that were noted: needed before anybody else writes the answer. */
export function setHead(response: ServerResponse): void {
  const head = heads.get(response);
  if (head === undefined) return;
  heads.delete(response);
  const { requestId, position, more } = head;
  response.setHeader(REQUEST_ID_HEADER, requestId);
  response.setHeader(POSITION_HEADER, formatPosition(position));
  for (let at = 0; at < more.length; at += 2) response.setHeader(more[at]!, more[at + 1]!);
}

/** Begins an answer that is JSON of so many bytes. */
export function beginJson(response: ServerResponse, position: string, bytes: number): void {
  const head = heads.get(response);
  if (head === undefined) {
    response.setHeader(POSITION_HEADER, position);
    response.setHeader('Content-Type', JSON_TYPE);
    response.setHeader('Content-Length', bytes);
    return;
  }
  // Headers that are set one by one are looked up, copied and looked through: that takes longer than the rest of a small answer.
  response.writeHead(response.statusCode, [
    REQUEST_ID_HEADER,
    head.requestId,
    POSITION_HEADER,
    position,
    ...head.more,
    'Content-Type',
    JSON_TYPE,
    'Content-Length',
    String(bytes),
  ]);
}

/** Answers before anything reached an endpoint: that a request is refused, and why. */
export function refuse(response: ServerResponse, status: number, body: object, more: readonly string[] = []): void {
  setHead(response);
  for (let at = 0; at < more.length; at += 2) response.setHeader(more[at]!, more[at + 1]!);
  const text = JSON.stringify(body);
  response.statusCode = status;
  response.setHeader('Content-Type', JSON_TYPE);
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}

/** Of a request target that has nothing strange in it, what comes before the query is the path. */
const PLAIN = /^\/[^#\s]*$/;

/** The path that is asked for, just as the router reads it. Throws where the router would. */
export function pathOf({ url = '' }: IncomingMessage): string {
  if (!PLAIN.test(url)) return parse(url).pathname ?? '';
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
