import type { Receiver, Webhook, Webhooks } from '@wherefore/ports';
import type { ReceiverBook } from '@wherefore/runtime';
import { BUS_RECEIVER } from './deriveNews';
import type { RegisteredWebhooks } from './registeredWebhooks';
import { WebhookConnections } from './webhookConnections';
import type { WebhookNetworks } from './webhookNetworks';
import { WebhookReceiver, type WebhookOptions } from './webhookReceiver';

export interface ReceiversOptions extends WebhookOptions {
  readonly networks: WebhookNetworks;
  /** Absent where notifications do not go out on the bus. */
  readonly bus?: Receiver;
}

/** Finds receivers by the names that rows bear: the bus, or a webhook that is still registered. */
export class Receivers implements ReceiverBook {
  private readonly connections: WebhookConnections;
  /** Of the webhooks that are registered now: each is read once. */
  private readonly made = new WeakMap<Webhook, WebhookReceiver>();

  constructor(
    private readonly registered: Pick<RegisteredWebhooks, 'list'>,
    private readonly store: Pick<Webhooks, 'list'>,
    private readonly options: ReceiversOptions,
  ) {
    this.connections = new WebhookConnections(options.networks);
  }

  async find(name: string): Promise<Receiver | undefined> {
    if (name === BUS_RECEIVER) return this.options.bus;
    const known = this.registered.list.find(({ id }) => id === name);
    // What is not known here may have been registered a moment ago: only the store knows that there is none.
    const webhook = known ?? (await this.store.list()).find(({ id }) => id === name);
    return webhook === undefined ? undefined : this.receiverOf(webhook);
  }

  private receiverOf(webhook: Webhook): WebhookReceiver {
    let receiver = this.made.get(webhook);
    if (receiver === undefined) {
      receiver = new WebhookReceiver(webhook, this.options, this.connections);
      this.made.set(webhook, receiver);
    }
    return receiver;
  }

  /** Lets go of the connections that are kept. */
  close(): void {
    this.connections.close();
  }
}
