import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readRecordedMessage, type NotificationEnvelope } from '@wherefore/datasources';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';

/** The services whose notifications were recorded: each has an exchange of its name. */
export const RECORDED_EXCHANGES = ['nova', 'neutron', 'cinder', 'heat', 'aodh', 'keystone', 'glance'];

/** A message as it was received, and when. */
export interface Recorded {
  readonly envelope: NotificationEnvelope;
  readonly atUs: number;
}

/** The recorded messages of the bus, in the order in which they arrived. */
export function recordedMessages(sharedDir: string): Recorded[] {
  const text = readFileSync(path.join(sharedDir, 'data/openstack/notifications.ndjson'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { message, atUs } = readRecordedMessage(line);
      if ('code' in message || atUs === undefined) throw new Error(`a line of the recording: ${line.slice(0, 80)}`);
      return { envelope: message, atUs };
    });
}

/** The bus as the cloud's services use it: transient topic exchanges, which they declare themselves. */
export class CloudBus {
  private constructor(
    readonly connection: ChannelModel,
    private readonly channel: ConfirmChannel,
  ) {}

  static async open(url: string, exchanges: readonly string[] = RECORDED_EXCHANGES): Promise<CloudBus> {
    const connection = await connect(url);
    connection.on('error', () => undefined);
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => undefined);
    const bus = new CloudBus(connection, channel);
    for (const exchange of exchanges) await bus.declare(exchange);
    return bus;
  }

  async declare(exchange: string): Promise<void> {
    await this.channel.assertExchange(exchange, 'topic', { durable: false });
  }

  /** As oslo.messaging sends it. */
  send({ exchange, routing_key: key, body }: Pick<NotificationEnvelope, 'exchange' | 'routing_key' | 'body'>): void {
    const options = { contentType: 'application/json', contentEncoding: 'utf-8', deliveryMode: 2 };
    this.channel.publish(exchange, key, Buffer.from(body as string), options);
  }

  /** Settles when the broker has everything that was sent. */
  async flush(): Promise<void> {
    await this.channel.waitForConfirms();
  }

  /** Takes everything out of a queue. */
  async drain(
    queue: string,
  ): Promise<{ readonly body: string; readonly headers: { readonly [name: string]: unknown } }[]> {
    const found = [];
    for (;;) {
      const message = await this.channel.get(queue, { noAck: true });
      if (message === false) return found;
      found.push({ body: message.content.toString(), headers: message.properties.headers ?? {} });
    }
  }

  async queue(name: string): Promise<{ readonly messages: number; readonly consumers: number }> {
    const { messageCount, consumerCount } = await this.channel.checkQueue(name);
    return { messages: messageCount, consumers: consumerCount };
  }

  async deleteQueue(name: string): Promise<void> {
    await this.channel.deleteQueue(name);
  }

  async close(): Promise<void> {
    await this.connection.close().catch(() => undefined);
  }
}

/** An oslo envelope around a message. */
export function enveloped(eventType: string, payload: object, id: string, at = '2026-11-22 00:00:00.000000'): string {
  const message = {
    ...{ message_id: id, publisher_id: 'test.h', event_type: eventType, priority: 'INFO' },
    ...{ payload, timestamp: at, _unique_id: id },
  };
  return JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) });
}
