import { randomUUID } from 'node:crypto';
import type { BusSettings } from '@wherefore/listener';

/** Settings of a listener on a queue of its own, that looks more often than one in operation. */
export function busSettings(url: string, changes: Partial<BusSettings> = {}): BusSettings {
  return {
    broker: { urls: [url], heartbeatSeconds: 2 },
    queue: `listener.${randomUUID().slice(0, 8)}`,
    queueType: 'classic',
    exchanges: ['nova', 'vitrage'],
    topics: ['notifications', 'versioned_notifications', 'vitrage_notifications'],
    prefetch: 256,
    heldBytesMax: 16 * 1024 * 1024,
    deadLetterBytesMax: 1024 * 1024,
    bindingCheckMs: 200,
    handOverMs: 30_000,
    ...changes,
  };
}
