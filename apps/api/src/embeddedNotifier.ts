import type { EngineState } from '@wherefore/engine';
import { type Config, type Log, Notifications, webhookNetworks } from '@wherefore/host';
import type { Watermark, Webhooks } from '@wherefore/ports';
import { DeliveryDesk, type Follower, machineTimer, Notifier, runTogether, type Term } from '@wherefore/runtime';
import type { SqliteStore } from '@wherefore/sqlite';
import type { Leadership } from './leadership';

export interface Notifying {
  /** Settles when whatever is appended from then on is notified. */
  readonly begun: Promise<void>;
  /** Until the signal aborts; rejects with a defect. */
  run(signal: AbortSignal): Promise<void>;
}

/** Notifies in the one process that has all roles: it leads as long as it runs. */
export class EmbeddedNotifier {
  private constructor(
    /** Receivers that are registered: whoever was put in is told of what happens from then on. */
    readonly webhooks: Webhooks,
    private readonly notifications: Notifications,
    /** As it was when the store was opened: the follower has to begin at or before it. */
    readonly watermark: Watermark,
    private readonly attach: (follower: Follower<EngineState>) => {
      readonly notifier: Notifier;
      readonly desk: DeliveryDesk;
    },
  ) {}

  static async open(config: Config, store: SqliteStore, log: Log): Promise<EmbeddedNotifier> {
    const { outbox } = store;
    const webhooks = webhookNetworks(config).guard(store.webhooks);
    const warn = (error: unknown): void => log.warn({ err: error }, 'notifications wait');
    const notifications = await Notifications.open(config, webhooks, machineTimer, 'wherefore serve');
    const watermark = await outbox.watermark();
    return new EmbeddedNotifier(noticed(webhooks, notifications), notifications, watermark, (follower) => {
      const desk = new DeliveryDesk(outbox, notifications.receivers, machineTimer, { ...notifications.desk, warn });
      const derive = (step: Parameters<typeof notifications.derive>[0]) => notifications.derive(step, follower.state);
      const parts = { outbox, log: store.log, desk, timer: machineTimer, derive };
      const notifier = new Notifier(parts, { warn });
      notifier.beginAgain(watermark);
      follower.subscribe(notifier.accept);
      return { notifier, desk };
    });
  }

  /** Subscribes to the follower. */
  start(follower: Follower<EngineState>, { epoch, fence }: Leadership): Notifying {
    const { notifier, desk } = this.attach(follower);
    const run = async (signal: AbortSignal): Promise<void> => {
      // The store's lock keeps every other process out: the term is as long as the run.
      const term: Term = { epoch, fence, signal, sinceMs: machineTimer.nowMs(), isHeld: () => !signal.aborted };
      try {
        await runTogether(signal, [
          (stop) => notifier.run(term, stop),
          (stop) => desk.run(term, stop),
          (stop) => this.notifications.run(stop),
        ]);
        await notifier.settle(term);
      } finally {
        await this.notifications.close();
      }
    };
    return { begun: notifier.begun, run };
  }
}

/** The webhooks of the store, whose changes the notifier notices at once. */
function noticed(webhooks: Webhooks, notifications: Notifications): Webhooks {
  return {
    list: () => webhooks.list(),
    put: async (webhook) => {
      await webhooks.put(webhook);
      await notifications.refresh();
    },
    remove: async (id) => {
      const wasThere = await webhooks.remove(id);
      await notifications.refresh();
      return wasThere;
    },
  };
}
