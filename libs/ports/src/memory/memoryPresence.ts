import type { Presence, ShownPresence } from '../presence';

/** Signs of life in memory. `die` is what the end of a process does to its connection. */
export class MemoryPresence implements Presence {
  private readonly shown = new Map<string, AbortController>();
  private readonly watching = new Set<() => void>();

  async show(holder: string): Promise<ShownPresence> {
    const control = new AbortController();
    this.shown.set(holder, control);
    const hide = async () => {
      if (this.shown.get(holder) === control) this.die(holder);
    };
    return { lost: control.signal, hide };
  }

  /** The holder's connection breaks. */
  die(holder: string): void {
    this.shown.get(holder)?.abort();
    this.shown.delete(holder);
    for (const look of [...this.watching]) look();
  }

  async untilGone(holder: string, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (!this.shown.has(holder)) return false;
    await new Promise<void>((resolve, reject) => {
      const settle = (end: () => void) => {
        this.watching.delete(look);
        signal.removeEventListener('abort', abort);
        end();
      };
      const look = () => {
        if (!this.shown.has(holder)) settle(resolve);
      };
      const abort = () => settle(() => reject(signal.reason));
      this.watching.add(look);
      signal.addEventListener('abort', abort);
    });
    return true;
  }
}
