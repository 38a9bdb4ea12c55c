import type { SnapshotHeader } from '@wherefore/ports';
import { NewestSnapshot } from './newestSnapshot';

const header = (ordinal: number) => ({ ordinal }) as SnapshotHeader;

describe('NewestSnapshot', () => {
  it('asks the store once a second, however often it is asked', async () => {
    const clock = { now: 1000, nowMs: () => clock.now };
    let asked = 0;
    const newest = new NewestSnapshot({ newest: async () => header((asked += 1)) }, clock);
    const told: (number | undefined)[] = [];
    for (; clock.now < 3500; clock.now += 250) told.push((await newest.header())?.ordinal);
    expect(told).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3]);
  });

  it('remembers no failure', async () => {
    let isDown = true;
    const store = { newest: async () => (isDown ? Promise.reject(new Error('away')) : header(7)) };
    const newest = new NewestSnapshot(store, { nowMs: () => 1000 });
    await expect(newest.header()).rejects.toThrow('away');
    isDown = false;
    expect(await newest.header()).toEqual(header(7));
  });
});
