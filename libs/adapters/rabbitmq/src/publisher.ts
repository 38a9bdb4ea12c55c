import { randomUUID } from 'node:crypto';
import { type NewEntry, PassingSet, type Position, type WhereforeError } from '@wherefore/model';
import type { ConfirmChannel } from 'amqplib';
import { Attachment } from './attachment';
import { type BrokerLink, unavailable } from './brokerLink';
import { CONTENT_TYPE, commonKey, encodeBody, type MessageHeaders, routingKeyOf } from './messages';

export interface PublisherOptions {
  readonly exchange: string;
  /** An append that is not confirmed within this rejects; it may have happened all the same. Default 30 s. */
  readonly timeoutMs?: number;
  /** How often an idle publisher looks whether another epoch was opened. Default 1 s. */
  readonly epochCheckMs?: number;
  /** The stream that takes what is published now. Rejects `log-unavailable` while there is none. */
  readonly stream: () => Promise<StreamAt>;
  /** Hears of every message with entries that comes by in the stream, with its bytes. */
  readonly saw?: (epoch: number, offset: number, bodyBytes: number) => void;
  /** Makes sure that a stream is bound to the exchange; called when a message found none. */
  readonly bind: () => Promise<void>;
}

/** A stream by name, and the epoch that its positions are of. */
export interface StreamAt {
  readonly name: string;
  readonly epoch: number;
}

/** Messages on their way at once. More gain nothing: what waits meanwhile goes into fewer messages. */
const IN_FLIGHT_MESSAGES_MAX = 32;
/** The same for those that are not full: each costs the broker, and everybody who reads it, as much as a full one. */
const SMALL_IN_FLIGHT_MAX = 2;
const IN_FLIGHT_BYTES_MAX = 8 * 1024 * 1024;
/** Appends that wait are sent together up to this. One append is never split, however large. */
const MESSAGE_BYTES_MAX = 256 * 1024;
const TIMEOUT_MS = 30_000;

const EPOCH_CHECK_MS = 1_000;
const ECHO_PREFETCH = 64;
/** Reading back what everybody appends costs as much as following the log: whoever appends no more leaves off. */
const IDLE_MS = 2_000;

/** The entries themselves are let go: many of them wait for a confirm at once, and would grow old meanwhile. */
interface Append {
  readonly entryCount: number;
  readonly key: string;
  readonly body: Buffer;
  readonly resolve: (last: Position) => void;
  readonly reject: (error: unknown) => void;
}

interface Message {
  readonly id: string;
  readonly appends: readonly Append[];
  readonly byteCount: number;
  readonly timer: NodeJS.Timeout;
  isConfirmed: boolean;
  isReturned: boolean;
  /** Where it was read back; before that, undefined. */
  readAt: { readonly epoch: number; readonly offset: number } | undefined;
}

/** What belongs together: when one of them is lost, both are opened anew. */
interface Line {
  readonly channel: ConfirmChannel;
  readonly echo: Attachment;
}

const NEWLINE = Buffer.from('\n');

/**
 * Publishes appends, and settles each when the broker has confirmed its message *and* it was read back from
 * the stream. Appends that come while the broker is busy share a message: one message carries hundreds of
 * entries at the cost of one.
 *
 * A confirm alone is not enough. An exchange without a stream confirms what it throws away; therefore
 * messages are mandatory, and returned first. And around a restart the broker confirms messages that never
 * get into the stream: a stream keeps the order of a publisher, so one that was passed over by a later one
 * is lost, and its sender is told to try again.
 *
 * It reads only as long as something is appended, and two seconds more.
 */
export class Publisher {
  private readonly waiting: Append[] = [];
  private readonly inFlight = new PassingSet<Message>();
  private bytesInFlight = 0;
  private bytesWaiting = 0;
  private line: Promise<Line> | undefined;
  /** The echo of the line in use. */
  private current: Attachment | undefined;
  private isFlushing = false;
  private marking = 0;
  private usedAtMs = 0;

