import { ENTRY_VERSION, type NewEntry, WhereforeError } from '@wherefore/model';
import type { Timer } from '@wherefore/ports';
import type { Pace } from './pace';
import type { PeriodEntry } from './period';
import { goOnFrom, Relay, type RelayOptions, type RelayTarget } from './relay';

const START_MS = Date.parse('2026-11-22T10:00:00Z');

/** A clock that moves only while somebody waits. */
class VirtualTimer implements Timer {
  private ms = 1_000_000;

  nowMs(): number {
    return this.ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.ms += ms;
  }
}

/** Takes what it is sent, and writes down when. */
class RecordingTarget implements RelayTarget {
  readonly taken: { readonly afterMs: number; readonly ids: readonly string[] }[] = [];
  /** Asked before each message; what it gives is what the append rejects with. */
  refuse: (messages: number) => Error | undefined = () => undefined;
  private readonly startMs: number;

  constructor(private readonly timer: Timer) {
    this.startMs = timer.nowMs();
  }

  async append(entries: readonly NewEntry[]): Promise<void> {
    const failure = this.refuse(this.taken.length);
    if (failure) throw failure;
    this.taken.push({ afterMs: this.timer.nowMs() - this.startMs, ids: entries.map(({ id }) => id) });
  }

  get ids(): readonly string[] {
    return this.taken.flatMap(({ ids }) => ids);
  }
}

function eventAt(offsetMs: number, id: string): PeriodEntry {
  const atMs = START_MS + offsetMs;
  return {
    position: { epoch: 1, offset: offsetMs, index: 0 },
    logTimeMs: atMs,
    outcome: { kind: 'applied' },
    entry: { kind: 'event', id, version: ENTRY_VERSION, source: 'nova.host', ingestedAtMs: atMs, event: {} },
  };
}

async function* listed(entries: readonly PeriodEntry[]): AsyncGenerator<PeriodEntry> {
  yield* entries;
}

const away = () => new WhereforeError('target-unavailable', 'the connection was lost', { retryable: true });

function relayTo(pace: Pace, changes: Partial<RelayOptions> = {}) {
  const timer = new VirtualTimer();
  const target = new RecordingTarget(timer);
  const relay = new Relay(target, timer, {
    ...{ pace, shiftSeconds: 0, eventsOnly: false, waitMs: 60_000, signal: new AbortController().signal },
    ...{ onProgress: () => undefined, onTrouble: () => undefined, ...changes },
  });
  return { timer, target, relay };
}

const MINUTE = [eventAt(0, 'a'), eventAt(2, 'b'), eventAt(10_000, 'c'), eventAt(60_000, 'd')];

describe('the pace of a replay', () => {
  it('is that of the entries at speed 1: what came together goes together', async () => {
    const { relay, target } = relayTo({ speed: 1 });
    expect(await relay.run(listed(MINUTE))).toBe(true);
    expect(target.taken).toEqual([
      { afterMs: 0, ids: ['a', 'b'] },
      { afterMs: 10_000, ids: ['c'] },
      { afterMs: 60_000, ids: ['d'] },
    ]);
  });

  it('is ten times as fast at speed 10, and half as fast at speed 0.5', async () => {
    for (const speed of [10, 0.5]) {
      const { relay, target } = relayTo({ speed });
      await relay.run(listed(MINUTE));
      expect(target.taken.find(({ ids }) => ids.includes('c'))!.afterMs).toBe(10_000 / speed);
      expect(target.taken.find(({ ids }) => ids.includes('d'))!.afterMs).toBe(60_000 / speed);
    }
  });

  it('is even with a rate, whenever the entries were made', async () => {
    const { relay, target } = relayTo({ perSecond: 2 });
    await relay.run(listed(MINUTE));
    expect(target.taken.map(({ afterMs }) => afterMs)).toEqual([0, 500, 1000, 1500]);
  });

  it('waits for nothing at max', async () => {
    const { relay, target } = relayTo('max');
    await relay.run(listed(MINUTE));
    expect(target.taken).toEqual([{ afterMs: 0, ids: ['a', 'b', 'c', 'd'] }]);
  });

  it('catches up after a target was away, and keeps to the hours again', async () => {
    const { relay, target } = relayTo({ speed: 1 });
    let refusals = 0;
    target.refuse = (messages) => (messages === 1 && refusals++ < 12 ? away() : undefined);
    await relay.run(listed(MINUTE));
    expect(target.taken.find(({ ids }) => ids.includes('c'))!.afterMs).toBeGreaterThan(20_000);
    expect(target.taken.at(-1)).toEqual({ afterMs: 60_000, ids: ['d'] });
  });
});

describe('a replay whose target goes away', () => {
  it('goes on when it is back, and sends again what may have been lost', async () => {
    const troubles: boolean[] = [];
    const { relay, target } = relayTo({ speed: 10 }, { onTrouble: (trouble) => troubles.push(trouble !== undefined) });
    let refusals = 0;
    target.refuse = (messages) => (messages === 1 && refusals++ < 3 ? away() : undefined);
    expect(await relay.run(listed(MINUTE))).toBe(true);
    expect(target.ids).toEqual(['a', 'b', 'a', 'b', 'c', 'd']);
    expect(relay.count).toBe(4);
    expect(relay.repeated).toBe(2);
    expect(troubles).toEqual([true, false]);
  });

  it('gives up after so long, and knows how far it came', async () => {
    const { relay, target, timer } = relayTo({ speed: 10 }, { waitMs: 30_000 });
    target.refuse = (messages) => (messages === 1 ? away() : undefined);
    const startMs = timer.nowMs();
    await expect(relay.run(listed(MINUTE))).rejects.toMatchObject({ code: 'target-unavailable' });
    expect(timer.nowMs() - startMs).toBeGreaterThanOrEqual(30_000);
    expect(timer.nowMs() - startMs).toBeLessThan(35_000);
    expect(relay.count).toBe(2);
    expect(goOnFrom(relay.position!)).toBe('1.2.1');
  });

  it('fails at once where trying again would not help', async () => {
    const { relay, target } = relayTo('max');
    target.refuse = () => new WhereforeError('entry-too-large', 'too large');
    await expect(relay.run(listed(MINUTE))).rejects.toMatchObject({ code: 'entry-too-large' });
  });
});

describe('a replay that is interrupted', () => {
  it('ends between two messages, and does not count what was not sent', async () => {
    const stopping = new AbortController();
    const { relay, target } = relayTo({ speed: 1 }, { signal: stopping.signal, onProgress: () => stopping.abort() });
    expect(await relay.run(listed(MINUTE))).toBe(false);
    expect(target.ids).toEqual(['a', 'b']);
    expect(relay.position).toEqual(MINUTE[1]!.position);
  });

  it('does not wait for a target that does not answer', async () => {
    const stopping = new AbortController();
    const { relay, target } = relayTo('max', { signal: stopping.signal });
    target.append = () => new Promise(() => setImmediate(() => stopping.abort()));
    expect(await relay.run(listed(MINUTE))).toBe(false);
    expect(relay.count).toBe(0);
    expect(relay.position).toBeUndefined();
  });
});
