import { type JsonObject, uuid5 } from '@wherefore/model';
import type { Delivery, Receiver, SendResult, Webhook } from '@wherefore/ports';
import type { Destination, WebhookConnections } from './webhookConnections';
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
const REQUEST_ID_HEADER = 'x-openstack-request-id';

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
  private prepared: Prepared | undefined;

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
      this.prepared ??= prepare(this.webhook, this.connections);
      const { destination, headers, saysRequest } = this.prepared;
      // A header holds no more than bytes; an id of an entity may.
      const own = [...headers, EFFECT_ID_HEADER, encodeURI(effectId)];
      if (!saysRequest) own.push(REQUEST_ID_HEADER, `req-${uuid5(effectId)}`);
      return resultOf(await this.connections.post(destination, own, content, { timeoutMs, signal }));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof NetworkRefused) return { kind: 'refused', reason: error.message };
      return { kind: 'failed', reason: reasonOf(error) };
    }
  }
}

/** What is the same for all posts to one webhook. */
interface Prepared {
  readonly destination: Destination;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Whether the registration says what a request is called. */
  readonly saysRequest: boolean;
}

/** What is registered counts more than what is usual, and than credentials in the URL. Throws `NetworkRefused`. */
function prepare(webhook: Webhook, connections: WebhookConnections): Prepared {
  const destination = connections.destinationOf(webhook.url);
  const headers = new Map([['user-agent', 'wherefore']]);
  if (destination.authorization !== undefined) headers.set('authorization', destination.authorization);
  for (const [given, value] of Object.entries(webhook.headers)) {
    const name = given.toLowerCase();
    if (!OF_THE_CONNECTION.has(name) && name !== EFFECT_ID_HEADER) headers.set(name, value);
  }
  headers.set('content-type', 'application/json');
  return { destination, headers: [...headers].flat(), saysRequest: headers.has(REQUEST_ID_HEADER) };
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
