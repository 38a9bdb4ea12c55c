import {
  ArgumentsHost,
  CallHandler,
  Catch,
  ExceptionFilter,
  ExecutionContext,
  Injectable,
  NestInterceptor,
} from '@nestjs/common';
import type { Log } from '@wherefore/host';
import { formatPosition } from '@wherefore/model';
import type { Response } from 'express';
import { map, type Observable } from 'rxjs';
import type { WhereforeNode } from '../node';
import { Answer } from './answer';
import { failureBody } from './failure';

export const POSITION_HEADER = 'X-Wherefore-Position';

/** Sends whatever an endpoint returns as JSON, `null` too, with the position it describes. */
@Injectable()
export class JsonReplies implements NestInterceptor {
  constructor(private readonly node: WhereforeNode) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      map((result: unknown) => {
        // The endpoint has answered by itself.
        if (response.headersSent) return result;
        const answer = result instanceof Answer ? result : Answer.after(this.node.position, result);
        response.setHeader(POSITION_HEADER, answer.position);
        response.type('application/json');
        return JSON.stringify(answer.body ?? null);
      }),
    );
  }
}

/** Answers failures with Vitrage's fields and ours; logs those that are the server's own. */
@Catch()
export class FailureReplies implements ExceptionFilter {
  constructor(
    private readonly node: WhereforeNode,
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