  constructor(
    private readonly link: BrokerLink,
    private readonly options: PublisherOptions,
  ) {}

  /**
   * Settles with the position of the last entry when it is in the stream. Rejects `entry-too-large`, or
   * `log-unavailable` (retryable).
   */
  append(entries: readonly NewEntry[]): Promise<Position> {
    return new Promise((resolve, reject) => {
      const body = encodeBody(entries);
      this.waiting.push({ entryCount: entries.length, key: routingKeyOf(entries), body, resolve, reject });
      this.bytesWaiting += body.length;
      void this.flush();
    });
  }

  /** A message without entries, for whoever waits for it to come by. Settles on the confirm. */
  async mark(id: string): Promise<void> {
    this.marking += 1;
    try {
      await this.publishMark(id, (await this.open()).channel);
    } finally {
      this.marking -= 1;
    }
  }

  private async publishMark(id: string, channel: ConfirmChannel): Promise<void> {
    const headers: MessageHeaders = { 'wherefore-kind': 'mark', 'wherefore-id': id };
    await new Promise<void>((resolve, reject) => {
      const settle = (error: unknown): void => {
        channel.removeListener('close', lost);
        if (error) reject(unavailable('the broker did not take a mark', error));
        else resolve();
      };
      // A channel that is lost says nothing to those who wait for a confirm.
      const lost = (): void => settle(new Error('the channel was closed'));
      channel.once('close', lost);
      try {
        channel.publish(this.options.exchange, 'log.mark', Buffer.alloc(0), { persistent: true, headers }, settle);
      } catch (error) {
        settle(error);
      }
    });
  }

  private async flush(): Promise<void> {
    if (this.isFlushing) return;
    this.isFlushing = true;
    try {
      while (this.waiting.length > 0 && this.hasRoom()) this.send((await this.open()).channel);
    } catch (error) {
      this.bytesWaiting = 0;
      for (const append of this.waiting.splice(0)) append.reject(error);
    } finally {
      this.isFlushing = false;
    }
  }

  private hasRoom(): boolean {
    const messagesMax = this.bytesWaiting < MESSAGE_BYTES_MAX ? SMALL_IN_FLIGHT_MAX : IN_FLIGHT_MESSAGES_MAX;
    return this.inFlight.size < messagesMax && this.bytesInFlight < IN_FLIGHT_BYTES_MAX;
  }

