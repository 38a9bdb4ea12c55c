import type { LeaderLease, Lease } from '../leaderLease';

export interface LeaseUnderTest {
  readonly lease: LeaderLease;
  /** Moves the clock that decides about the lease. */
  advanceMs(ms: number): Promise<void>;
  close(): Promise<void>;
}

const TTL_MS = 5000;

/** What every leader lease must do. */
export function leaderLeaseConformance(name: string, open: () => Promise<LeaseUnderTest>): void {
  describe(`LeaderLease: ${name}`, () => {
    let opened: LeaseUnderTest;
    let lease: LeaderLease;
    beforeEach(async () => {
      opened = await open();
      lease = opened.lease;
    });
    afterEach(() => opened.close());

    async function mustAcquire(holder: string): Promise<Lease> {
      const acquired = await lease.acquire('leader', holder, TTL_MS);
      expect(acquired).toBeDefined();
      return acquired!;
    }

    it('is granted to one, and refused to another', async () => {
      expect(await mustAcquire('a')).toMatchObject({ name: 'leader', holder: 'a', epoch: 1 });
      expect(await lease.acquire('leader', 'b', TTL_MS)).toBeUndefined();
      expect(await lease.acquire('poller', 'b', TTL_MS)).toMatchObject({ epoch: 1 });
    });

    it('lasts as long as it is renewed', async () => {
      let held = await mustAcquire('a');
      for (let i = 0; i < 5; i++) {
        await opened.advanceMs(TTL_MS * 0.8);
        held = (await lease.renew(held, TTL_MS))!;
        expect(held).toMatchObject({ holder: 'a', epoch: 1 });
      }
      expect(await lease.acquire('leader', 'b', TTL_MS)).toBeUndefined();
    });

    it('passes on when it runs out, under a higher epoch', async () => {
      const old = await mustAcquire('a');
      await opened.advanceMs(TTL_MS);
      expect(await mustAcquire('b')).toMatchObject({ holder: 'b', epoch: 2 });
      expect(await lease.renew(old, TTL_MS)).toBeUndefined();
    });

    it('cannot be renewed after it ran out, even if nobody took it', async () => {
      const held = await mustAcquire('a');
      await opened.advanceMs(TTL_MS);
      expect(await lease.renew(held, TTL_MS)).toBeUndefined();
      expect(await mustAcquire('a')).toMatchObject({ epoch: 2 });
    });

    it('is free at once when released', async () => {
      await lease.release(await mustAcquire('a'));
      expect(await mustAcquire('b')).toMatchObject({ epoch: 2 });
    });

    it('is not released by one who lost it', async () => {
      const old = await mustAcquire('a');
      await opened.advanceMs(TTL_MS);
      const current = await mustAcquire('b');
      await lease.release(old);
      expect(await lease.acquire('leader', 'c', TTL_MS)).toBeUndefined();
      expect(await lease.renew(current, TTL_MS)).toBeDefined();
    });

    it('gives its own holder a new epoch when acquired again', async () => {
      const first = await mustAcquire('a');
      expect(await mustAcquire('a')).toMatchObject({ epoch: 2 });
      expect(await lease.renew(first, TTL_MS)).toBeUndefined();
    });

    it('shows who holds it, also after it ran out, and nobody when it is free', async () => {
      expect(await lease.current('leader')).toBeUndefined();
      const held = await mustAcquire('a');
      expect(await lease.current('leader')).toEqual(held);
      await opened.advanceMs(TTL_MS);
      expect(await lease.current('leader')).toMatchObject({ holder: 'a', epoch: 1 });
      await lease.release(held);
      expect(await lease.current('leader')).toBeUndefined();
    });

    it('is taken from a holder that is gone before it runs out, and shuts that one out', async () => {
      const gone = await mustAcquire('a');
      expect(await lease.takeOver(gone, 'b', TTL_MS)).toMatchObject({ name: 'leader', holder: 'b', epoch: 2 });
      expect(await lease.renew(gone, TTL_MS)).toBeUndefined();
      expect(await lease.acquire('leader', 'c', TTL_MS)).toBeUndefined();
    });

    it('is taken over from the very lease that was seen, and once', async () => {
      const gone = await mustAcquire('a');
      const wanted = await Promise.all(['b', 'c', 'd'].map((holder) => lease.takeOver(gone, holder, TTL_MS)));
      expect(wanted.filter((each) => each !== undefined)).toHaveLength(1);
      const current = (await lease.current('leader'))!;
      await lease.release(current);
      expect(await lease.takeOver(current, 'e', TTL_MS)).toBeUndefined();
      expect(await mustAcquire('e')).toMatchObject({ epoch: 3 });
    });

    it('has one winner when many want it at once', async () => {
      const wanted = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => lease.acquire('leader', holder, TTL_MS)));
      expect(wanted.filter((each) => each !== undefined)).toHaveLength(1);
    });
  });
}
