import { setTimeout as delay } from 'node:timers/promises';
import type { Presence } from '../presence';

export interface PresenceUnderTest {
  /** As another process has it. */
  another(): Promise<Presence>;
  /** Presence of a process that `die` ends without warning. */
  mortal(): Promise<{ readonly presence: Presence; die(): Promise<void> }>;
  close(): Promise<void>;
}

/** What every sign of life must do. */
export function presenceConformance(name: string, open: () => Promise<PresenceUnderTest>): void {
  describe(`Presence: ${name}`, () => {
    let opened: PresenceUnderTest;
    beforeEach(async () => (opened = await open()));
    afterEach(() => opened.close());

    const never = new AbortController().signal;

    it('tells nothing of a holder that gives no sign', async () => {
      const watcher = await opened.another();
      expect(await watcher.untilGone('nobody', never)).toBe(false);
    });

    it('tells all who watch, soon after the holder died', async () => {
      const { presence, die } = await opened.mortal();
      const shown = await presence.show('a');
      const watchers = await Promise.all([opened.another(), opened.another()]);
      let told = 0;
      const watching = watchers.map((watcher) =>
        watcher.untilGone('a', never).then((isGone) => {
          told += 1;
          return isGone;
        }),
      );
      await delay(300);
      expect(told).toBe(0);
      await die();
      const diedAt = performance.now();
      expect(await Promise.all(watching)).toEqual([true, true]);
      expect(performance.now() - diedAt).toBeLessThan(2000);
      expect(shown.lost.aborted).toBe(true);
    });

    it('tells of one that hid it, and lets it be shown again', async () => {
      const { presence } = await opened.mortal();
      const watcher = await opened.another();
      const first = await presence.show('a');
      const watching = watcher.untilGone('a', never);
      await delay(100);
      await first.hide();
      expect(await watching).toBe(true);
      await presence.show('a');
      const again = watcher.untilGone('a', AbortSignal.timeout(300));
      await expect(again).rejects.toMatchObject({ name: 'TimeoutError' });
    });

    it('keeps holders apart', async () => {
      const { presence, die } = await opened.mortal();
      const watcher = await opened.another();
      await presence.show('a');
      await watcher.show('b');
      const other = watcher.untilGone('b', AbortSignal.timeout(500));
      other.catch(() => undefined);
      await die();
      await expect(other).rejects.toMatchObject({ name: 'TimeoutError' });
    });

    it('ends with the reason of the signal', async () => {
      const { presence } = await opened.mortal();
      await presence.show('a');
      const control = new AbortController();
      const watching = (await opened.another()).untilGone('a', control.signal);
      const reason = new Error('enough');
      setTimeout(() => control.abort(reason), 50);
      await expect(watching).rejects.toBe(reason);
    });
  });
}
