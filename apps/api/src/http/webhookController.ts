import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { WhereforeError, type Json } from '@wherefore/model';
import type { Webhook } from '@wherefore/ports';
import type { Visit } from '../access/visit';
import { ApiNode } from '../apiNode';
import { readWebhook } from '../webhooks/readWebhook';
import { createdWebhook, listedWebhook, shownWebhook } from '../webhooks/webhookRows';
import { Asker } from './asker';
import { described } from './failure';
import { membersOf, readAllTenants, type Query as Params } from './reading';
import { Endpoint } from './describing/endpoint';

/** Of one project; an administrator's own included. */
const WEBHOOKS_MAX = 100;

/** Receivers of alarms, in Vitrage's shapes. Each belongs to the project that registered it. */
@Controller('v1/webhook')
export class WebhookController {
  constructor(private readonly node: ApiNode) {}

  @Endpoint({ tag: 'webhooks', summary: 'Webhooks', query: ['all_tenants'], answer: 'webhooks' })
  @Get()
  async list(@Query() query: Params, @Asker() asker: Visit): Promise<unknown> {
    const viewer = asker.viewer('webhook list', readAllTenants(query) ?? false);
    const webhooks = await this.node.webhooks.list();
    const listed = webhooks.filter(({ projectId }) => viewer.sees === 'everything' || projectId === viewer.projectId);
    return listed.map(listedWebhook);
  }

  @Endpoint({ tag: 'webhooks', summary: 'One webhook', id: 'id of a webhook', answer: 'webhook' })
  @Get(':id')
  async show(@Param('id') id: string, @Asker() asker: Visit): Promise<unknown> {
    asker.need('webhook show');
    return described('Failed to get webhook.', async () => shownWebhook(await this.find(id, asker)));
  }

  @Endpoint({ tag: 'webhooks', summary: 'Register a receiver of alarms', body: 'webhook', answer: 'webhook' })
  @Post()
  @HttpCode(200)
  async add(@Body() body: Json | undefined, @Asker() asker: Visit): Promise<unknown> {
    asker.need('webhook add');
    return described('Failed to add webhooks.', async () => {
      const wish = readWebhook(membersOf(body));
      const projectId = asker.caller.projectId ?? '';
      if (projectId === '' && !asker.isAdmin) {
        throw new WhereforeError('bad-request', 'the request is of no project', {
          hint: 'Ask with a project’s token.',
        });
      }
      const owned = (await this.node.webhooks.list()).filter((each) => each.projectId === projectId);
      if (owned.length >= WEBHOOKS_MAX) {
        throw new WhereforeError('bad-request', `the project has ${owned.length} webhooks already`, {
          hint: 'Delete those that are not needed.',
        });
      }
      const createdAtMs = this.node.nowMs();
      const webhook: Webhook = { id: randomUUID(), ...wish, projectId, isAdmin: asker.isAdmin, createdAtMs };
      await this.node.webhooks.put(webhook);
      return createdWebhook(webhook);
    });
  }

  @Endpoint({ tag: 'webhooks', summary: 'Delete a webhook', id: 'id of a webhook', answer: 'success' })
  @Delete(':id')
  async remove(@Param('id') id: string, @Asker() asker: Visit): Promise<unknown> {
    asker.need('webhook delete');
    return described('Failed to delete webhook.', async () => {
      const webhook = await this.find(id, asker);
      await this.node.webhooks.remove(webhook.id);
      return { SUCCESS: `Webhook ${webhook.id} deleted` };
    });
  }

  /** Another project's is as one that is not there. */
  private async find(id: string, { caller, isAdmin }: Visit): Promise<Webhook> {
    const found = (await this.node.webhooks.list()).find((each) => each.id === id);
    if (found !== undefined && (isAdmin || found.projectId === (caller.projectId ?? ''))) return found;
    throw new WhereforeError('webhook-not-found', `no webhook has the id ${id}`, {
      hint: 'GET /v1/webhook/ lists them.',
    });
  }
}