  private send(channel: ConfirmChannel): void {
    const appends = this.takeWaiting();
    if (appends.length === 0) return;
    const body = joined(appends);
    const { timeoutMs = TIMEOUT_MS } = this.options;
    const late = (): void => this.fail(message, unavailable(`nothing was confirmed within ${timeoutMs / 1000} s`));
    const message: Message = {
      ...{ id: randomUUID(), appends, byteCount: body.length, timer: setTimeout(late, timeoutMs) },
      ...{ isConfirmed: false, isReturned: false, readAt: undefined },
    };
    this.inFlight.add(message);
    this.bytesInFlight += message.byteCount;
    const headers: MessageHeaders = { 'wherefore-kind': 'batch' };
    const key = commonKey(appends.map(({ key }) => key));
    const options = { persistent: true, mandatory: true, messageId: message.id, contentType: CONTENT_TYPE, headers };
    try {
      channel.publish(this.options.exchange, key, body, options, (error) => this.confirmed(message, error));
    } catch (error) {
      this.fail(message, unavailable('the broker did not take the entries', error));
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
    const taken = this.waiting.splice(0, count);
    for (const { body } of taken) this.bytesWaiting -= body.length;
    return taken;
  }

  private confirmed(message: Message, error: unknown): void {
    if (error) this.fail(message, unavailable('the broker did not take the entries', error));
    else if (message.isReturned) void this.giveBack(message);
    else {
      message.isConfirmed = true;
      this.settleIfKept(message);
    }
  }

  /** A message of this publisher came by in the stream. Those before it that did not never will. */
  private cameBy(messageId: string, readAt: { readonly epoch: number; readonly offset: number }): void {
    const earlier: Message[] = [];
    for (const message of this.inFlight) {
      if (message.id !== messageId) {
        if (message.readAt === undefined) earlier.push(message);
        continue;
      }
      message.readAt = readAt;
      for (const lost of earlier) this.fail(lost, unavailable('the broker did not keep the entries'));
      this.settleIfKept(message);
      return;
    }
  }

  private settleIfKept(message: Message): void {
    const { isConfirmed, readAt, appends } = message;
    if (!isConfirmed || readAt === undefined || !this.leave(message)) return;
    let index = -1;
    for (const append of appends) {
      index += append.entryCount;
      append.resolve({ ...readAt, index });
    }
    void this.flush();
  }

  private fail(message: Message, failure: WhereforeError): void {
    if (!this.leave(message)) return;
    for (const append of message.appends) append.reject(failure);
    void this.flush();
  }

  private leave(message: Message): boolean {
    if (!this.inFlight.delete(message)) return false;
    clearTimeout(message.timer);
    this.bytesInFlight -= message.byteCount;
    return true;
  }

  /** No stream took the message. A stream that is there but not bound is bound, and the sender tries again. */
  private async giveBack(message: Message): Promise<void> {
    await this.options.bind().catch(() => undefined);
    this.fail(message, unavailable('no stream is bound to the exchange of the log: the entries were not kept'));
  }

  private open(): Promise<Line> {
    this.usedAtMs = performance.now();
    this.line ??= this.openLine().catch((error: unknown) => {
      this.line = undefined;
      throw error;
    });
    return this.line;
  }

  /** Reads before it writes: whatever is published on the channel comes by. */
  private async openLine(): Promise<Line> {
    const stream = await this.options.stream();
    const echo = await Attachment.open(this.link, stream.name, 'next', ECHO_PREFETCH);
    try {
      const channel = await this.link.confirmChannel();
      channel.on('return', ({ properties }) => {
        for (const message of this.inFlight) if (message.id === properties.messageId) message.isReturned = true;
      });
      const line = { channel, echo };
      this.current = echo;
      const lose = (error?: unknown): void => this.lose(line, error);
      channel.on('error', lose);
      channel.on('close', lose);
      void this.listen(line, stream).catch(lose);
      return line;
    } catch (error) {
      await echo.close();
      throw error;
    }
  }

  /** Until nothing is appended any more. Rejects when the stream is gone, or another epoch was opened. */
  private async listen(line: Line, { name, epoch }: StreamAt): Promise<void> {
    const { echo } = line;
    while (!this.isIdle()) {
      const delivery = await echo.nextWithin(this.options.epochCheckMs ?? EPOCH_CHECK_MS);
      if (delivery?.kind === 'batch') this.options.saw?.(epoch, delivery.offset, delivery.body.length);
      if (delivery?.messageId !== undefined) this.cameBy(delivery.messageId, { epoch, offset: delivery.offset });
      if (delivery === undefined && (await this.options.stream()).name !== name) {
        throw new Error('another epoch of the log was opened');
      }
    }
    this.lose(line, undefined);
  }

  private isIdle(): boolean {
    const inUse = this.inFlight.size + this.waiting.length + this.marking;
    return inUse === 0 && performance.now() - this.usedAtMs > IDLE_MS;
  }

  private lose({ channel, echo }: Line, error: unknown): void {
    const isCurrent = this.current === echo;
    if (!isCurrent) return;
    this.current = undefined;
    this.line = undefined;
    const failure = unavailable('the line to the broker was lost', error);
    for (const message of [...this.inFlight]) this.fail(message, failure);
    void echo.close();
    void channel.close().catch(() => undefined);
  }
}

function joined(appends: readonly Append[]): Buffer {
  if (appends.length === 1) return appends[0]!.body;
  return Buffer.concat(appends.flatMap(({ body }, index) => (index === 0 ? [body] : [NEWLINE, body])));
}
