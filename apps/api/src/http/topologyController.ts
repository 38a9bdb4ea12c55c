import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { LiveVersion, Viewer } from '@wherefore/answering';
import type { AnsweredAt } from '@wherefore/contract';
import { WhereforeError, type Json, type Properties } from '@wherefore/model';
import { ApiNode } from '../apiNode';
import { compileQuery } from '../vitrage/query';
import type { Visit } from '../access/visit';
import { Answer } from './answer';
import { Asker } from './asker';
import { described } from './failure';
import { JsonText } from './jsonText';
import { membersOf, momentOf, readAllTenants, readCount, readText, type Query as Params } from './reading';
import { Endpoint } from './describing/endpoint';

/** The topology in Vitrage's shapes; with `at`, as it was then. */
@Controller('v1/topology')
export class TopologyController {
  constructor(private readonly node: ApiNode) {}

  @Endpoint({
    tag: 'resources',
    summary: 'The topology, as graph or tree',
    query: ['at'],
    body: 'topology',
    answer: 'topology',
  })
  @Post()
  @HttpCode(200)
  async show(@Body() body: Json | undefined, @Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    return described(
      'Failed to get topology.',
      async () => {
        const asked = membersOf(body);
        const viewer = asker.viewer('get topology', readAllTenants({ ...asked, ...query }) ?? false);
        const type = readText(asked['graph_type']) ?? 'graph';
        if (type !== 'graph' && type !== 'tree') {
          throw new WhereforeError('bad-request', `graph_type is "${type}"; allowed are graph and tree`);
        }
        const root = readText(asked['root']);
        const depth = readCount('depth', asked['depth']);
        const question = {
          ...{ isTree: type === 'tree', query: asked['query'] ?? null },
          ...(root === undefined ? {} : { root }),
          ...(depth === undefined ? {} : { depth }),
        };
        const moment = momentOf({ ...asked, ...query });
        const { answeredAt, slices } = await this.node.graphText(moment, { ask: 'topology', viewer, question });
        return Answer.at(answeredAt, new JsonText(slices));
      },
      404,
    );
  }
}

/** Resources in Vitrage's shapes; with `at`, as they were then. */
@Controller('v1/resources')
export class ResourcesController {
  constructor(private readonly node: ApiNode) {}

  @Endpoint({
    tag: 'resources',
    summary: 'Resources',
    query: ['resource_type', 'query', 'all_tenants', 'at'],
    answer: 'entities',
  })
  @Get()
  list(@Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    return this.chosen(query, asker);
  }

  @Endpoint({ tag: 'resources', summary: 'Resources', query: ['at'], body: 'resources', answer: 'entities' })
  @Post()
  @HttpCode(200)
  async listPosted(@Body() body: Json | undefined, @Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    return this.chosen({ ...membersOf(body), ...query }, asker);
  }

  @Endpoint({
    tag: 'resources',
    summary: 'Resources, counted by a property',
    query: ['at'],
    body: 'resourceCount',
    answer: 'counts',
  })
  @Post('count')
  @HttpCode(200)
  async count(@Body() body: Json | undefined, @Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    return described(
      'Failed to count resources.',
      async () => {
        const asked = { ...membersOf(body), ...query };
        const viewer = asker.viewer('count resources', readAllTenants(asked) ?? false);
        const { answeredAt, resources } = await this.find(asked, viewer);
        const groupBy = readText(asked['group_by']) ?? 'vitrage_type';
        const counts = new Map<string, number>();
        for (const properties of resources) {
          const group = readText(properties[groupBy]) ?? '';
          counts.set(group, (counts.get(group) ?? 0) + 1);
        }
        return Answer.at(answeredAt, Object.fromEntries(counts));
      },
      404,
    );
  }

  @Endpoint({
    tag: 'resources',
    summary: 'One resource',
    id: 'vitrage_id of a resource',
    query: ['at'],
    answer: 'entity',
  })
  @Get(':id')
  async show(@Param('id') id: string, @Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    return described('Failed to show resource.', async () => {
      const answers = this.node.answers.seenBy(asker.viewerOfOne('get resource'));
      const { answeredAt, rows } = await answers.raw.resources({ ...momentOf(query), id });
      const found = rows.find((each) => each['vitrage_id'] === id);
      if (found) return Answer.at(answeredAt, found);
      throw new WhereforeError('entity-not-found', `no resource has the vitrage_id ${id}`, {
        hint: 'Take the vitrage_id from /v1/resources/.',
      });
    });
  }

  private chosen(asked: Params, asker: Visit): Promise<Answer> {
    return described(
      'Failed to list resources.',
      async () => {
        const viewer = asker.viewer('list resources', readAllTenants(asked) ?? false);
        const { answeredAt, resources, live } = await this.find(asked, viewer);
        return Answer.at(answeredAt, resources, live);
      },
      404,
    );
  }

  private async find(
    asked: Params,
    viewer: Viewer,
  ): Promise<{ readonly answeredAt: AnsweredAt; readonly resources: Properties[]; readonly live?: LiveVersion }> {
    const type = readText(asked['resource_type']);
    const filter = asked['query'] ?? '';
    const test = filter === '' ? () => true : compileQuery(filter as Json);
    const { answeredAt, rows, live } = await this.node.answers.seenBy(viewer).raw.resources({
      ...momentOf(asked),
      ...(type === undefined ? {} : { type }),
    });
    const resources = rows.filter((properties) => properties['vitrage_is_placeholder'] !== true && test(properties));
    return { answeredAt, resources, ...(live === undefined ? {} : { live }) };
  }
}
