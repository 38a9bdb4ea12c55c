import type { Presence } from '../presence';

export interface PresenceUnderTest {
  /** Two processes that know of each other. */
  readonly presence: Presence;
  readonly other: Presence;
  /** What the end of the first process does to its connections. */
  die(): Promise<void>;
  close(): Promise<void>;
}

/** What every presence must do. */
export function presenceConformance(name: string, open: () => Promise<PresenceUnderTest>): void {
  describe(`Presence: ${name}`, () => {
    let opened: PresenceUnderTest;
    const never = new AbortController().signal;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened.close());

    it('knows nothing of a process that gives no sign', async () => {
      expect(await opened.other.untilGone('a', never)).toBe(false);
    });

    it('tells when a process that gave a sign is gone, to all that watch', async () => {
      const { presence, other } = opened;
      await presence.show('a');
      let isGone = false;
      const watches = Promise.all([other.untilGone('a', never), other.untilGone('a', never)]);
      void watches.then(() => (isGone = true));
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(isGone).toBe(false);
      await opened.die();
      expect(await watches).toEqual([true, true]);
      expect(await other.untilGone('a', never)).toBe(false);
    });

    /** A watch that has looked, and found a sign. */
    const watching = async (holder: string, signal = never) => {
      const watch = opened.other.untilGone(holder, signal);
      watch.catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 200));
      return { watch };
    };

    it('tells one process from another', async () => {
      const { presence } = opened;
      const shown = await presence.show('a');
      await presence.show('b');
      const { watch } = await watching('a');
      await shown.hide();
      expect(await watch).toBe(true);
      const stop = new AbortController();
      const { watch: still } = await watching('b', stop.signal);
      const reason = new Error('enough');
      stop.abort(reason);
      await expect(still).rejects.toBe(reason);
    });

    it('tells the process itself that its sign is given no longer', async () => {
      const shown = await opened.presence.show('a');
      expect(shown.lost.aborted).toBe(false);
      const lost = new Promise((resolve) => shown.lost.addEventListener('abort', resolve));
      await opened.die();
      await lost;
    });

    it('lets a process that lost its connection give its sign again, watched or not', async () => {
      const { presence } = opened;
      await presence.show('a');
      const { watch } = await watching('a');
      await opened.die();
      const again = await presence.show('a');
      expect(await watch).toBe(true);
      const { watch: next } = await watching('a');
      await again.hide();
      expect(await next).toBe(true);
    });
  });
}
