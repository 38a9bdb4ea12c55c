import { Controller, Get, Query } from '@nestjs/common';
import { parseDuration } from '@wherefore/contract';
import { WhereforeError } from '@wherefore/model';
import type { Visit } from '../access/visit';
import { ApiNode } from '../apiNode';
import { Answer } from './answer';
import { Asker } from './asker';
import { Endpoint } from './describing/endpoint';
import { momentOf, readCount, readFlag, readInstant, readText, type Query as Params } from './reading';

const AROUND_DEFAULT_MS = 300_000;

/** Our own questions about what happened between two moments. */
@Controller('v1/answers')
export class SpanController {
  constructor(private readonly node: ApiNode) {}

  @Endpoint({
    tag: 'why',
    summary: 'What is different between two moments',
    query: ['from', 'to', 'type', 'about'],
    answer: 'diff',
  })
  @Get('diff')
  async diff(@Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    asker.need('get diff');
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

  @Endpoint({
    tag: 'why',
    summary: 'Entries of the log around a moment',
    query: ['at', 'around', 'about', 'limit', 'ticks'],
    answer: 'log',
  })
  @Get('log')
  async log(@Query() query: Params, @Asker() asker: Visit): Promise<unknown> {
    asker.need('get log');
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
