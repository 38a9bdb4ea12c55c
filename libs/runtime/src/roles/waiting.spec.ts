import { Bell } from './waiting';

describe('A bell', () => {
  const heardBy = (bell: Bell, signal?: AbortSignal): { isAwake: boolean } => {
    const waiter = { isAwake: false };
    void bell.heard(signal).then(() => (waiter.isAwake = true));
    return waiter;
  };
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('wakes all who wait, and whoever waits again only when it rings again', async () => {
    const bell = new Bell();
    const { signal } = new AbortController();
    const [first, second] = [heardBy(bell, signal), heardBy(bell)];
    await turn();
    expect([first.isAwake, second.isAwake]).toEqual([false, false]);
    bell.ring();
    const third = heardBy(bell, signal);
    await turn();
    expect([first.isAwake, second.isAwake, third.isAwake]).toEqual([true, true, false]);
  });

  it('wakes who waits under a signal that aborts, however often it was waited under', async () => {
    const bell = new Bell();
    const control = new AbortController();
    for (let i = 0; i < 20; i++) {
      const waiting = bell.heard(control.signal);
      bell.ring();
      await waiting;
    }
    const last = heardBy(bell, control.signal);
    control.abort();
    await turn();
    expect(last.isAwake).toBe(true);
    await bell.heard(control.signal);
  });

  it('lets nobody wait for a signal that it no longer hears', async () => {
    const bell = new Bell();
    const [before, after] = [new AbortController(), new AbortController()];
    const first = heardBy(bell, before.signal);
    const second = heardBy(bell, after.signal);
    await turn();
    expect([first.isAwake, second.isAwake]).toEqual([true, false]);
    after.abort();
    await turn();
    expect(second.isAwake).toBe(true);
  });
});
