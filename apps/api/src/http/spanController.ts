import { Controller, Get, Query } from '@nestjs/common';
import { parseDuration } from '@wherefore/contract';
import { WhereforeError } from '@wherefore/model';
import { WhereforeNode } from '../node';
import { Answer } from './answer';
import { momentOf, readCount, readFlag, readInstant, readText, type Query as Params } from './reading';

const AROUND_DEFAULT_MS = 300_000;

/** Our own questions about what happened between two moments. */
@Controller('v1/answers')
export class SpanController {
  constructor(private readonly node: WhereforeNode) {}

  @Get('diff')
  async diff(@Query() query: Params): Promise<Answer> {
    const fromMs = readInstant(readText(query['from']));
    const toMs = readInstant(readText(query['to']));
    if (fromMs === undefined) {
      throw new WhereforeError('bad-request', 'from is missing', {
        hint: 'Ask /v1/answers/diff?from=<time>&to=<time>.',
      });
    }
    const answer = await this.node.answers.diff({
      fromMs,
      ...(toMs === undefined ? {} : { toMs }),
      ...textOf(query, 'type'),
      ...textOf(query, 'about'),
    });
    return Answer.at(answer.to, answer);
  }

  @Get('log')
  async log(@Query() query: Params): Promise<unknown> {
    const { atMs = this.node.nowMs() } = momentOf(query);
    const limit = readCount('limit', query['limit']);
    const ticks = readFlag(query['ticks']);
    return this.node.answers.log({
      atMs,
      aroundMs: readAround(query['around']),
      ...textOf(query, 'about'),
      ...(limit === undefined ? {} : { limit }),
      ...(ticks === undefined ? {} : { ticks }),
    });
  }
}

function readAround(value: unknown): number {
  const text = readText(value);
  if (text === undefined) return AROUND_DEFAULT_MS;
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new WhereforeError('bad-request', `around is "${text}", which is no length of time`, {
    hint: 'Write for instance 5m, 90s, 1.5h.',
  });
}

function textOf<K extends string>(query: Params, name: K): { readonly [key in K]?: string } {
  const text = readText(query[name]);
  return (text === undefined ? {} : { [name]: text }) as { readonly [key in K]?: string };
}
