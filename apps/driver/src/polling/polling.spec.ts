import { fromRestAnswer, type PollRows } from '@wherefore/datasources';
import { initialState, step } from '@wherefore/engine';
import { type NewEntry, WhereforeError } from '@wherefore/model';
import { MemoryEventLog, MemoryLeaderLease, MemoryPollRequests, type Timer } from '@wherefore/ports';
import { ORIGIN } from '@wherefore/model';
import { Driver, type DriverParts } from '../driver';
import type { Page, PollSource } from '../sources/pollSource';
import type { PollReport } from './poller';
// Time that passes only when nothing is left to do.
import { VirtualTime } from '../../../../libs/runtime/src/roles/virtualTime.sim';

const MINUTE_MS = 60_000;

/** A source that lists servers as it is told to. */
class Servers implements PollSource {
  readonly name = 'nova-servers';
  readonly datasources = ['nova.instance'];
  /** Ids on each page. */
  pages: string[][] = [['a', 'b']];
  /** What happens before a page is given, counted from 0. */
  before: (page: number, signal: AbortSignal) => Promise<void> = async () => undefined;
  reads = 0;

  constructor(private readonly timer: Timer) {}

  async *read(signal: AbortSignal): AsyncGenerator<Page> {
    this.reads += 1;
    for (const [index, ids] of this.pages.entries()) {
      await this.before(index, signal);
      yield { polls: [rowsOf(ids, this.timer.nowMs())], atMs: this.timer.nowMs() };
    }
  }
}

function rowsOf(ids: readonly string[], atMs: number): PollRows {
  const servers = ids.map((id) => (id === 'broken' ? {} : { id, name: `name of ${id}`, status: 'ACTIVE' }));
  const read = fromRestAnswer('nova-servers', { servers }, new Date(atMs).toISOString());
  if ('code' in read) throw new Error(read.message);
  return read.polls[0]!;
}

class Rig {
  readonly time = new VirtualTime();
  readonly timer = this.time.timer();
  readonly log = new MemoryEventLog();
  readonly leases = new MemoryLeaderLease(this.timer);
  readonly requests = new MemoryPollRequests();
  readonly source = new Servers(this.timer);
  readonly reports: PollReport[] = [];
  readonly troubles: string[] = [];
  readonly terms: string[] = [];
  epoch = 1;
  private readonly ending = new AbortController();
  private readonly running: Promise<void>[] = [];

  start(
    holder = 'one',
    { leases = this.leases, timer = this.timer, log = this.log as DriverParts['log'] } = {},
  ): Driver {
    const calls = {
      requests: this.requests,
      epochs: { current: async () => ({ number: this.epoch, streamId: 's', sealedAt: ORIGIN }) },
    };
    const dutyOf = () => ({
      intervalMs: 10 * MINUTE_MS,
      timeoutMs: MINUTE_MS,
      afterFailure: { firstPauseMs: 5_000, pauseMaxMs: 300_000 },
    });
    const driver = new Driver(
      { log, leases, calls, timer, random: () => 0.5 },
      { sources: [this.source], holder, leaseTtlMs: 4_000, isCutOff: () => false, pollsAtATime: 1, dutyOf },
      {
        polled: (report) => void this.reports.push(report),
        leads: (_, epoch, isLeading) => void this.terms.push(`${holder} ${epoch} ${isLeading}`),
        troubled: (error) => void this.troubles.push(error.code),
      },
    );
    this.running.push(driver.run(this.ending.signal));
    return driver;
  }

  async end(): Promise<void> {
    this.ending.abort(new Error('the test is over'));
    await this.time.pass(10_000);
    await Promise.all(this.running);
  }

  async entries(): Promise<NewEntry[]> {
    return (await this.log.readRange(ORIGIN, 1_000_000)).map(({ entry }) => entry);
  }

  /** Kinds of the entries, each with the end of its id. */
  async kinds(): Promise<string[]> {
    return (await this.entries()).map(({ kind }) => kind);
  }

