import { notWhenAborted, whenAborted } from '@wherefore/model';
import type { Channel, ConsumeMessage } from 'amqplib';
import { type BrokerLink, closed, unavailable } from './brokerLink';
import type { MessageKind } from './messages';

/** A message of a stream at its offset. */
export interface Delivery {
  readonly offset: number;
  readonly kind: MessageKind | undefined;
  readonly id: string | undefined;
  /** Which publisher's message it is; unique. */
  readonly messageId: string | undefined;
  readonly body: Uint8Array;
}

/** Thrown when the stream that a reader is attached to, or wants to be, is not there. */
export class StreamGone extends Error {
  constructor(readonly stream: string) {
    super(`the stream ${stream} is not there`);
    this.name = 'StreamGone';
  }
}

const NOT_FOUND = 404;
/** Messages already taken are let go in bulk. */
const TAKEN_KEPT_MAX = 512;

/**
 * A consumer of a stream, from an offset on. Messages come as long as it is asked for the next one: what
 * is not acknowledged bounds what the broker sends ahead, and messages are acknowledged after they were
 * taken: half of what may be under way at a time, and what is left when none comes for a while.
 */
export class Attachment {
  private readonly arrived: ConsumeMessage[] = [];
  private next = 0;
  private unacknowledged = 0;
  /** The last that was taken, until it is acknowledged. */
  private lastTaken: ConsumeMessage | undefined;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;
  /** So many untaken messages wake who waits. */
  private enough = 1;

  private constructor(
    private readonly channel: Channel,
    private readonly stream: string,
    private readonly prefetch: number,
  ) {}

  /**
   * Attaches at `first`, `last` (the beginning of the last chunk), `next`, or an offset, inclusive. Nothing is
   * said when that offset is no longer, or not yet, there: look at what comes first. Rejects with
   * `StreamGone`, or `log-unavailable`.
   */
  static async open(
    link: BrokerLink,
    stream: string,
    from: 'first' | 'last' | 'next' | number,
    prefetch: number,
  ): Promise<Attachment> {
    const channel = await link.channel();
    const attachment = new Attachment(channel, stream, prefetch);
    channel.on('error', (error: Error & { code?: number }) => attachment.fail(failureOf(error, stream)));
    channel.on('close', () => attachment.fail(unavailable('the channel of a reader was closed')));
    try {
      await channel.prefetch(prefetch);
      await channel.consume(stream, (message) => attachment.take(message), {
        arguments: { 'x-stream-offset': from },
      });
    } catch (error) {
      throw failureOf(error as Error & { code?: number }, stream);
    }
    return attachment;
  }

  /**
   * The next message; `undefined` when none came in `waitMs`, or on abort. Rejects as `open` does. When all that came was
   * taken it may let more gather for `gatherMs` first, or until they are a good part of what may be under way.
   */
  async nextWithin(waitMs: number, signal?: AbortSignal, gatherMs = 0): Promise<Delivery | undefined> {
    const enough = Math.max(1, Math.floor(this.prefetch / 4));
    if (this.isEmpty && gatherMs > 0 && !this.failure) await this.wait(gatherMs, signal, enough);
    if (this.isEmpty && !this.failure && !signal?.aborted) await this.wait(waitMs, signal);
    if (this.next < this.arrived.length) return this.shift();
    if (this.failure) throw this.failure;
    // A broker gives up a consumer that never acknowledges what it has.
    if (this.lastTaken) this.acknowledge(this.lastTaken);
    return undefined;
  }

  async close(): Promise<void> {
    this.failure ??= unavailable('the reader was closed');
    await closed(this.channel);
  }

  private get isEmpty(): boolean {
    return this.next >= this.arrived.length;
  }

  private shift(): Delivery {
    const message = this.arrived[this.next]!;
    this.next += 1;
    this.unacknowledged += 1;
    this.lastTaken = message;
    // One by one they would cost a system call each.
    if (this.unacknowledged * 2 >= this.prefetch) this.acknowledge(message);
    if (this.next === this.arrived.length || this.next >= TAKEN_KEPT_MAX) {
      this.arrived.splice(0, this.next);
      this.next = 0;
    }
    const { headers = {} } = message.properties;
    return {
      offset: Number(headers['x-stream-offset']),
      kind: headers['wherefore-kind'] as MessageKind | undefined,
      id: headers['wherefore-id'] as string | undefined,
      messageId: message.properties.messageId as string | undefined,
      body: message.content,
    };
  }

  private acknowledge(message: ConsumeMessage): void {
    this.unacknowledged = 0;
    this.lastTaken = undefined;
    if (!this.failure) this.channel.ack(message, true);
  }

  /** `null` is how the broker says that the stream was deleted. */
  private take(message: ConsumeMessage | null): void {
    if (message === null) return this.fail(new StreamGone(this.stream));
    this.arrived.push(message);
    if (this.arrived.length - this.next >= this.enough) this.wake?.();
  }

  private fail(failure: Error): void {
    this.failure ??= failure;
    this.wake?.();
  }

  private wait(waitMs: number, signal?: AbortSignal, enough = 1): Promise<void> {
    this.enough = enough;
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        if (signal) notWhenAborted(signal, wake);
        this.wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      this.wake = wake;
      if (signal) whenAborted(signal, wake);
    });
  }
}

function failureOf(error: Error & { readonly code?: number }, stream: string): Error {
  // The broker says 404 too when a stream is there and its nodes are not.
  if (error.code === NOT_FOUND && !/down or inaccessible/.test(error.message)) return new StreamGone(stream);
  return unavailable(`the stream cannot be read: ${error.message}`, error);
}
