import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ArgumentsHost, Catch, ExceptionFilter } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Log } from '@wherefore/host';
import { formatPosition } from '@wherefore/model';
import type { Response } from 'express';
import type { ApiNode } from '../apiNode';
import { Answer } from './answer';
import { failureBody } from './failure';
import { JsonText, slicesOf } from './jsonText';
import { type KeptAnswers, POSITION_HEADER, send } from './keptAnswers';

/**
 * Sends whatever an endpoint returns as JSON, `null` too, with the position it describes. In the adapter and not
 * in an interceptor, which takes a sixth of the time of a small answer.
 */
export class JsonAdapter extends ExpressAdapter {
  constructor(
    private readonly node: ApiNode,
    private readonly kept: KeptAnswers,
  ) {
    super();
  }

  override reply(response: Response, result: unknown, statusCode?: number): void {
    // The endpoint has answered by itself.
    if (response.headersSent) return;
    const { body, position, madeOf } = result instanceof Answer ? result : Answer.after(this.node.position, result);
    const slices = slicesOf(body instanceof JsonText ? body : new JsonText([JSON.stringify(body ?? null)]));
    const [first, second] = [slices.next(), slices.next()];
    if (statusCode !== undefined) response.statusCode = statusCode;
    if (second.done === true) {
      const bytes = Buffer.from(first.value as string);
      if (madeOf !== undefined) this.kept.keep(response, bytes, madeOf);
      send(response, bytes, position);
      return;
    }
    response.setHeader(POSITION_HEADER, position);
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    // Whoever hangs up in between has no answer to miss.
    pipeline(Readable.from(inTurn([first.value as string, second.value], slices)), response).catch(() => undefined);
  }
}

/** Others have their turn after each slice. */
async function* inTurn(begun: readonly string[], rest: Iterable<string>): AsyncGenerator<Buffer> {
  for (const slice of begun) yield Buffer.from(slice);
  for (const slice of rest) {
    await nextTurn();
    yield Buffer.from(slice);
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