  /** The servers that an engine knows after everything that was told, and what became of each entry. */
  async applied(): Promise<{ readonly servers: string[]; readonly outcomes: string[] }> {
    const state = initialState();
    const entries = await this.log.readRange(ORIGIN, 1_000_000);
    const outcomes = entries.map(({ entry, position }) => step(state, { entry, position }).outcome.kind);
    const servers = [...state.graph.verticesOfType('nova.instance')].map(({ properties }) => String(properties['id']));
    return { servers: servers.sort(), outcomes };
  }

  get kindsOfReports(): string[] {
    return this.reports.map(({ kind }) => kind);
  }
}

const away = () => new WhereforeError('source-unavailable', 'nova is away', { retryable: true });

let rig: Rig;
beforeEach(() => (rig = new Rig()));
afterEach(() => rig.end());

describe('a poll', () => {
  it('is bracketed by its beginning and its end, under the lease of its datasource', async () => {
    rig.source.pages = [['a', 'b'], ['c']];
    rig.start();
    await rig.time.pass(100);
    expect(await rig.kinds()).toEqual(['poll-started', 'event', 'event', 'event', 'poll-completed']);
    const entries = await rig.entries();
    expect(entries.at(-1)).toMatchObject({ rowCount: 3 });
    expect(entries.map(({ fence }) => fence)).toEqual(Array(5).fill({ lease: 'driver/nova.instance', epoch: 1 }));
    expect(entries[1]!.id).toMatch(/^nova-servers\/20\d\d-.*Z\/1\/RESOURCE:nova\.instance:a$/);
    expect(rig.reports).toMatchObject([{ kind: 'complete', rowCount: 3, pageCount: 2 }]);
    expect((await rig.applied()).servers).toEqual(['a', 'b', 'c']);
  });

  it('begins before the source is asked, so that what is announced meanwhile is not taken for gone', async () => {
    let before: string[] = [];
    rig.source.before = async () => void (before = await rig.kinds());
    rig.start();
    await rig.time.pass(100);
    expect(before).toEqual(['poll-started']);
  });

  it('takes away what it no longer lists', async () => {
    rig.start();
    await rig.time.pass(100);
    rig.source.pages = [['b']];
    await rig.time.pass(10 * MINUTE_MS);
    expect((await rig.applied()).servers).toEqual(['b']);
  });

  it.each<[string, (rig: Rig) => void, RegExp]>([
    [
      'whose second page does not come',
      ({ source }) => {
        source.pages = [['b'], ['a']];
        source.before = async (page) => {
          if (page === 1) throw away();
        };
      },
      /^source-unavailable: nova is away$/,
    ],
    ['that is refused as a whole', ({ source }) => (source.before = () => Promise.reject(away())), /nova is away/],
    ['with a row that cannot be read', ({ source }) => (source.pages = [['b', 'broken']]), /1 of its rows/],
    [
      'that takes too long',
      ({ source, timer }) => (source.before = (_, signal) => timer.sleep(10 * MINUTE_MS, signal)),
      /took longer than 60 s/,
    ],
  ])('%s deletes nothing, and shows as failed', async (_, misbehave, reason) => {
    rig.start();
    await rig.time.pass(100);
    misbehave(rig);
    await rig.time.pass(11 * MINUTE_MS);
    expect(rig.kindsOfReports.slice(0, 2)).toEqual(['complete', 'failed']);
    expect(rig.reports[1]!.reason).toMatch(reason);
    const failed = (await rig.entries()).find(({ kind }) => kind === 'poll-failed');
    expect(failed).toMatchObject({ datasource: 'nova.instance', reason: expect.stringMatching(reason) });
    expect((await rig.applied()).servers).toEqual(['a', 'b']);
  });

  it('that failed is tried again sooner, with pauses that grow up to the interval', async () => {
    rig.source.before = () => Promise.reject(away());
    rig.start();
    await rig.time.pass(2 * 60 * MINUTE_MS);
    const begins = rig.reports.map(({ startedAtMs }) => startedAtMs);
    const pauses = begins.slice(1).map((at, i) => (at - begins[i]!) / 1000);
    expect(pauses.slice(0, 8)).toEqual([3.75, 7.5, 15, 30, 60, 120, 225, 225]);
    rig.source.before = async () => undefined;
    await rig.time.pass(10 * MINUTE_MS);
    expect(rig.kindsOfReports.at(-1)).toBe('complete');
  });

  it('goes on when the log comes back, with ids that make a second attempt harmless', async () => {
    rig.log.failNextAppend(new WhereforeError('log-unavailable', 'away', { retryable: true }));
    rig.start();
    await rig.time.pass(2_000);
    expect(rig.kindsOfReports).toEqual(['complete']);
    const dead = { append: () => Promise.reject(new WhereforeError('log-unavailable', 'gone', { retryable: true })) };
    const other = new Rig();
    other.start('two', { log: dead });
    await other.time.pass(MINUTE_MS);
    expect(other.reports[0]).toMatchObject({ kind: 'failed', reason: 'log-unavailable: gone' });
    await other.end();
  });
});

