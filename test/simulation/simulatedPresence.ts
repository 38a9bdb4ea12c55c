import type { Presence, ShownPresence } from '@wherefore/ports';
import { unavailable, type SimProcess } from './world';

interface Sign {
  readonly process: SimProcess;
  readonly control: AbortController;
}

/** Locks of connections, as the database keeps them. When it goes away all are lost, and nobody is told why. */
export class SimPresenceBook {
  readonly signs = new Map<string, Sign>();
  readonly watches = new Set<{ readonly process: SimProcess; readonly holder: string; end(error?: Error): void }>();

  /** The connections of that process break, and the database notices. */
  disconnect(process: SimProcess): void {
    for (const [holder, sign] of [...this.signs]) if (sign.process === process) this.end(holder);
    for (const watch of [...this.watches]) if (watch.process === process) watch.end(unavailable('the line broke'));
  }

  /** The database goes away. */
  lose(): void {
    for (const watch of [...this.watches]) watch.end(unavailable('the database went away'));
    for (const holder of [...this.signs.keys()]) this.end(holder);
  }

  end(holder: string): void {
    const sign = this.signs.get(holder);
    this.signs.delete(holder);
    if (sign) sign.process.arrive(() => sign.control.abort());
    for (const watch of [...this.watches]) if (watch.holder === holder) watch.end();
  }
}

/** Signs of life as one process gives and sees them. */
export class SimPresence implements Presence {
  constructor(
    private readonly process: SimProcess,
    private readonly book: SimPresenceBook,
  ) {}

  async show(holder: string): Promise<ShownPresence> {
    const control = new AbortController();
    await this.process.call('database', () => void this.book.signs.set(holder, { process: this.process, control }));
    return { lost: control.signal, hide: () => this.process.call('database', () => this.book.end(holder)) };
  }

  async untilGone(holder: string, signal: AbortSignal): Promise<boolean> {
    const { process, book } = this;
    const isShown = await process.call('database', () => book.signs.has(holder));
    if (!isShown) return false;
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const settle = (run: () => void) => {
        book.watches.delete(watch);
        signal.removeEventListener('abort', abort);
        run();
      };
      const abort = () => settle(() => reject(signal.reason));
      const { time } = process.world;
      const end = (error?: Error) =>
        settle(() =>
          time.plan(process.world.delayMs(), () => process.arrive(() => (error ? reject(error) : resolve(true)))),
        );
      const watch = { process, holder, end };
      book.watches.add(watch);
      signal.addEventListener('abort', abort, { once: true });
      if (!book.signs.has(holder)) end();
    });
  }
}
