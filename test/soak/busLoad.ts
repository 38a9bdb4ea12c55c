import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { Chance } from '../fuzz/chance';
import { enveloped } from '../listener/cloudBus';
import { HOSTS } from './restLoad';

const EXCHANGE = 'nova';
const KEY = 'notifications.info';
const SERVERS = 40;
const PAUSE_MS = { min: 40, max: 180 };
const RETRY_MS = 300;
const CONFIRM_MS = 8_000;

/**
 * Nova, as it announces what its servers do, on the exchange of its own, which goes with the broker. A message is kept when
 * the broker has confirmed it and found a queue for it; else it is sent again. One at a time: so their order is known.
 */
export class BusLoad {
  /** Ids of the messages that were kept, in the order in which they were sent. */
  readonly kept: string[] = [];
  failures = 0;
  waiting: string | undefined;
  private connection: ChannelModel | undefined;
  private channel: Promise<ConfirmChannel> | undefined;
  private readonly returned = new Set<string>();

  constructor(
    private readonly seed: number,
    private readonly url: string,
  ) {}

  async run(until: AbortSignal, giveUp: AbortSignal): Promise<void> {
    const chance = new Chance(this.seed, 2);
    try {
      for (let number = 0; !until.aborted; number++) {
        const id = `soak-message-${number}`;
        await this.send(id, messageOf(chance, id), giveUp);
        await sleep(PAUSE_MS.min + chance.below(PAUSE_MS.max - PAUSE_MS.min));
      }
    } finally {
      await this.connection?.close().catch(() => undefined);
    }
  }

  private async send(id: string, body: string, giveUp: AbortSignal): Promise<void> {
    this.waiting = id;
    while (!giveUp.aborted) {
      try {
        this.returned.delete(id);
        await this.publish(await this.open(), id, body);
        if (!this.returned.has(id)) {
          this.kept.push(id);
          this.waiting = undefined;
          return;
        }
      } catch {
        this.lose();
      }
      this.failures += 1;
      await sleep(RETRY_MS);
    }
  }

  private publish(channel: ConfirmChannel, id: string, body: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('no confirm')), CONFIRM_MS);
      const lost = (): void => reject(new Error('the channel was closed'));
      channel.once('close', lost);
      const options = { messageId: id, mandatory: true, deliveryMode: 2, contentType: 'application/json' };
      channel.publish(EXCHANGE, KEY, Buffer.from(body), options, (error) => {
        clearTimeout(late);
        channel.off('close', lost);
        if (error) reject(new Error('refused'));
        else resolve();
      });
    });
  }

  private open(): Promise<ConfirmChannel> {
    this.channel ??= this.connect();
    return this.channel;
  }

  private async connect(): Promise<ConfirmChannel> {
    this.connection = await connect(`${this.url}?heartbeat=2`, { timeout: 5_000 });
    this.connection.on('error', () => undefined);
    const channel = await this.connection.createConfirmChannel();
    channel.on('error', () => undefined);
    channel.on('return', ({ properties }) => this.returned.add(String(properties.messageId)));
    await channel.assertExchange(EXCHANGE, 'topic', { durable: false });
    return channel;
  }

  private lose(): void {
    this.channel = undefined;
    void this.connection?.close().catch(() => undefined);
    this.connection = undefined;
  }
}

function messageOf(chance: Chance, id: string): string {
  const server = `server-${chance.below(SERVERS)}`;
  const gone = chance.oneIn(25);
  const payload = {
    ...{ instance_id: server, display_name: `${server}-${chance.below(1000)}`, tenant_id: 'shop' },
    ...{
      host: chance.pick(HOSTS),
      state: gone ? 'deleted' : chance.oneIn(8) ? 'error' : 'active',
      state_description: '',
    },
  };
  const at = new Date().toISOString().slice(0, -1).replace('T', ' ');
  return enveloped(gone ? 'compute.instance.delete.end' : 'compute.instance.update', payload, id, `${at}000`);
}
