import type { JsonObject } from '@wherefore/model';
import type { Webhook } from '@wherefore/ports';
import { writeDictionary } from './pythonLiteral';

/** A webhook as Vitrage answers its creation: the time as its database writes it. */
export function createdWebhook(webhook: Webhook): JsonObject {
  const { id, projectId, isAdmin, createdAtMs, url } = webhook;
  return {
    id,
    project_id: projectId,
    is_admin_webhook: isAdmin,
    created_at: timeOf(createdAtMs).replace('T', ' '),
    url,
    regex_filter: textOf(webhook.filter),
    headers: textOf(webhook.headers),
  };
}

/** A webhook as Vitrage lists it. */
export function listedWebhook(webhook: Webhook): JsonObject {
  return { ...createdWebhook(webhook), created_at: timeOf(webhook.createdAtMs) };
}

/** A webhook as Vitrage shows a single one. */
export function shownWebhook(webhook: Webhook): JsonObject {
  return { ...listedWebhook(webhook), updated_at: null };
}

function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000`;
}

function textOf(dictionary: { readonly [name: string]: string }): string {
  return Object.keys(dictionary).length === 0 ? '' : writeDictionary(dictionary);
}
