import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { EFFECT_ID_HEADER } from '@wherefore/notifying';
import { connect } from 'amqplib';
import { Chance } from '../fuzz/chance';

/** What a receiver was sent, in the order in which it came. */
export interface Heard {
  readonly effectId: string;
  readonly body: string;
  readonly atMs: number;
  /** Whether the receiver took it: it fails now and then. */
  readonly isTaken: boolean;
}

const ONE_FAILURE_IN = 60;
/** Of the failures: no answer at all. */
const ONE_SILENCE_IN = 4;

/** Receivers of webhooks, one for each path. They fail now and then, by a seed: with a 500, or without any answer. */
export class WebhookEars {
  readonly heard = new Map<string, Heard[]>();
  isWell = false;

  private constructor(
    readonly url: string,
    private readonly stop: () => Promise<void>,
  ) {}

  static async open(seed: number): Promise<WebhookEars> {
    const chance = new Chance(seed, 4);
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const isTaken = ears.isWell || !chance.oneIn(ONE_FAILURE_IN);
        const effectId = decodeURI(String(request.headers[EFFECT_ID_HEADER]));
        const name = request.url!;
        const heard = ears.heard.get(name) ?? [];
        ears.heard.set(name, heard);
        heard.push({ effectId, body, atMs: Date.now(), isTaken });
        if (!isTaken && chance.oneIn(ONE_SILENCE_IN)) return;
        response.writeHead(isTaken ? 200 : 500).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const stop = async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    const ears = new WebhookEars(`http://127.0.0.1:${port}`, stop);
    return ears;
  }

  close(): Promise<void> {
    return this.stop();
  }
}

const EXCHANGE = 'vitrage';
const QUEUE = 'soak.vitrage_graph';

/**
 * Somebody who listens to Vitrage's notifications on the bus: with a durable exchange and queue, so that nothing is lost
 * that was sent while the broker was away.
 */
export class BusEars {
  readonly heard: Heard[] = [];
  private readonly ending = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly url: string) {}

  /** Settles when the queue is bound. */
  async open(): Promise<void> {
    const first = await this.listen();
    this.running = this.keepListening(first);
  }

  async close(): Promise<void> {
    this.ending.abort();
    await this.running;
  }

  private async keepListening(first: () => Promise<void>): Promise<void> {
    let lost = first;
    while (!this.ending.signal.aborted) {
      await lost();
      while (!this.ending.signal.aborted) {
        const again = await this.listen().catch(() => undefined);
        if (again === undefined) await sleep(300);
        else {
          lost = again;
          break;
        }
      }
    }
  }

  /** Gives what settles when the connection is lost, or was closed at the end. */
  private async listen(): Promise<() => Promise<void>> {
    const connection = await connect(`${this.url}?heartbeat=2`, { timeout: 5_000 });
    const lost = new Promise<void>((resolve) => connection.on('close', () => resolve()));
    connection.on('error', () => undefined);
    const channel = await connection.createChannel();
    channel.on('error', () => void connection.close().catch(() => undefined));
    await channel.assertExchange(EXCHANGE, 'topic', { durable: true });
    await channel.assertQueue(QUEUE, { durable: true });
    await channel.bindQueue(QUEUE, EXCHANGE, 'vitrage.graph.*');
    await channel.prefetch(200);
    await channel.consume(QUEUE, (message) => {
      if (message === null) return void connection.close().catch(() => undefined);
      const effectId = String(message.properties.headers?.[EFFECT_ID_HEADER]);
      this.heard.push({ effectId, body: message.content.toString(), atMs: Date.now(), isTaken: true });
      channel.ack(message);
    });
    const { signal } = this.ending;
    const end = (): void => void connection.close().catch(() => undefined);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    return () => lost;
  }
}
