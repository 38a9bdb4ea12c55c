import { createRequire } from 'node:module';
import type { EngineState } from '@wherefore/engine';
import { deliveryOrder, deriveNews, Receivers, RegisteredWebhooks, WebhookNetworks } from '@wherefore/notifying';
import type { Timer, Webhooks } from '@wherefore/ports';
import type * as Rabbitmq from '@wherefore/rabbitmq';
import type { DeriveNews, DeskOptions } from '@wherefore/runtime';
import type { Config } from '../config';

/** Who is told what of the engine's steps, as the configuration and the registered webhooks say. */
export class Notifications {
  private constructor(
    private readonly registered: RegisteredWebhooks,
    private readonly bus: Rabbitmq.BusReceiver | undefined,
    readonly receivers: Receivers,
    /** How `DeliveryDesk` delivers to them. */
    readonly desk: Pick<DeskOptions, 'windowOf' | 'subjectOf' | 'attemptsMax'>,
  ) {}

  /** Reads the webhooks that are registered now. `name` is shown in the broker's list of connections. */
  static async open(config: Config, webhooks: Webhooks, timer: Timer, name: string): Promise<Notifications> {
    const registered = new RegisteredWebhooks(webhooks, timer);
    await registered.refresh();
    const bus = openBus(config, name);
    const { timeoutMs, attemptsMax, webhookWindow } = config.notifiers;
    const options = { timeoutMs, networks: webhookNetworks(config), ...(bus === undefined ? {} : { bus }) };
    const receivers = new Receivers(registered, webhooks, options);
    return new Notifications(registered, bus, receivers, { ...deliveryOrder(webhookWindow), attemptsMax });
  }

  /** What a step comes to for each receiver. */
  readonly derive: DeriveNews<EngineState> = (step, state) =>
    deriveNews(step, state, { webhooks: this.registered.list, bus: this.bus !== undefined });

  /** Settles when webhooks that were registered until now are told of what happens from now on. */
  refresh(): Promise<void> {
    return this.registered.refresh();
  }

  /** Notices webhooks that other processes register, until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return this.registered.run(signal);
  }

  async close(): Promise<void> {
    this.receivers.close();
    await this.bus?.close();
  }
}

/** Where webhooks may lead. */
export function webhookNetworks({ notifiers }: Config): WebhookNetworks {
  return new WebhookNetworks({ allowed: notifiers.webhookNetworks, refused: notifiers.webhookNetworksRefused });
}

/** The brokers of the bus: its own, else that of the cloud, else that of the log. Without any there is no bus. */
function openBus({ notifiers, listener, broker }: Config, name: string): Rabbitmq.BusReceiver | undefined {
  if (notifiers.bus === 'off') return undefined;
  const urls = [notifiers.busUrls, listener.urls, broker.urls].find((each) => each.length > 0);
  if (urls === undefined) return undefined;
  // Loaded as needed: one process over SQLite has no client of a broker.
  const { BusReceiver } = createRequire(__filename)('@wherefore/rabbitmq') as typeof Rabbitmq;
  const { busExchange: exchange, busTopic: topic, timeoutMs } = notifiers;
  return new BusReceiver({
    broker: { urls, heartbeatSeconds: broker.heartbeatSeconds, name },
    ...{ exchange, topic, timeoutMs, isDurable: false },
  });
}
