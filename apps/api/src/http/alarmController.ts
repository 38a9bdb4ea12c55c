import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { WhereforeError, type Json } from '@wherefore/model';
import { ApiNode } from '../apiNode';
import { activeAlarmsText } from '../vitrage/alarmText';
import { countBySeverity, fieldOfActive, pageOf, type ListQuestion } from '../vitrage/alarmShapes';
import { historyPage } from '../vitrage/historyPage';
import { rcaAt, rcaEver } from '../vitrage/rca';
import type { Visit } from '../access/visit';
import { Answer } from './answer';
import { Asker } from './asker';
import { described } from './failure';
import {
  membersOf,
  momentOf,
  readAllTenants,
  readCount,
  readFlag,
  readInstant,
  readText,
  readTexts,
  type Query as Params,
} from './reading';
import { Endpoint } from './describing/endpoint';

/** What sorts, filters and cuts a list. */
const PAGE_PARAMETERS = ['limit', 'sort_by', 'sort_dirs', 'filter_by', 'filter_vals', 'next_page', 'marker'] as const;
const END_OF_TIME_MS = 8_640_000_000_000_000;

/** Alarms in Vitrage's shapes; with `at`, as they were then. */
@Controller('v1/alarm')
export class AlarmController {
  constructor(private readonly node: ApiNode) {}

  @Endpoint({
    tag: 'alarms',
    summary: 'Active alarms',
    query: ['vitrage_id', 'all_tenants', ...PAGE_PARAMETERS, 'at'],
    answer: 'entities',
  })
  @Get()
  async list(@Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    return described('Failed to list alarms.', async () => {
      const viewer = asker.viewer('list alarms', readAllTenants(query) ?? false);
      const { answeredAt, rows, live } = await this.node.answers.seenBy(viewer).raw.alarms(momentOf(query));
      const resource = readText(query['vitrage_id']) ?? 'all';
      const alarms =
        resource === 'all' ? rows : rows.filter(({ properties }) => properties['vitrage_resource_id'] === resource);
      const page = pageOf(alarms, listQuestion(query), fieldOfActive);
      return Answer.at(answeredAt, activeAlarmsText(page), live);
    });
  }

  @Endpoint({ tag: 'alarms', summary: 'Active alarms by severity', query: ['all_tenants', 'at'], answer: 'severities' })
  @Get('count')
  async count(@Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    const viewer = asker.viewer('get alarms count', readAllTenants(query) ?? false);
    const { answeredAt, rows, live } = await this.node.answers.seenBy(viewer).raw.alarms(momentOf(query));
    return Answer.at(answeredAt, countBySeverity(rows), live);
  }

  @Endpoint({
    tag: 'alarms',
    summary: 'Active alarms by severity',
    query: ['all_tenants', 'at'],
    body: 'alarmCount',
    answer: 'severities',
  })
  @Post('count')
  @HttpCode(200)
  async countPosted(@Body() body: Json | undefined, @Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    return this.count({ ...membersOf(body), ...query }, asker);
  }

  @Endpoint({
    tag: 'alarms',
    summary: 'Alarms that were active in a time, ended ones included',
    query: ['all_tenants', 'start', 'end', ...PAGE_PARAMETERS],
    answer: 'entities',
  })
  @Get('history')
  async history(@Query() query: Params, @Asker() asker: Visit): Promise<unknown> {
    return described('Failed to list alarms.', async () => {
      const viewer = asker.viewer('list alarms history', readAllTenants(query) ?? false);
      const start = readInstant(query['start']);
      const end = readInstant(query['end']);
      if (end !== undefined && start === undefined) {
        throw new WhereforeError('bad-request', 'end is given without start', { hint: 'Give start, or both.' });
      }
      const history = await this.node.answers.seenBy(viewer).raw.history();
      return historyPage(history, { fromMs: start ?? 0, toMs: end ?? END_OF_TIME_MS }, listQuestion(query));
    });
  }

  @Endpoint({
    tag: 'alarms',
    summary: 'One active alarm',
    id: 'vitrage_id of an alarm',
    query: ['at'],
    answer: 'entity',
  })
  @Get(':id')
  async show(@Param('id') id: string, @Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    return described('Failed to show alarm.', async () => {
      const answers = this.node.answers.seenBy(asker.viewerOfOne('get alarm'));
      const { answeredAt, rows } = await answers.raw.alarms(momentOf(query));
      const found = rows.find(({ properties }) => properties['vitrage_id'] === id);
      if (found) return Answer.at(answeredAt, found.properties);
      throw new WhereforeError('alarm-not-found', `no active alarm has the vitrage_id ${id}`, {
        hint: 'Ended alarms are listed by /v1/alarm/history/; with at=, an alarm is shown as it was then.',
      });
    });
  }
}

function listQuestion(query: Params): ListQuestion {
  return {
    limit: readCount('limit', query['limit']),
    sortBy: readTexts(query['sort_by']),
    sortDirs: readTexts(query['sort_dirs']),
    filterBy: readTexts(query['filter_by']),
    filterVals: readTexts(query['filter_vals']),
    marker: readText(query['marker']),
    isNextPage: readFlag(query['next_page']) ?? true,
  };
}

/** Root causes in Vitrage's shape: without `at` whatever ever was, with `at` only what was active then. */
@Controller('v1/rca')
export class RcaController {
  constructor(private readonly node: ApiNode) {}

  @Endpoint({
    tag: 'alarms',
    summary: 'Causes and effects of an alarm',
    query: ['alarm_id', 'all_tenants', 'at'],
    answer: 'rca',
  })
  @Get()
  async byParameter(@Query() query: Params, @Asker() asker: Visit): Promise<unknown> {
    const id = readText(query['alarm_id']);
    if (id !== undefined) return this.byId(id, query, asker);
    throw new WhereforeError('bad-request', 'alarm_id is missing', { hint: 'Ask /v1/rca/?alarm_id=<vitrage_id>.' });
  }

  @Endpoint({
    tag: 'alarms',
    summary: 'Causes and effects of an alarm',
    id: 'vitrage_id of an alarm',
    query: ['all_tenants', 'at'],
    answer: 'rca',
  })
  @Get(':id')
  async byId(@Param('id') id: string, @Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    const viewer = asker.viewer('get rca', readAllTenants(query) ?? false);
    const answers = this.node.answers.seenBy(viewer);
    const moment = momentOf(query);
    if (moment.atMs !== undefined || moment.position !== undefined) {
      const explained = await answers.raw.explain({ ...moment, alarmId: id });
      return Answer.at(explained.answeredAt, rcaAt(explained, id));
    }
    const found = await answers.raw.everCaused(id);
    return Answer.at(found.answeredAt, rcaEver(found, id), found.live);
  }
}
