import { WhereforeError } from '@wherefore/model';
import { MemoryLeaderLease, MemoryPresence, type LeaderLease } from '@wherefore/ports';
import { LeaderRole, type LeaderOptions } from './leaderRole';
import type { Term } from './term';
import { aborted } from './waiting';
import { VirtualTime } from './virtualTime.sim';

const TTL_MS = 4000;

/** Processes that want one lease, on one virtual time. */
function setUp() {
  const time = new VirtualTime();
  const leases = new MemoryLeaderLease(time);
  const terms: { holder: string; term: Term; atMs: number }[] = [];
  const candidate = (holder: string, more: Partial<LeaderOptions> & { leases?: LeaderLease } = {}) => {
    const { leases: port = leases, ...options } = more;
    const role = new LeaderRole(port, time.timer(), {
      lease: 'leader',
      holder,
      ttlMs: TTL_MS,
      steady: time,
      ...options,
    });
    const control = new AbortController();
    const lead = (term: Term) => {
      terms.push({ holder, term, atMs: time.nowMs() });
      return aborted(term.signal);
    };
    return { role, control, start: (work = lead) => role.run(work, control.signal), lead };
  };
  return { time, leases, terms, candidate };
}

const broken = new WhereforeError('log-unavailable', 'the database is away', { retryable: true });

