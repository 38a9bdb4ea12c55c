import { randomUUID } from 'node:crypto';
import type { NewEntry, WhereforeError } from '@wherefore/model';
import type { ConfirmChannel } from 'amqplib';
import { type BrokerLink, unavailable } from './brokerLink';
import { CONTENT_TYPE, encodeBody, type MessageHeaders, routingKeyOf } from './messages';

export interface PublisherOptions {
  readonly exchange: string;
  /** An append that is not confirmed within this rejects; it may have happened all the same. Default 30 s. */
  readonly timeoutMs?: number;
  /** Makes sure that a stream is bound to the exchange; called when a message found none. */
  readonly bind: () => Promise<void>;
}

/** Messages on their way at once. More gain nothing: what waits meanwhile goes into fewer messages. */
const IN_FLIGHT_MESSAGES_MAX = 32;
const IN_FLIGHT_BYTES_MAX = 8 * 1024 * 1024;
/** Appends that wait are sent together up to this. One append is never split, however large. */
const MESSAGE_BYTES_MAX = 256 * 1024;
const TIMEOUT_MS = 30_000;

interface Append {
  readonly entries: readonly NewEntry[];
  readonly body: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface Message {
  readonly id: string;
  readonly appends: readonly Append[];
  readonly byteCount: number;
  isReturned: boolean;
}

const NEWLINE = Buffer.from('\n');

/**
 * Publishes appends, and settles each when the broker has confirmed its message. Appends that come while
 * the broker is busy share a message: one message carries hundreds of entries at the cost of one.
 *
 * Messages are mandatory: an exchange without a stream confirms what it throws away, but returns a
 * mandatory message first.
 */
export class Publisher {
  private readonly waiting: Append[] = [];
  private readonly inFlight = new Set<Message>();
  private bytesInFlight = 0;
  private channel: Promise<ConfirmChannel> | undefined;
  private isFlushing = false;

  constructor(
    private readonly link: BrokerLink,
    private readonly options: PublisherOptions,
  ) {}

  /** Settles on the broker's confirm. Rejects `entry-too-large`, or `log-unavailable` (retryable). */
  async append(entries: readonly NewEntry[]): Promise<void> {
    const body = encodeBody(entries);
    const { timeoutMs = TIMEOUT_MS } = this.options;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        const place = this.waiting.indexOf(append);
        if (place >= 0) this.waiting.splice(place, 1);
        reject(unavailable(`the broker confirmed nothing within ${timeoutMs / 1000} s`));
      }, timeoutMs);
      const settle =
        <T extends unknown[]>(how: (...given: T) => void) =>
        (...given: T): void => {
          clearTimeout(timer);
          how(...given);
        };
      const append: Append = { entries, body, resolve: settle(resolve), reject: settle(reject) };
      this.waiting.push(append);
      void this.flush();
    });
  }

  /** A message without entries, for whoever waits for it to come by. Settles on the confirm. */
  async mark(id: string): Promise<void> {
    const channel = await this.open();
    const headers: MessageHeaders = { 'wherefore-kind': 'mark', 'wherefore-id': id };
    await new Promise<void>((resolve, reject) => {
      channel.publish(this.options.exchange, 'log.mark', Buffer.alloc(0), { persistent: true, headers }, (error) =>
        error ? reject(unavailable('the broker refused a mark', error)) : resolve(),
      );
    });
  }

  private async flush(): Promise<void> {
    if (this.isFlushing) return;
    this.isFlushing = true;
    try {
      while (this.waiting.length > 0 && this.hasRoom()) this.send(await this.open());
    } catch (error) {
      for (const append of this.waiting.splice(0)) append.reject(error);
    } finally {
      this.isFlushing = false;
    }
  }

  private hasRoom(): boolean {
    return this.inFlight.size < IN_FLIGHT_MESSAGES_MAX && this.bytesInFlight < IN_FLIGHT_BYTES_MAX;
  }

  private send(channel: ConfirmChannel): void {
    const appends = this.takeWaiting();
    if (appends.length === 0) return;
    const body = joined(appends);
    const message: Message = { id: randomUUID(), appends, byteCount: body.length, isReturned: false };
    this.inFlight.add(message);
    this.bytesInFlight += message.byteCount;
    const headers: MessageHeaders = { 'wherefore-kind': 'batch' };
    const key = routingKeyOf(appends.flatMap(({ entries }) => entries));
    const options = { persistent: true, mandatory: true, messageId: message.id, contentType: CONTENT_TYPE, headers };
    try {
      channel.publish(this.options.exchange, key, body, options, (error) => this.settle(message, error));
    } catch (error) {
      this.settle(message, error);
    }
  }

  /** As many appends as go into one message; at least one. */
  private takeWaiting(): Append[] {
    let bytes = 0;
    let count = 0;
    for (const { body } of this.waiting) {
      if (count > 0 && bytes + body.length > MESSAGE_BYTES_MAX) break;
      bytes += body.length + 1;
      count += 1;
    }
    return this.waiting.splice(0, count);
  }

  private settle(message: Message, error: unknown): void {
    if (!this.inFlight.delete(message)) return;
    this.bytesInFlight -= message.byteCount;
    const failure = error ? unavailable('the broker did not take the entries', error) : message.isReturned;
    if (failure === true) void this.giveBack(message);
    else for (const append of message.appends) settleOne(append, failure || undefined);
    void this.flush();
  }

  /** No stream took the message. A stream that is there but not bound is bound, and the sender tries again. */
  private async giveBack({ appends }: Message): Promise<void> {
    await this.options.bind().catch(() => undefined);
    const failure = unavailable('no stream is bound to the exchange of the log: the entries were not kept');
    for (const append of appends) append.reject(failure);
  }

  private open(): Promise<ConfirmChannel> {
    this.channel ??= this.openChannel().catch((error: unknown) => {
      this.channel = undefined;
      throw error;
    });
    return this.channel;
  }

  private async openChannel(): Promise<ConfirmChannel> {
    const connection = await this.link.get();
    const channel = await connection.createConfirmChannel();
    channel.on('return', ({ properties }) => {
      for (const message of this.inFlight) if (message.id === properties.messageId) message.isReturned = true;
    });
    const lose = (error?: unknown): void => {
      this.channel = undefined;
      for (const message of [...this.inFlight]) this.settle(message, error ?? new Error('the channel was closed'));
    };
    channel.on('error', lose);
    channel.on('close', lose);
    return channel;
  }
}

function joined(appends: readonly Append[]): Buffer {
  if (appends.length === 1) return appends[0]!.body;
  return Buffer.concat(appends.flatMap(({ body }, index) => (index === 0 ? [body] : [NEWLINE, body])));
}

function settleOne(append: Append, failure: WhereforeError | undefined): void {
  if (failure === undefined) append.resolve();
  else append.reject(failure);
}
