import type { ServerResponse } from 'node:http';
import type { LiveVersion } from '@wherefore/answering';
import { formatPosition, PassingMap, type Position } from '@wherefore/model';
import type { Caller } from '../access/caller';
import { visitOf } from '../access/visit';
import type { ApiNode } from '../apiNode';
import { beginJson } from './answerHead';
import type { Step } from './inTurn';

/** What is kept at most, in bytes of bodies; larger bodies are not kept at all. */
const KEPT_BYTES_MAX = 32 * 1024 * 1024;
const BODY_BYTES_MAX = 1024 * 1024;
/** What an entry costs beside its body. */
const ENTRY_BYTES = 512;

interface Kept {
  readonly body: Uint8Array;
  readonly madeOf: LiveVersion | 'nothing';
  /** Where the live state was when it was last looked whether it is as it was: while it stands there, it is. */
  asOf: Position | undefined;
}

/**
 * Answers that were made already and would be made again just so. Each is kept under the whole of who asked and the
 * whole of what was asked, word for word, so that nobody is given another's; and it is given only while the part of
 * the live state that it was made of is as it was. What a viewer may see is not decided here: it was when the answer
 * was made, for the same caller under the same rules, of the same state.
 */
export class KeptAnswers {
  /** Least recently used first. */
  private readonly kept = new PassingMap<string, Kept>();
  private bytes = 0;
  private readonly keys = new WeakMap<object, string>();

  constructor(private readonly node: ApiNode) {}

  /** Step that answers what is kept; it comes after everything that may refuse a request. */
  readonly answer: Step = (request, response, next) => {
    const visit = request.method === 'GET' ? visitOf(request) : undefined;
    if (visit === undefined) return next();
    const key = keyOf(visit.caller, request.url!);
    const found = this.kept.get(key);
    if (found === undefined) {
      this.keys.set(response, key);
      return next();
    }
    const { position } = this.node;
    if (found.madeOf === 'nothing' || found.asOf === position) return this.again(key, found, response, position);
    this.node.answers.raw.current(found.madeOf.part).then(({ token, position }) => {
      if (token === (found.madeOf as LiveVersion).token) {
        found.asOf = position;
        return this.again(key, found, response, position);
      }
      this.keys.set(response, key);
      next();
    }, next);
  };

  /** Keeps what was answered, if its request may come again. Gives what is kept. */
  keep(
    response: object,
    slices: readonly Uint8Array[],
    madeOf: LiveVersion | 'nothing' | undefined,
  ): Uint8Array | undefined {
    const key = this.keys.get(response);
    if (madeOf === undefined || key === undefined || lengthOf(slices) > BODY_BYTES_MAX) return undefined;
    const body = slices.length === 1 ? slices[0]! : Buffer.concat(slices);
    this.forget(key);
    this.kept.set(key, { body, madeOf, asOf: undefined });
    this.bytes += costOf(key, body);
    for (const oldest of this.kept.keys()) {
      if (this.bytes <= KEPT_BYTES_MAX) break;
      this.forget(oldest);
    }
    return body;
  }

  private again(key: string, kept: Kept, response: ServerResponse, position: Position): void {
    this.kept.delete(key);
    this.kept.set(key, kept);
    send(response, [kept.body], formatPosition(position));
  }

  private forget(key: string): void {
    const found = this.kept.get(key);
    if (found === undefined) return;
    this.kept.delete(key);
    this.bytes -= costOf(key, found.body);
  }
}

/** Callers that come with more than one request, by the same object. */
const callerKeys = new WeakMap<Caller, string>();

/** Everything by which a rule, a viewer or an endpoint may tell one request from another. */
function keyOf(caller: Caller, url: string): string {
  let key = callerKeys.get(caller);
  if (key === undefined) {
    const { isOperator, userId, userName, projectId, roles } = caller;
    key = JSON.stringify([isOperator, userId, userName, projectId, roles]);
    callerKeys.set(caller, key);
  }
  return `${key}\n${url}`;
}

function costOf(key: string, body: Uint8Array): number {
  return key.length * 2 + body.length + ENTRY_BYTES;
}

/** Sends JSON that is whole, with one write. */
export function send(response: ServerResponse, slices: readonly Uint8Array[], position: string): void {
  beginJson(response, position, lengthOf(slices));
  if (slices.length > 1) {
    response.cork();
    for (const slice of slices) response.write(slice);
  }
  response.end(slices.length === 1 ? slices[0] : undefined);
}

function lengthOf(slices: readonly Uint8Array[]): number {
  return slices.reduce((bytes, { length }) => bytes + length, 0);
}
