import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import type { TemplateRow } from '@wherefore/engine';
import { WhereforeError, type Json } from '@wherefore/model';
import { ApiNode } from '../apiNode';
import { additionRows, listedTemplate, templateSources, validationRow } from '../vitrage/templateRows';
import type { Visit } from '../access/visit';
import { Answer } from './answer';
import { Asker } from './asker';
import { described } from './failure';
import { membersOf, momentOf, readFlag, readTexts, type Query as Params } from './reading';
import { Endpoint } from './describing/endpoint';

const VERSIONS = [
  { version: 'v1', status: 'SUPPORTED' },
  { version: 'v2', status: 'SUPPORTED' },
  { version: 'v3', status: 'CURRENT' },
];

/** Templates in Vitrage's shapes. Additions and deletions are decided by the log, and done when answered. */
@Controller('v1/template')
export class TemplateController {
  constructor(private readonly node: ApiNode) {}

  @Endpoint({ tag: 'templates', summary: 'Templates', query: ['at'], answer: 'templateRows' })
  @Get()
  async list(@Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    asker.need('template list');
    const { answeredAt, templates } = await this.node.answers.templates(momentOf(query));
    const rows = templates.map((each) => listedTemplate({ ...each, addedAtMs: Date.parse(each.addedAt), addedAt: 0 }));
    return Answer.at(answeredAt, rows);
  }

  @Endpoint({ tag: 'templates', summary: 'Versions of the template language', answer: 'versions' })
  @Get('versions')
  versions(): unknown {
    return VERSIONS;
  }

  @Endpoint({
    tag: 'templates',
    summary: 'The content of one template',
    id: 'id or name of a template',
    query: ['at'],
    answer: 'anything',
  })
  @Get(':id')
  async show(@Param('id') id: string, @Query() query: Params, @Asker() asker: Visit): Promise<Answer> {
    asker.need('template show');
    return described('Failed to show template.', async () => {
      const { answeredAt, templates } = await this.node.answers.templates(momentOf(query));
      const found = templates.find((each) => each.id === id) ?? templates.find((each) => each.name === id);
      if (found) return Answer.at(answeredAt, found.content);
      throw new WhereforeError('unknown-template', `no template has the id or name ${id}`, {
        hint: 'GET /v1/template/ lists them.',
      });
    });
  }

  @Endpoint({
    tag: 'templates',
    summary: 'Add templates',
    body: 'templatesToAdd',
    isIdempotent: true,
    answer: 'templateRows',
  })
  @Put()
  async add(
    @Body() body: Json | undefined,
    @Headers('idempotency-key') key: string | undefined,
    @Asker() asker: Visit,
  ): Promise<Answer> {
    asker.need('template add');
    return described('Failed to add template.', async () => {
      const templates = templateSources(body);
      const overwrite = readFlag(membersOf(body)['overwrite']) ?? false;
      // For the messages; what holds is decided when the entry is applied.
      const expected = this.node.examineTemplates(templates, overwrite);
      const base = this.node.entryBase('api', key);
      const { position } = await this.node.appendAndWait({ kind: 'template-add', ...base, templates, overwrite });
      const rows: readonly TemplateRow[] = this.node.state.shelf.list();
      return Answer.after(position, additionRows(expected, rows, base.id));
    });
  }

  @Endpoint({ tag: 'templates', summary: 'Validate templates', body: 'templatesToValidate', answer: 'validations' })
  @Post()
  @HttpCode(200)
  async validate(@Body() body: Json | undefined, @Asker() asker: Visit): Promise<unknown> {
    asker.need('template validate');
    return described('Failed to validate template.', async () => {
      const sources = templateSources(body);
      const outcomes = this.node.examineTemplates(sources, true);
      return { results: outcomes.map((outcome, i) => validationRow(outcome, sources[i]!.path)) };
    });
  }

  @Endpoint({ tag: 'templates', summary: 'Delete templates', body: 'templatesToDelete', answer: 'nothing' })
  @Delete()
  async remove(@Body() body: Json | undefined, @Asker() asker: Visit): Promise<unknown> {
    asker.need('template delete');
    const members = membersOf(body);
    const templates = readTexts(members['id'] ?? members['uuid']);
    if (templates.length === 0) {
      throw new WhereforeError('bad-request', 'id is missing', { hint: 'Send {"id": ["name or uuid", …]}.' });
    }
    // As in Vitrage: deleting what is not there is no failure, and leaves no trace.
    const known = templates.filter((each) => this.node.state.shelf.find(each) !== undefined);
    if (known.length === 0) return null;
    const { position } = await this.node.appendAndWait({
      kind: 'template-delete',
      ...this.node.entryBase(),
      templates: known,
    });
    return Answer.after(position, null);
  }
}
