import type { Presence, ShownPresence } from '@wherefore/ports';
import type { Channel } from 'amqplib';
import { BrokerLink, unavailable, type BrokerAddress } from './brokerLink';

const NOT_FOUND = 404;

/** Only one consumer of the queue gets messages: the holder. It goes with its last consumer, and with the broker. */
const QUEUE = { durable: false, autoDelete: true, arguments: { 'x-single-active-consumer': true } } as const;

/**
 * Signs of life on the broker: a queue for each holder, with one message that the holder has taken and never
 * acknowledges. When its connection ends the broker gives that message to the next in line, who was waiting for just
 * that. Takes some milliseconds after a process was killed. A hung process keeps its connection until the broker
 * misses its heartbeats.
 */
export class RabbitPresence implements Presence {
  private readonly link: BrokerLink;

  constructor(
    broker: BrokerAddress,
    /** Queues are called `<prefix>.<holder>`. */
    private readonly prefix: string,
  ) {
    this.link = new BrokerLink(broker);
  }

  async show(holder: string): Promise<ShownPresence> {
    const lost = new AbortController();
    const channel = await this.channel(() => lost.abort());
    const queue = this.queueOf(holder);
    try {
      await channel.assertQueue(queue, QUEUE);
      await channel.consume(queue, (message) => {
        // The queue was deleted: nobody sees the sign any more.
        if (message === null) lost.abort();
      });
      channel.sendToQueue(queue, Buffer.from(holder));
    } catch (error) {
      throw unavailable('the sign of life could not be given', error);
    }
    return {
      lost: lost.signal,
      hide: async () => {
        await channel.close().catch(() => undefined);
      },
    };
  }

  async untilGone(holder: string, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    const queue = this.queueOf(holder);
    let settle: (isGone: boolean | Error) => void = () => undefined;
    const settled = new Promise<boolean | Error>((resolve) => (settle = resolve));
    const channel = await this.channel((error) => settle(error));
    const abort = (): void => settle(false);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    try {
      await channel.checkQueue(queue);
      await channel.prefetch(1);
      // Closing the channel puts the message back: whoever else waits is told as well.
      await channel.consume(queue, (message) => settle(message !== null || unavailable('the sign of life is gone')));
      const result = await settled;
      signal.throwIfAborted();
      if (result instanceof Error) throw result;
      return result;
    } catch (error) {
      signal.throwIfAborted();
      if ((error as { readonly code?: number }).code === NOT_FOUND) return false;
      throw unavailable('the sign of life could not be watched', error);
    } finally {
      signal.removeEventListener('abort', abort);
      await channel.close().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await this.link.close();
  }

  private queueOf(holder: string): string {
    return `${this.prefix}.${holder}`.slice(0, 250);
  }

  private async channel(onEnd: (error: Error) => void): Promise<Channel> {
    const connection = await this.link.get();
    const channel = await connection.createChannel();
    channel.on('error', (error: Error) => onEnd(error));
    channel.on('close', () => onEnd(unavailable('the channel of a sign of life was closed')));
    return channel;
  }
}
