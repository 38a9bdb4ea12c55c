import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { JsonObject, Properties } from '@wherefore/model';
import { deliveryOf } from '@wherefore/notifying';
import type { Delivery, Webhook } from '@wherefore/ports';
import { BusReceiver } from '@wherefore/rabbitmq';
import { connect } from 'amqplib';
import { until } from '../conformance/rabbitmqLogs';
import { rabbitmqNeed, startRabbitmq, type RabbitmqServer } from '../support/services/rabbitmqServer';
import { describeWithService, describeWithShared } from '../support/shared';

const NEVER = new AbortController().signal;

describeWithShared('what the webhook notifier of Vitrage posted', (sharedDir) => {
  const folder = path.join(sharedDir, 'data/webhook-recordings');
  const recorded = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as { body: JsonObject });
  const webhook: Webhook = {
    ...{ id: 'w', url: 'http://a/', headers: {}, filter: {} },
    ...{ projectId: 'ops', isAdmin: true, createdAtMs: 0 },
  };

  it('is what is posted here of the same alarm, whatever else the alarm has', () => {
    expect(recorded.length).toBeGreaterThan(10);
    for (const { body } of recorded) {
      const { resource, ...alarm } = body['payload'] as JsonObject & { resource?: JsonObject };
      const more = {
        vitrage_is_deleted: false,
        vitrage_resource_id: 'r',
        rawtext: 'long',
        vitrage_sample_timestamp: 't',
      };
      const news = {
        kind: body['notification'] as 'vitrage.alarm.activate',
        alarm: { ...alarm, ...more } as Properties,
        ...(resource === undefined ? {} : { resource: { ...resource, ...more } as Properties }),
      };
      expect(deliveryOf(webhook, news)).toEqual(body);
    }
  });
});

describeWithService('the bus as a receiver', rabbitmqNeed, () => {
  let broker: RabbitmqServer;
  beforeAll(async () => {
    broker = await startRabbitmq();
  }, 120_000);
  afterAll(() => broker?.stop());

  const delivery = (effectId: string): Delivery => ({
    ...{ effectId, receiver: 'bus', attempts: 0, notBeforeMs: 0, lastFailure: '' },
    body: {
      eventType: 'vitrage.alarm.activate',
      payload: { name: 'Host down' },
      atMs: Date.UTC(2026, 10, 22, 1, 2, 3, 4),
    },
  });
  const receiver = (url: string, timeoutMs = 5000): BusReceiver =>
    new BusReceiver({
      ...{ broker: { urls: [url] }, exchange: `vitrage.${randomUUID()}`, topic: 'vitrage.graph' },
      ...{ isDurable: false, timeoutMs },
    });

  it('gets the envelope of oslo on the topic, and of a repetition the same ids', async () => {
    const connection = await connect(broker.url);
    const channel = await connection.createChannel();
    const exchange = `vitrage.${randomUUID()}`;
    await channel.assertExchange(exchange, 'topic', { durable: false });
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, exchange, 'vitrage.graph.info');
    const got: { readonly message: JsonObject; readonly effect: unknown }[] = [];
    await channel.consume(queue, (each) => {
      const { 'oslo.message': text } = JSON.parse(each!.content.toString()) as { 'oslo.message': string };
      const effect = (each!.properties.headers ?? {})['x-wherefore-effect-id'] as unknown;
      got.push({ message: JSON.parse(text) as JsonObject, effect });
    });
    const bus = new BusReceiver({
      ...{ broker: { urls: [broker.url] }, exchange, topic: 'vitrage.graph', isDurable: false, timeoutMs: 5000 },
    });
    const id = '1.7.0/alarm-raised/a1';
    expect(await bus.send(delivery(id), NEVER)).toEqual({ kind: 'delivered' });
    expect(await bus.send(delivery(id), NEVER)).toEqual({ kind: 'delivered' });
    await until(() => got.length === 2);
    expect(got[0]).toEqual(got[1]);
    expect(got[0]).toMatchObject({
      effect: id,
      message: {
        ...{ event_type: 'vitrage.alarm.activate', publisher_id: 'vitrage.graph', priority: 'INFO' },
        ...{ timestamp: '2026-11-22 01:02:03.004000', payload: { name: 'Host down' }, effect_id: id },
      },
    });
    await bus.close();
    await connection.close();
  });

  it('has what nobody listens to delivered, on an exchange that it makes', async () => {
    const bus = receiver(broker.url);
    expect(await bus.send(delivery('e'), NEVER)).toEqual({ kind: 'delivered' });
    await bus.close();
  });

  it('ends when it is told to while its broker says nothing, and fails for now where that takes too long', async () => {
    const bus = receiver(broker.url, 500);
    broker.pause();
    try {
      const term = new AbortController();
      const sending = bus.send(delivery('c'), term.signal);
      term.abort(new Error('the term is over'));
      await expect(sending).rejects.toThrow('the term is over');
      const reason = 'the broker opened no channel within 500 ms';
      expect(await bus.send(delivery('c'), NEVER)).toEqual({ kind: 'failed', reason });
    } finally {
      broker.resume();
    }
    await until(async () => (await bus.send(delivery('c'), NEVER)).kind === 'delivered', 30_000);
    await bus.close();
  }, 60_000);

  it('fails for now while its broker is away, without telling the password, and works again after it', async () => {
    const bus = receiver(broker.url);
    expect(await bus.send(delivery('a'), NEVER)).toEqual({ kind: 'delivered' });
    await broker.kill();
    const failed = await bus.send(delivery('b'), NEVER);
    expect(failed.kind).toBe('failed');
    expect(JSON.stringify(failed)).not.toContain(new URL(broker.url).password);
    await broker.restart();
    await until(async () => (await bus.send(delivery('b'), NEVER)).kind === 'delivered', 30_000);
    await bus.close();
  }, 90_000);
});
