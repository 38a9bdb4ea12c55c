import { notWhenAborted, uuid5, whenAborted } from '@wherefore/model';
import type { BusNotification, Delivery, Receiver, SendResult } from '@wherefore/ports';
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { type BrokerAddress, BrokerLink, closed } from './brokerLink';

export interface BusReceiverOptions {
  readonly broker: BrokerAddress;
  /** The exchange of Vitrage's notifications. */
  readonly exchange: string;
  /** The topic; the key of a message is `<topic>.info`. */
  readonly topic: string;
  /** How the exchange is declared where it is not there: as oslo's `amqp_durable_queues` says. */
  readonly isDurable: boolean;
  readonly timeoutMs: number;
}

const PUBLISHER = 'vitrage.graph';
const NOT_FOUND = 404;
const EFFECT_ID_HEADER = 'x-wherefore-effect-id';

/**
 * Sends notifications on a bus as oslo.messaging does, for those who listen to Vitrage. A message bears the id of what
 * happened, and a `message_id` that is made of it: whoever has seen it may drop it. Nobody has to listen: where no
 * queue is bound a message counts as delivered.
 */
export class BusReceiver implements Receiver {
  private readonly link: BrokerLink;
  private opening: Promise<ConfirmChannel> | undefined;
  /** Once it is open: whoever sends need not wait for it. */
  private opened: ConfirmChannel | undefined;

  constructor(private readonly options: BusReceiverOptions) {
    this.link = new BrokerLink(options.broker);
  }

  async send({ effectId, body }: Delivery, signal: AbortSignal): Promise<SendResult> {
    const { eventType, topic = this.options.topic, payload, atMs } = body as unknown as BusNotification;
    const id = uuid5(effectId);
    const message = {
      message_id: id,
      publisher_id: PUBLISHER,
      event_type: eventType,
      priority: 'INFO',
      payload,
      timestamp: osloTime(atMs),
      _unique_id: id.replaceAll('-', ''),
      effect_id: effectId,
    };
    const envelope = { 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) };
    const content = Buffer.from(JSON.stringify(envelope));
    try {
      signal.throwIfAborted();
      const channel = this.opened ?? (await this.channelInTime(signal));
      await this.published(channel, `${topic}.info`, content, { id, effectId }, signal);
      return { kind: 'delivered' };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  async close(): Promise<void> {
    await this.link.close();
  }

  private published(
    channel: ConfirmChannel,
    key: string,
    content: Buffer,
    { id, effectId }: { readonly id: string; readonly effectId: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { exchange, timeoutMs } = this.options;
    const options = {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      deliveryMode: 2,
      priority: 0,
      messageId: id,
      headers: { [EFFECT_ID_HEADER]: effectId },
    };
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        clearTimeout(timer);
        notWhenAborted(signal, late);
        if (error) reject(error);
        else resolve();
      };
      const late = (): void => settle(new Error(`nothing was confirmed within ${timeoutMs} ms`));
      const timer = setTimeout(late, timeoutMs);
      whenAborted(signal, late);
      const confirmed = (cause: unknown): void =>
        settle(cause ? new Error('the broker did not take the message', { cause }) : undefined);
      try {
        channel.publish(exchange, key, content, options, confirmed);
      } catch (cause) {
        confirmed(cause);
      }
    });
  }

  /** A broker may stop answering at any moment: then it is tried anew. Whoever waits ends when it is told to. */
  private channelInTime(signal: AbortSignal): Promise<ConfirmChannel> {
    const { timeoutMs } = this.options;
    const opening = this.channel();
    return new Promise((resolve, reject) => {
      const late = (): void => {
        if (this.opening === opening) this.opening = undefined;
        settle(() => reject(new Error(`the broker opened no channel within ${timeoutMs} ms`)));
      };
      const timer = setTimeout(late, timeoutMs);
      const settle = (tell: () => void): void => {
        clearTimeout(timer);
        notWhenAborted(signal, late);
        tell();
      };
      whenAborted(signal, late);
      opening.then(
        (channel) => settle(() => resolve(channel)),
        (error: unknown) => settle(() => reject(error as Error)),
      );
    });
  }

  private channel(): Promise<ConfirmChannel> {
    this.opening ??= this.open().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  private async open(): Promise<ConfirmChannel> {
    const connection = await this.link.get();
    await this.declare(connection);
    const channel = await connection.createConfirmChannel();
    const lose = (): void => {
      this.opening = this.opened = undefined;
    };
    channel.on('error', lose);
    channel.on('close', lose);
    this.opened = channel;
    return channel;
  }

  /** An exchange that is there is used as it is: its listeners may have declared it otherwise. */
  private async declare(connection: ChannelModel): Promise<void> {
    const { exchange, isDurable } = this.options;
    const use = async (deed: (channel: Awaited<ReturnType<ChannelModel['createChannel']>>) => Promise<unknown>) => {
      const channel = await connection.createChannel();
      channel.on('error', () => undefined);
      try {
        await deed(channel);
      } finally {
        await closed(channel);
      }
    };
    try {
      await use((channel) => channel.checkExchange(exchange));
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== NOT_FOUND) throw error;
      await use((channel) => channel.assertExchange(exchange, 'topic', { durable: isDurable }));
    }
  }
}

/** As oslo writes it: UTC, to the microsecond, without a zone. */
function osloTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1).replace('T', ' ')}000`;
}
