import { randomBytes } from 'node:crypto';
import { openStore, type MariadbStore, type OpenOptions } from '@wherefore/mariadb';
import { ORIGIN } from '@wherefore/model';
import { Database } from '../../libs/adapters/mariadb/src/database';
import { freshDatabase } from '../conformance/mariadbDatabases';
import { mariadbNeed, startMariadb, type MariadbServer } from '../support/services/mariadbServer';
import { describeWithService } from '../support/shared';
import { entriesAfter, entryOf } from './loadSamples';

const TIMEOUTS = { answerTimeoutMs: 1500, leaseTimeoutMs: 700, connectTimeoutMs: 700 };
const UNAVAILABLE = { code: 'log-unavailable', retryable: true };
const HEADER = { ordinal: 1, logTimeMs: 1, stateHash: '', behaviour: 1, formatVersion: 1, createdAtMs: 0 };

describeWithService('a MariaDB that goes away', mariadbNeed, () => {
  let server: MariadbServer;
  let options: OpenOptions;
  let store: MariadbStore;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    options = { ...(await freshDatabase(server)).options, ...TIMEOUTS };
    store = await openStore(options);
  });
  afterEach(() => store.close());

  const append = async (count: number) => {
    const expected = await store.archive.cursor();
    return store.archiveWriter.append({ expected, epoch: 1, entries: entriesAfter(expected, count) });
  };

  /** Every port, each with a call that has to reach the server. */
  const calls = (): Promise<unknown>[] => [
    store.archive.cursor(),
    store.archive.readRange(ORIGIN, 10),
    store.archiveWriter.append({ expected: ORIGIN, epoch: 1, entries: entriesAfter(ORIGIN, 1) }),
    store.history.cursor(),
    store.snapshots.list(),
    store.leases.acquire('leader', 'a', 5000),
    store.outbox.claim(1),
    store.webhooks.list(),
  ];

  it('fails every call in a way that says try again while it is dead, and works again once it is back', async () => {
    await append(10);
    await server.kill();
    for (const call of await Promise.allSettled(calls())) {
      expect(call).toMatchObject({ status: 'rejected', reason: UNAVAILABLE });
    }
    await server.restart();
    expect(await append(5)).toMatchObject({ kind: 'written' });
    expect(await store.archive.readRange(ORIGIN, 99)).toHaveLength(15);
    expect(await store.leases.acquire('leader', 'a', 5000)).toMatchObject({ epoch: 1 });
  });

  it('fails them in a bounded time while it hangs, and works again once it goes on', async () => {
    await append(10);
    server.pause();
    const beganMs = Date.now();
    try {
      const lease = store.leases.acquire('leader', 'a', 5000);
      await expect(lease).rejects.toMatchObject(UNAVAILABLE);
      const leaseMs = Date.now() - beganMs;
      for (const call of await Promise.allSettled(calls())) {
        expect(call).toMatchObject({ status: 'rejected', reason: UNAVAILABLE });
      }
      expect(leaseMs).toBeLessThan(TIMEOUTS.answerTimeoutMs * 3);
      expect(Date.now() - beganMs).toBeLessThan(15_000);
    } finally {
      server.resume();
    }
    expect(await append(1)).toMatchObject({ kind: 'written' });
  });

  it('lets a write that was cut off be repeated: it is in once, however it ended', async () => {
    const batch = { expected: ORIGIN, epoch: 1, entries: entriesAfter(ORIGIN, 2000) };
    const first = store.archiveWriter.append(batch).then(
      (result) => result.kind,
      (error: { code: string }) => error.code,
    );
    await server.kill();
    await server.restart();
    const again = await store.archiveWriter.append(batch);
    const confirmed = (await first) === 'written';
    expect(['written', 'log-unavailable']).toContain(await first);
    expect(confirmed ? again.kind : 'cursor-moved or written').toMatch(/cursor-moved/);
    expect(again.cursor).toEqual(batch.entries.at(-1)!.position);
    expect(await store.archive.count()).toBe(2000);
  });

  it('gives the lease of a process that hangs to another, also when it hangs amid a write to that lease', async () => {
    expect(await store.leases.acquire('leader', 'hung', 100)).toBeDefined();
    // What hangs does not end its own connection.
    const hung = new Database({ ...options, answerTimeoutMs: 60_000 });
    let wake: () => void = () => undefined;
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    const writing = hung.transaction(async (session) => {
      await session.run('UPDATE leases SET expires_at_ms = expires_at_ms + 1 WHERE name = ?', 'leader');
      await asleep;
      return true;
    });
    writing.catch(() => undefined);
    const giveUpAt = performance.now() + 10_000;
    let taken: unknown;
    while (!taken && performance.now() < giveUpAt) {
      taken = await store.leases.acquire('leader', 'other', 5000).catch(() => undefined);
      if (!taken) await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(taken).toMatchObject({ holder: 'other', epoch: 2 });
    wake();
    await writing.catch(() => undefined);
    await hung.close();
  });

  it('gives the lease of a process that sleeps to another, and refuses what the sleeper writes then', async () => {
    const sleeper = await openStore(options);
    const old = (await sleeper.leases.acquire('leader', 'sleeper', 300))!;
    const { epoch } = old;
    expect(await sleeper.outbox.claim(epoch)).toMatchObject({ kind: 'advanced' });
    await new Promise((resolve) => setTimeout(resolve, 350));
    const taken = (await store.leases.acquire('leader', 'other', 5000))!;
    expect(taken.epoch).toBe(epoch + 1);
    await store.outbox.claim(taken.epoch);
    await store.archiveWriter.append({ expected: ORIGIN, epoch: taken.epoch, entries: entriesAfter(ORIGIN, 1) });
    await store.history.restart(taken.epoch);

    // It wakes up, and believes that it leads.
    const at = (await sleeper.archive.cursor()) ?? ORIGIN;
    const stale = { kind: 'stale-epoch' };
    expect(await sleeper.leases.renew(old, 300)).toBeUndefined();
    expect(await sleeper.archiveWriter.append({ expected: at, epoch, entries: entriesAfter(at, 1) })).toMatchObject(
      stale,
    );
    expect(await sleeper.archiveWriter.forget(at, epoch)).toMatchObject(stale);
    expect(await sleeper.history.restart(epoch)).toMatchObject(stale);
    expect(await sleeper.history.expire(1, epoch)).toMatchObject(stale);
    const advance = { expected: ORIGIN, position: at, epoch, deliveries: [], notBeforeMs: 0 };
    expect(await sleeper.outbox.advance(advance)).toMatchObject(stale);
    expect(await sleeper.outbox.claim(epoch)).toMatchObject(stale);
    await sleeper.leases.release(old);
    expect(await store.leases.renew(taken, 5000)).toBeDefined();
    await sleeper.close();
  });
});

