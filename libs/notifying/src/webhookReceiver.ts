import { type JsonObject, uuid5 } from '@wherefore/model';
import type { Delivery, Receiver, SendResult, Webhook } from '@wherefore/ports';
import type { WebhookConnections } from './webhookConnections';
import { NetworkRefused } from './webhookNetworks';

export interface WebhookOptions {
  /** An attempt that takes longer has failed. */
  readonly timeoutMs: number;
  /** What is larger is refused. Default: 1 MiB. */
  readonly bytesMax?: number;
}

const BYTES_MAX = 1024 * 1024;
/** The id of what happened: a receiver that has seen it may drop the message. Also in the body, as `effect_id`. */
export const EFFECT_ID_HEADER = 'x-wherefore-effect-id';

/** Headers of the connection itself are not for a registration to say. */
const OF_THE_CONNECTION = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Statuses of a receiver in trouble: later it may take the same. Of others below 500 it never will. */
const PASSING_STATUSES = new Set([408, 421, 423, 425, 429]);

/**
 * Posts to the address of a webhook, as Vitrage does. No redirect is followed: who registered the address vouched for it,
 * and not for where it points. Certificates are checked.
 */
export class WebhookReceiver implements Receiver {
  constructor(
    private readonly webhook: Webhook,
    private readonly options: WebhookOptions,
    private readonly connections: WebhookConnections,
  ) {}

  async send({ effectId, body }: Delivery, signal: AbortSignal): Promise<SendResult> {
    const text = JSON.stringify({ ...(body as JsonObject), effect_id: effectId } satisfies JsonObject);
    const { timeoutMs, bytesMax = BYTES_MAX } = this.options;
    const content = Buffer.from(text);
    const bytes = content.length;
    if (bytes > bytesMax) return { kind: 'refused', reason: `the message has ${bytes} bytes, more than ${bytesMax}` };
    try {
      const headers = headersOf(this.webhook, effectId);
      return resultOf(await this.connections.post(this.webhook.url, headers, content, { timeoutMs, signal }));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof NetworkRefused) return { kind: 'refused', reason: error.message };
      return { kind: 'failed', reason: reasonOf(error) };
    }
  }
}

function headersOf(webhook: Webhook, effectId: string): { readonly [name: string]: string } {
  const registered = Object.entries(webhook.headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !OF_THE_CONNECTION.has(name));
  return {
    'user-agent': 'wherefore',
    'x-openstack-request-id': `req-${uuid5(effectId)}`,
    ...Object.fromEntries(registered),
    'content-type': 'application/json',
    // A header holds no more than bytes; an id of an entity may.
    [EFFECT_ID_HEADER]: encodeURI(effectId),
  };
}

function resultOf(status: number): SendResult {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const reason = `the receiver answered with status ${status}`;
  if (status >= 500 || PASSING_STATUSES.has(status)) return { kind: 'failed', reason };
  if (status >= 300 && status < 400) return { kind: 'refused', reason: `${reason}, and redirects are not followed` };
  return { kind: 'refused', reason };
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  // The codes of the client itself say less than its messages.
  const isOfClient = typeof code === 'string' && code.startsWith('UND_');
  return `no answer: ${String(isOfClient ? message : (code ?? message))}`;
}
