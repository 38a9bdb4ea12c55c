import type { Advance, ArchiveBatch } from '@wherefore/ports';
import { overlaid, type Services } from './cluster';
import { ledgerMachine } from './ledgerMachine';
import type { SimulationOptions } from './simulate';
import type { LedgerState } from './ledgerMachine';

/** Ways to break what keeps two leaders apart, or what keeps a copy faithful. The simulation has to notice each. */
export type Breakage = keyof typeof breakages;

const altered = (alter: (services: Services) => Services): Partial<SimulationOptions<LedgerState>> => ({ alter });

export const breakages = {
  /** Entries of a leader that was replaced are applied. */
  'entries without a fence': { machine: ledgerMachine({ isFenced: false }) },

  /** The watermark moves for whoever asks. */
  'outbox without a fence': altered((services) => ({
    ...services,
    outbox: overlaid(services.outbox, {
      advance: async (advance: Advance) => {
        const { position, epoch } = await services.outbox.watermark();
        const result = await services.outbox.advance({ ...advance, expected: position, epoch });
        return { ...result, watermark: { position: advance.position, epoch: advance.epoch } };
      },
    }),
  })),

  /** The archive takes what it is given, wherever its cursor stands. */
  'archive without a cursor': altered((services) => ({
    ...services,
    archive: overlaid(services.archive, {
      append: async (batch: ArchiveBatch) => {
        const expected = await services.archive.cursor();
        const after = batch.entries.filter((_, place) => place >= 0);
        return services.archive.append({ ...batch, expected, entries: after });
      },
    }),
  })),

  /** The lease is given to everybody. */
  'lease for everybody': altered((services) => ({
    ...services,
    leases: overlaid(services.leases, {
      acquire: async (name: string, holder: string, ttlMs: number) => {
        const current = await services.leases.current(name);
        if (!current) return services.leases.acquire(name, holder, ttlMs);
        return { ...current, holder, expiresAtMs: current.expiresAtMs + ttlMs };
      },
      renew: async (lease) => lease,
    }),
  })),

  /** Deliveries are forgotten as soon as they are stored. */
  'outbox that forgets': altered((services) => ({
    ...services,
    outbox: overlaid(services.outbox, {
      waiting: async (receiver: string, limit: number) => (await services.outbox.waiting(receiver, limit)).slice(1),
      receivers: async () => [],
    }),
  })),
} satisfies { readonly [name: string]: Partial<SimulationOptions<LedgerState>> };