describeWithService('a MariaDB whose disk is full', mariadbNeed, () => {
  it('says so, keeps nothing of what did not fit, and goes on when there is room', async () => {
    const small = (megabytes: number) => [
      '--innodb-file-per-table=0',
      `--innodb-data-file-path=ibdata1:10M:autoextend:max:${megabytes}M`,
    ];
    const server = await startMariadb({ options: small(32) });
    try {
      const { options } = await freshDatabase(server);
      const store = await openStore(options);
      const padded = (offset: number) => {
        const filling = randomBytes(90_000).toString('base64');
        const entry = { ...entryOf(String(offset)), event: { vitrage_entity_type: 'nova.host', filling } };
        return { position: { epoch: 1, offset, index: 0 }, entry: entry as ReturnType<typeof entryOf> };
      };
      let failure: unknown;
      for (let i = 0; failure === undefined && i < 100; i++) {
        const expected = await store.archive.cursor();
        const entries = Array.from({ length: 8 }, (_, k) => padded(expected.offset + 1 + k));
        failure = await store.archiveWriter.append({ expected, epoch: 1, entries }).then(
          () => undefined,
          (error: unknown) => error,
        );
      }
      expect(failure).toMatchObject({ code: 'store-full', retryable: true });
      const before = await store.archive.count();
      expect((await store.archive.readRange(ORIGIN, 9999)).length).toBe(before);
      const bytes = randomBytes(4 << 20);
      const position = await store.archive.cursor();
      const saving = store.snapshots.save({ ...HEADER, position, byteCount: bytes.length }, bytes);
      await expect(saving).rejects.toMatchObject({ code: 'store-full' });
      expect(await store.snapshots.list()).toEqual([]);

      await server.shutDown();
      await server.restart(small(96));
      const entries = [padded(position.offset + 1)];
      expect(await store.archiveWriter.append({ expected: position, epoch: 1, entries })).toMatchObject({
        kind: 'written',
      });
      await store.snapshots.save({ ...HEADER, position, byteCount: bytes.length }, bytes);
      expect(await store.archive.count()).toBe(before + 1);
      await store.close();
    } finally {
      await server.stop();
    }
  }, 60_000);
});