describe('polls', () => {
  it('come by interval', async () => {
    rig.start();
    await rig.time.pass(59 * MINUTE_MS);
    expect(rig.source.reads).toBe(6);
  });

  it('come at once when they are asked for, of that datasource or of all', async () => {
    rig.start();
    await rig.time.pass(5_000);
    await rig.requests.request('neutron.port', 'not ours');
    await rig.time.pass(2_000);
    expect(rig.source.reads).toBe(1);
    await rig.requests.request('nova.instance', 'a message was lost');
    await rig.time.pass(2_000);
    expect(rig.source.reads).toBe(2);
    await rig.requests.request('*', 'the bus was lost');
    await rig.time.pass(2_000);
    expect(rig.source.reads).toBe(3);
    await rig.time.pass(MINUTE_MS);
    expect(rig.source.reads).toBe(3);
  });

  it('come at once when the log began a new epoch', async () => {
    rig.start();
    await rig.time.pass(5_000);
    rig.epoch = 2;
    await rig.time.pass(2_000);
    expect(rig.source.reads).toBe(2);
  });

  it('that are asked for while one goes on come after it', async () => {
    rig.source.before = (_, signal) => rig.timer.sleep(10_000, signal);
    rig.start();
    await rig.time.pass(5_000);
    await rig.requests.request('nova.instance', 'a message was lost');
    await rig.time.pass(30_000);
    expect(rig.source.reads).toBe(2);
  });
});

describe('two drivers', () => {
  it('poll a source one at a time', async () => {
    rig.start('one');
    rig.start('two');
    await rig.time.pass(59 * MINUTE_MS);
    expect(rig.source.reads).toBe(6);
    expect(rig.terms).toEqual(['one 1 true']);
  });

  it('take over from one another: who hung is fenced when it wakes up, and its rows change nothing', async () => {
    // The first one is stopped in the middle of a poll, and knows of nothing until it goes on.
    let isAsleep = false;
    let wake = (): void => undefined;
    const awake = new Promise<void>((resolve) => (wake = resolve));
    const rest = () => (isAsleep ? awake : Promise.resolve());
    const sleeping = Object.assign(Object.create(rig.leases) as MemoryLeaderLease, {
      acquire: (...args: Parameters<MemoryLeaderLease['acquire']>) => rest().then(() => rig.leases.acquire(...args)),
      renew: (...args: Parameters<MemoryLeaderLease['renew']>) => rest().then(() => rig.leases.renew(...args)),
    });
    const sleeper: Timer = {
      nowMs: () => rig.timer.nowMs(),
      sleep: (ms, signal) => rig.timer.sleep(ms, signal).then(rest),
    };
    rig.source.pages = [['a'], ['old']];
    rig.source.before = async (page) => {
      if (rig.source.reads === 1 && page === 1) await awake;
    };
    rig.start('one', { leases: sleeping, timer: sleeper });
    await rig.time.pass(100);
    isAsleep = true;
    rig.source.pages = [['a'], ['new']];
    rig.start('two');
    await rig.time.pass(30_000);
    expect(rig.terms.filter((term) => term.endsWith('true'))).toEqual(['one 1 true', 'two 2 true']);
    wake();
    isAsleep = false;
    await rig.time.pass(MINUTE_MS);
    const { servers, outcomes } = await rig.applied();
    expect(servers).toEqual(['a', 'new']);
    // One batch was on its way; then it knows.
    expect(outcomes.filter((kind) => kind !== 'applied')).toEqual(['stale-epoch']);
  });
});
