import { abridged, notWhenAborted, type WhereforeError, whenAborted } from '@wherefore/model';
import type { ChannelModel, ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { BusMessage, DeadLetter } from './busMessage';
import { type BusSettings, deadLetterQueue } from './busSettings';
import { answered, busTrouble, lost } from './busTopology';

/** What arrived together: to be kept, and acknowledged, as one. */
export interface BusBatch {
  readonly messages: readonly BusMessage[];
  /** Of the last of them. */
  readonly tag: number;
}

/** One batch is one append of the log, and that one message of a stream. */
const BATCH_MESSAGES_MAX = 256;
const BATCH_BYTES_MAX = 512 * 1024;
const HEADER_CHARS_MAX = 1024;

/**
 * A consumer of the listeners' queue. Messages come in their order and are acknowledged in it, many at once; what is
 * not acknowledged comes again, to this consumer or to the one that takes its place.
 */
export class BusLine {
  /** Bytes of the messages that are not acknowledged. */
  heldBytes = 0;
  private readonly arrived: ConsumeMessage[] = [];
  private readonly held: { readonly tag: number; readonly bytes: number }[] = [];
  private failure: WhereforeError | undefined;
  private wake: (() => void) | undefined;

  private constructor(
    private readonly channel: ConfirmChannel,
    private readonly queue: string,
  ) {}

  /** Attaches to the queue, which has to be there. Rejects `bus-unavailable`. */
  static async open(connection: ChannelModel, { queue }: BusSettings, prefetch: number): Promise<BusLine> {
    const channel = await connection.createConfirmChannel().catch(lost);
    const line = new BusLine(channel, queue);
    channel.on('error', (error: Error) => line.fail(busTrouble(`the channel was closed: ${error.message}`, error)));
    channel.on('close', () => line.fail(busTrouble('the channel was closed')));
    try {
      await answered(channel.prefetch(prefetch));
      await answered(channel.consume(queue, (message) => line.take(message), { noAck: false }));
    } catch (error) {
      // Not waited for: a broker that did not answer does not answer to this either.
      void line.close();
      throw busTrouble(`the queue ${queue} cannot be read: ${(error as Error).message}`, error);
    }
    return line;
  }

  /** How many messages these are. */
  get heldCount(): number {
    return this.held.length;
  }

  /** Why it no longer gives any, if so. */
  get trouble(): WhereforeError | undefined {
    return this.failure;
  }

  /** Whatever has arrived, as much as makes a batch; waits for the first message. Rejects when the line is lost. */
  async next(signal: AbortSignal): Promise<BusBatch | undefined> {
    if (this.arrived.length === 0 && this.failure === undefined && !signal.aborted) await this.wait(signal);
    if (this.failure !== undefined) throw this.failure;
    if (signal.aborted) return undefined;
    let bytes = 0;
    let count = 0;
    for (const { content } of this.arrived) {
      if (count === BATCH_MESSAGES_MAX || (count > 0 && bytes + content.length > BATCH_BYTES_MAX)) break;
      bytes += content.length;
      count += 1;
    }
    const taken = this.arrived.splice(0, count);
    return { messages: taken.map(messageOf), tag: taken.at(-1)!.fields.deliveryTag };
  }

  /** Acknowledges the batch and everything before it. */
  acknowledge({ tag }: BusBatch): void {
    if (this.failure !== undefined) return;
    this.channel.ack({ fields: { deliveryTag: tag } } as ConsumeMessage, true);
    const settled = this.held.findIndex((each) => each.tag > tag);
    for (const { bytes } of this.held.splice(0, settled < 0 ? this.held.length : settled)) this.heldBytes -= bytes;
  }

  /** Puts messages aside, each with why. Settles when the broker has confirmed. Rejects `bus-unavailable`. */
  async bury(dead: readonly DeadLetter[]): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    try {
      for (const { message, rejection } of dead) {
        const { code, message: reason, where = '', hint = '' } = rejection;
        const headers = {
          ...{
            'wherefore-reason': code,
            'wherefore-message': abridged(reason, HEADER_CHARS_MAX),
            'wherefore-where': where,
          },
          ...{ 'wherefore-hint': hint, 'wherefore-exchange': message.exchange },
          'wherefore-routing-key': message.routingKey,
        };
        this.channel.sendToQueue(deadLetterQueue(this.queue), message.body, { persistent: true, headers });
      }
      await this.channel.waitForConfirms();
    } catch (error) {
      throw busTrouble(`a dead letter was not kept: ${(error as Error).message}`, error);
    }
  }

  /** What is not acknowledged goes back to the queue, in its old order. */
  async close(): Promise<void> {
    this.fail(busTrouble('the line was closed'));
    await answered(this.channel.close()).catch(() => undefined);
  }

  /** `null` is how the broker says that the queue was deleted. */
  private take(message: ConsumeMessage | null): void {
    if (message === null) return this.fail(busTrouble(`the queue ${this.queue} was deleted`));
    const bytes = message.content.length;
    this.heldBytes += bytes;
    this.held.push({ tag: message.fields.deliveryTag, bytes });
    this.arrived.push(message);
    this.wake?.();
  }

  private fail(failure: WhereforeError): void {
    this.failure ??= failure;
    this.wake?.();
  }

  private wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        notWhenAborted(signal, wake);
        this.wake = undefined;
        resolve();
      };
      this.wake = wake;
      whenAborted(signal, wake);
    });
  }
}

function messageOf({ content, fields }: ConsumeMessage): BusMessage {
  const { exchange, routingKey, redelivered } = fields;
  return { exchange, routingKey, body: content, isRedelivered: redelivered };
}