describe('LeaderRole', () => {
  it('leads for as long as it can renew, and gives the lease up when it ends', async () => {
    const { time, leases, terms, candidate } = setUp();
    const { role, control, start } = candidate('a');
    const running = start();
    await time.pass(10 * TTL_MS);
    expect(terms).toHaveLength(1);
    expect(role.term).toMatchObject({ epoch: 1, fence: { lease: 'leader', epoch: 1 } });
    expect(role.term!.isHeld()).toBe(true);
    control.abort();
    await time.pass(1);
    await running;
    expect(terms[0]!.term.signal.reason).toMatchObject({ code: 'stale-epoch' });
    expect(role.term).toBeUndefined();
    expect(await leases.current('leader')).toBeUndefined();
  });

  it('has one leader at a time, and the next one soon after it ends', async () => {
    const { time, terms, candidate } = setUp();
    const first = candidate('a');
    const second = candidate('b');
    void first.start();
    await time.pass(10);
    void second.start();
    await time.pass(20_000);
    expect(terms.map(({ holder }) => holder)).toEqual(['a']);
    first.control.abort();
    expect(await time.until(() => terms.length === 2)).toBeLessThanOrEqual(300);
    expect(terms[1]).toMatchObject({ holder: 'b', term: { epoch: 2 } });
    second.control.abort();
    await time.pass(1);
  });

  it('ends its term by its own reckoning when the lease can no longer be renewed, before anybody else can lead', async () => {
    const { time, leases, terms, candidate } = setUp();
    let isAway = false;
    const flaky: LeaderLease = {
      acquire: (...args) => (isAway ? Promise.reject(broken) : leases.acquire(...args)),
      renew: (...args) => (isAway ? Promise.reject(broken) : leases.renew(...args)),
      release: (...args) => (isAway ? Promise.reject(broken) : leases.release(...args)),
      current: (...args) => leases.current(...args),
      takeOver: (...args) => leases.takeOver(...args),
    };
    const first = candidate('a', { leases: flaky });
    const second = candidate('b');
    void first.start();
    await time.pass(9900);
    void second.start();
    isAway = true;
    await time.until(() => terms.length === 2);
    expect(terms[0]!.term.signal.aborted).toBe(true);
    expect(terms[0]!.term.signal.reason.message).toContain('could not be renewed in time');
    first.control.abort();
    second.control.abort();
    await time.pass(1);
  });

  it('does not wait for an answer that never comes to know that its time is over', async () => {
    const { time, leases, terms, candidate } = setUp();
    const silent: LeaderLease = {
      acquire: (...args) => leases.acquire(...args),
      renew: () => new Promise(() => undefined),
      release: (...args) => leases.release(...args),
      current: (...args) => leases.current(...args),
      takeOver: (...args) => leases.takeOver(...args),
    };
    void candidate('a', { leases: silent }).start();
    await time.pass(TTL_MS - 1);
    expect(terms[0]!.term.isHeld()).toBe(true);
    await time.pass(1);
    expect(terms[0]!.term.isHeld()).toBe(false);
    expect(terms[0]!.term.signal.aborted).toBe(true);
  });

  it('survives a renewal that failed, if the next one goes through in time', async () => {
    const { time, leases, terms, candidate } = setUp();
    let failures = 0;
    const warned: string[] = [];
    const renew: LeaderLease['renew'] = (...args) => (failures-- > 0 ? Promise.reject(broken) : leases.renew(...args));
    const flaky = Object.assign(Object.create(leases) as LeaderLease, { renew });
    const { role, control, start } = candidate('a', { leases: flaky, warn: ({ code }) => warned.push(code) });
    void start();
    await time.pass(900);
    failures = 3;
    await time.pass(30_000);
    expect(warned).toEqual(['log-unavailable', 'log-unavailable', 'log-unavailable']);
    expect(terms).toHaveLength(1);
    expect(role.term).toBeDefined();
    control.abort();
    await time.pass(1);
  });

  it('loses its term when another epoch was given', async () => {
    const { time, leases, terms, candidate } = setUp();
    const { control, start } = candidate('a');
    void start();
    await time.pass(100);
    await leases.takeOver((await leases.current('leader'))!, 'b', TTL_MS);
    await time.pass(1100);
    expect(terms[0]!.term.signal.reason.message).toContain('no longer this one');
    // What is another's is not released.
    expect(await leases.current('leader')).toMatchObject({ holder: 'b' });
    control.abort();
    await time.pass(1);
  });

  it('awaits what runs in a term before it tries again', async () => {
    const { time, leases, candidate } = setUp();
    const { control, start } = candidate('a');
    const course: string[] = [];
    void start(async (term) => {
      course.push(`begin ${term.epoch}`);
      await aborted(term.signal);
      await time.timer().sleep(20_000);
      course.push(`end ${term.epoch}`);
    });
    await time.pass(100);
    await leases.release((await leases.current('leader'))!);
    await time.pass(19_000);
    expect(course).toEqual(['begin 1']);
    await time.pass(5000);
    expect(course).toEqual(['begin 1', 'end 1', 'begin 2']);
    control.abort();
    await time.pass(30_000);
  });

  it('gives the lease up, and tries again, when the work of a term meets passing trouble', async () => {
    const { time, terms, candidate } = setUp();
    const { control, start, lead } = candidate('a');
    let troubles = 2;
    void start((term) => (troubles-- > 0 ? Promise.reject(broken) : lead(term)));
    await time.pass(10_000);
    expect(terms).toMatchObject([{ term: { epoch: 3 } }]);
    control.abort();
    await time.pass(1);
  });

  it('ends with anything worse, having freed the lease', async () => {
    const { time, leases, candidate } = setUp();
    const worse = new Error('a defect');
    const running = candidate('a').start(() => Promise.reject(worse));
    const seen = running.catch((error: unknown) => error);
    await time.pass(10);
    expect(await seen).toBe(worse);
    expect(await leases.current('leader')).toBeUndefined();
  });
});

