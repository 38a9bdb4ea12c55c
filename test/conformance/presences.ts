import { randomUUID } from 'node:crypto';
import { MemoryPresence, type Presence } from '@wherefore/ports';
import { RabbitPresence } from '@wherefore/rabbitmq';
import type { PresenceUnderTest } from '../../libs/ports/src/conformance/presence.conformance';
import { sharedBroker } from './rabbitmqLogs';

export async function openMemoryPresence(): Promise<PresenceUnderTest> {
  const presence = new MemoryPresence();
  return {
    another: async () => presence,
    mortal: async () => ({ presence, die: async () => presence.die('a') }),
    close: async () => undefined,
  };
}

/** Each has a connection of its own; the broker does the same when it is closed as when its process dies. */
export async function openRabbitPresence(): Promise<PresenceUnderTest> {
  const { url } = await sharedBroker();
  const prefix = `alive.${randomUUID().slice(0, 8)}`;
  const all: RabbitPresence[] = [];
  const another = async (): Promise<Presence> => {
    const presence = new RabbitPresence({ urls: [url] }, prefix);
    all.push(presence);
    return presence;
  };
  return {
    another,
    mortal: async () => {
      const presence = (await another()) as RabbitPresence;
      return { presence, die: () => presence.close() };
    },
    close: async () => {
      await Promise.all(all.map((presence) => presence.close()));
    },
  };
}
