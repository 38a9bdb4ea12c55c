import { type Json, type JsonObject, uuid5 } from '@wherefore/model';
import type { Delivery, Receiver, SendResult, Webhook } from '@wherefore/ports';

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
  ) {}

  async send({ effectId, body }: Delivery, signal: AbortSignal): Promise<SendResult> {
    const text = JSON.stringify({ ...(body as JsonObject), effect_id: effectId } satisfies JsonObject);
    const { timeoutMs, bytesMax = BYTES_MAX } = this.options;
    const bytes = Buffer.byteLength(text);
    if (bytes > bytesMax) return { kind: 'refused', reason: `the message has ${bytes} bytes, more than ${bytesMax}` };
    try {
      const response = await fetch(this.webhook.url, {
        method: 'POST',
        headers: headersOf(this.webhook, effectId),
        body: text,
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      // What it says does not matter, and may be long.
      await response.body?.cancel().catch(() => undefined);
      return resultOf(response.status);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      return { kind: 'failed', reason: reasonOf(error, timeoutMs) };
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

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  const cause = error instanceof Error ? (error.cause as Json | Error | undefined) : undefined;
  const { code, message } = (cause ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return `no answer: ${String(code ?? message ?? (error as Error).message)}`;
}