describe('LeaderRole with signs of life', () => {
  it('replaces a leader that was killed at once, not when its lease runs out', async () => {
    const { time, terms, candidate } = setUp();
    const presence = new MemoryPresence();
    void candidate('a', { presence }).start();
    await time.pass(100);
    const second = candidate('b', { presence });
    void second.start();
    await time.pass(10_000);
    // Killed: nothing of it runs any more, and its connection breaks.
    terms[0]!.term.signal.addEventListener('abort', () => undefined);
    presence.die('a');
    expect(await time.until(() => terms.length === 2)).toBeLessThanOrEqual(10);
    expect(terms[1]).toMatchObject({ holder: 'b', term: { epoch: 2 } });
    second.control.abort();
    await time.pass(1);
  });

  it('waits for the lease of a leader that hangs: its connection stands', async () => {
    const { time, leases, terms, candidate } = setUp();
    const presence = new MemoryPresence();
    await presence.show('hung');
    await leases.acquire('leader', 'hung', TTL_MS);
    const second = candidate('b', { presence });
    void second.start();
    expect(await time.until(() => terms.length === 1)).toBeGreaterThanOrEqual(TTL_MS - 5);
    expect(terms[0]!.atMs).toBeLessThan(TTL_MS + 1000);
    second.control.abort();
    await time.pass(1);
  });

  it('concludes nothing from a leader that never gave a sign', async () => {
    const { time, leases, terms, candidate } = setUp();
    await leases.acquire('leader', 'another version', TTL_MS);
    const second = candidate('b', { presence: new MemoryPresence() });
    void second.start();
    await time.pass(TTL_MS - 10);
    expect(terms).toEqual([]);
    second.control.abort();
    await time.pass(300);
  });

  it('shuts out a leader whose connection broke while it lived on', async () => {
    const { time, terms, candidate } = setUp();
    const presence = new MemoryPresence();
    const first = candidate('a', { presence });
    void first.start();
    await time.pass(100);
    const second = candidate('b', { presence });
    void second.start();
    await time.pass(3000);
    presence.die('a');
    await time.pass(1500);
    expect(terms.map(({ holder }) => holder)).toEqual(['a', 'b']);
    expect(terms[0]!.term.signal.aborted).toBe(true);
    expect(terms[1]!.term.isHeld()).toBe(true);
    first.control.abort();
    second.control.abort();
    await time.pass(1);
  });

  it('has one winner when several notice at once', async () => {
    const { time, terms, candidate } = setUp();
    const presence = new MemoryPresence();
    void candidate('a', { presence }).start();
    await time.pass(100);
    const others = ['b', 'c', 'd'].map((holder) => candidate(holder, { presence }));
    for (const other of others) void other.start();
    await time.pass(3000);
    presence.die('a');
    await time.pass(500);
    expect(terms).toHaveLength(2);
    for (const { control } of others) control.abort();
    await time.pass(1);
  });
});

describe('LeaderRole of one that is cut off from the log', () => {
  it('gives the lease up after some seconds, and another one leads', async () => {
    const { time, terms, candidate } = setUp();
    let isCutOff = false;
    const first = candidate('a', { isCutOff: () => isCutOff });
    const second = candidate('b', { isCutOff: () => false });
    void first.start();
    await time.pass(10);
    void second.start();
    await time.pass(10_000);
    isCutOff = true;
    const cutAtMs = time.nowMs();
    await time.pass(60_000);
    expect(terms.map(({ holder }) => holder)).toEqual(['a', 'b']);
    expect(terms[1]!.atMs - cutAtMs).toBeLessThan(4000);
    expect(terms[0]!.term.signal.reason).toMatchObject({ message: expect.stringContaining('cut off from the log') });
    first.control.abort();
    second.control.abort();
    await time.pass(10);
  });

  it('keeps it over a disturbance that soon passes', async () => {
    const { time, terms, candidate } = setUp();
    let isCutOff = false;
    const { start, control } = candidate('a', { isCutOff: () => isCutOff });
    void start();
    await time.pass(10);
    for (let i = 0; i < 5; i++) {
      isCutOff = true;
      await time.pass(2500);
      isCutOff = false;
      await time.pass(1000);
    }
    expect(terms).toHaveLength(1);
    control.abort();
    await time.pass(10);
  });

  it('lets others go first when the lease is free', async () => {
    const { time, leases, terms, candidate } = setUp();
    await leases.acquire('leader', 'c', TTL_MS);
    const first = candidate('a', { isCutOff: () => true });
    const second = candidate('b', { isCutOff: () => false });
    void first.start();
    void second.start();
    await time.pass(3 * TTL_MS);
    expect(terms.map(({ holder }) => holder)).toEqual(['b']);
    first.control.abort();
    second.control.abort();
    await time.pass(10);
  });

  it('leads nearly always all the same where nobody else can', async () => {
    const { time, terms, candidate } = setUp();
    const { start, control, role } = candidate('a', { isCutOff: () => true });
    void start();
    let ledMs = 0;
    for (let ms = 0; ms < 600_000; ms += 100) {
      await time.pass(100);
      if (role.term) ledMs += 100;
    }
    expect(ledMs).toBeGreaterThan(500_000);
    expect(terms.length).toBeGreaterThan(10);
    control.abort();
    await time.pass(10);
  });
});
