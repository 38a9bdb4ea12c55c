import { Controller, Get, Query } from '@nestjs/common';
import type { AnswerService, Viewer } from '@wherefore/answering';
import { WhereforeError } from '@wherefore/model';
import { ApiNode } from '../apiNode';
import type { Visit } from '../access/visit';
import { Answer } from './answer';
import { JsonText, beginning } from './jsonText';
import { Asker } from './asker';
import { momentOf, readAllTenants, readCount, readText, type Query as Params } from './reading';
import { Endpoint } from './describing/endpoint';

/** Our own questions, in our own shapes: `libs/contract`. */
@Controller('v1')
export class AnswersController {
  constructor(private readonly node: ApiNode) {}

  @Endpoint({
    tag: 'why',
    summary: 'What caused an alarm, as a tree',
    query: ['alarm', 'on', 'limit', 'all_tenants', 'at'],
    answer: 'why',
  })
  @Get('why')
  async why(@Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    const alarm = readText(query['alarm']);
    if (alarm === undefined) {
      throw new WhereforeError('bad-request', 'alarm is missing', {
        hint: 'Ask /v1/why?alarm=<name, name@resource or id>.',
      });
    }
    const on = readText(query['on']);
    const limit = readCount('limit', query['limit']);
    const answer = await this.seen(asker.widestViewer('get rca', readAllTenants(query))).why({
      alarm,
      ...(on === undefined ? {} : { on }),
      ...(limit === undefined ? {} : { limit }),
      ...momentOf(query),
    });
    return Answer.at(answer.answeredAt, answer);
  }

  @Endpoint({ tag: 'why', summary: 'Active alarms', query: ['match', 'all_tenants', 'at'], answer: 'alarms' })
  @Get('answers/alarms')
  async alarms(@Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    const match = readText(query['match']);
    const viewer = asker.widestViewer('list alarms', readAllTenants(query));
    const answer = await this.seen(viewer).alarms({ ...momentOf(query), ...(match === undefined ? {} : { match }) });
    return Answer.at(answer.answeredAt, answer);
  }

  @Endpoint({ tag: 'why', summary: 'Resources', query: ['type', 'id', 'all_tenants', 'at'], answer: 'resources' })
  @Get('answers/resources')
  async resources(@Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    const type = readText(query['type']);
    const id = readText(query['id']);
    const filter = { ...(type === undefined ? {} : { type }), ...(id === undefined ? {} : { id }) };
    const viewer = asker.widestViewer('list resources', readAllTenants(query));
    const answer = await this.seen(viewer).resources({ ...momentOf(query), ...filter });
    return Answer.at(answer.answeredAt, answer);
  }

  @Endpoint({ tag: 'why', summary: 'The graph', query: ['all_tenants', 'at'], answer: 'graph' })
  @Get('answers/graph')
  async graph(@Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    const viewer = asker.widestViewer('get topology', readAllTenants(query));
    const { answeredAt, slices } = await this.node.graphText(momentOf(query), { ask: 'graph-text', viewer });
    return Answer.at(answeredAt, new JsonText(beginning(`{"answeredAt":${JSON.stringify(answeredAt)},`, slices)));
  }

  @Endpoint({ tag: 'why', summary: 'Templates', query: ['at'], answer: 'templates' })
  @Get('answers/templates')
  async templates(@Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    asker.need('template list');
    const answer = await this.node.answers.templates(momentOf(query));
    return Answer.at(answer.answeredAt, answer);
  }

  @Endpoint({ tag: 'why', summary: 'Numbers about the state', query: ['at'], answer: 'summary' })
  @Get('answers/summary')
  async summary(@Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    asker.need('get summary');
    const answer = await this.node.answers.summary(momentOf(query));
    return Answer.at(answer.answeredAt, answer);
  }

  @Endpoint({ tag: 'why', summary: 'What was refused, and why', query: ['limit'], answer: 'rejected' })
  @Get('rejected')
  async rejected(@Query() query: Params, @Asker() asker: Visit): Promise<unknown> {
    asker.need('list rejected');
    const limit = readCount('limit', query['limit']);
    return this.node.answers.rejected(limit === undefined ? {} : { limit });
  }

  @Endpoint({ tag: 'why', summary: 'Where replays can begin', answer: 'snapshots' })
  @Get('snapshots')
  async snapshots(@Asker() asker: Visit): Promise<unknown> {
    asker.need('list snapshots');
    return this.node.answers.snapshots();
  }

  private seen(viewer: Viewer): AnswerService {
    return this.node.answers.seenBy(viewer);
  }
}
