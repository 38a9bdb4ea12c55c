import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ArgumentsHost, Catch, ExceptionFilter, type NestApplicationOptions } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Log } from '@wherefore/host';
import { formatPosition } from '@wherefore/model';
import type { NextFunction, Request, Response } from 'express';
import type { ApiNode } from '../apiNode';
import { Answer } from './answer';
import { failureBody } from './failure';
import { JsonText, slicesOf } from './jsonText';
import { POSITION_HEADER, setHead } from './answerHead';
import type { Step } from './inTurn';
import { type KeptAnswers, send } from './keptAnswers';

/** Of an answer no larger than this, nobody has to be given a turn in between. */
const WHOLE_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Sends whatever an endpoint returns as JSON, `null` too, with the position it describes. In the adapter and not
 * in an interceptor, which takes a sixth of the time of a small answer.
 */
export class JsonAdapter extends ExpressAdapter {
  /** Why a request failed before it came to the router. */
  private readonly failures = new WeakMap<object, unknown>();

  /** `first` is what every request passes before the router, which takes longer over it than most answers take. */
  constructor(
    private readonly node: ApiNode,
    private readonly kept: KeptAnswers,
    private readonly first: Step,
  ) {
    super();
    this.use((request: Request, _response: Response, next: NextFunction) => next(this.failures.get(request)));
  }

  override initHttpServer(options: NestApplicationOptions): void {
    super.initHttpServer(options);
    const server = this.getHttpServer() as Server;
    const [router] = server.listeners('request') as [(request: IncomingMessage, response: ServerResponse) => void];
    server.removeAllListeners('request');
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const goOn = (failure?: unknown): void => {
        if (failure !== undefined) this.failures.set(request, failure);
        setHead(response);
        router(request, response);
      };
      try {
        this.first(request, response, goOn);
      } catch (error) {
        goOn(error);
      }
    });
  }

  override reply(response: Response, result: unknown, statusCode?: number): void {
    // The endpoint has answered by itself.
    if (response.headersSent) return;
    const { body, position, madeOf } = result instanceof Answer ? result : Answer.after(this.node.position, result);
    const slices = slicesOf(body instanceof JsonText ? body : new JsonText([JSON.stringify(body ?? null)]));
    const { begun, isWhole } = begin(slices);
    if (statusCode !== undefined) response.statusCode = statusCode;
    if (isWhole) {
      const kept = this.kept.keep(response, begun, madeOf);
      send(response, kept === undefined ? begun : [kept], position);
      return;
    }
    response.setHeader(POSITION_HEADER, position);
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    // Whoever hangs up in between has no answer to miss.
    pipeline(Readable.from(inTurn(begun, slices)), response).catch(() => undefined);
  }
}

/** The first slices: all of them, where they are few enough to be sent at once. */
function begin(slices: Iterator<Uint8Array>): { readonly begun: Uint8Array[]; readonly isWhole: boolean } {
  const begun: Uint8Array[] = [];
  for (let bytes = 0; bytes <= WHOLE_BYTES_MAX;) {
    const { value, done } = slices.next();
    if (done === true) return { begun, isWhole: true };
    bytes += value.length;
    begun.push(value);
  }
  return { begun, isWhole: false };
}

/** Others have their turn after each slice. */
async function* inTurn(begun: readonly Uint8Array[], rest: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* begun;
  for (const slice of rest) {
    await nextTurn();
    yield slice;
  }
}

/** Answers failures with Vitrage's fields and ours; logs those that are the server's own. */
@Catch()
export class FailureReplies implements ExceptionFilter {
  constructor(
    private readonly node: ApiNode,
    private readonly log: Log,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    const body = failureBody(error);
    if (body.code >= 500)
      this.log.error({ err: error, url: http.getRequest<{ url: string }>().url }, 'a request failed');
    if (response.headersSent) {
      response.end();
      return;
    }
    response.setHeader(POSITION_HEADER, formatPosition(this.node.position));
    response.status(body.code).json(body);
  }
}
