import { Controller, Get, Query } from '@nestjs/common';
import { WhereforeError } from '@wherefore/model';
import { WhereforeNode } from '../node';
import { Answer } from './answer';
import { momentOf, readCount, readText, type Query as Params } from './reading';

/** Our own questions, in our own shapes: `libs/contract`. */
@Controller('v1')
export class AnswersController {
  constructor(private readonly node: WhereforeNode) {}

  @Get('why')
  async why(@Query() query: Params): Promise<Answer> {
    const alarm = readText(query['alarm']);
    if (alarm === undefined) {
      throw new WhereforeError('bad-request', 'alarm is missing', {
        hint: 'Ask /v1/why?alarm=<name, name@resource or id>.',
      });
    }
    const on = readText(query['on']);
    const limit = readCount('limit', query['limit']);
    const answer = await this.node.answers.why({
      alarm,
      ...(on === undefined ? {} : { on }),
      ...(limit === undefined ? {} : { limit }),
      ...momentOf(query),
    });
    return Answer.at(answer.answeredAt, answer);
  }

  @Get('answers/alarms')
  async alarms(@Query() query: Params): Promise<Answer> {
    const match = readText(query['match']);
    const answer = await this.node.answers.alarms({ ...momentOf(query), ...(match === undefined ? {} : { match }) });
    return Answer.at(answer.answeredAt, answer);
  }

  @Get('answers/resources')
  async resources(@Query() query: Params): Promise<Answer> {
    const type = readText(query['type']);
    const id = readText(query['id']);
    const filter = { ...(type === undefined ? {} : { type }), ...(id === undefined ? {} : { id }) };
    const answer = await this.node.answers.resources({ ...momentOf(query), ...filter });
    return Answer.at(answer.answeredAt, answer);
  }

  @Get('answers/graph')
  async graph(@Query() query: Params): Promise<Answer> {
    const answer = await this.node.answers.graph(momentOf(query));
    return Answer.at(answer.answeredAt, answer);
  }

  @Get('answers/templates')
  async templates(@Query() query: Params): Promise<Answer> {
    const answer = await this.node.answers.templates(momentOf(query));
    return Answer.at(answer.answeredAt, answer);
  }

  @Get('answers/summary')
  async summary(@Query() query: Params): Promise<Answer> {
    const answer = await this.node.answers.summary(momentOf(query));
    return Answer.at(answer.answeredAt, answer);
  }

  @Get('rejected')
  rejected(@Query() query: Params): Promise<unknown> {
    const limit = readCount('limit', query['limit']);
    return this.node.answers.rejected(limit === undefined ? {} : { limit });
  }

  @Get('snapshots')
  snapshots(): Promise<unknown> {
    return this.node.answers.snapshots();
  }
}
