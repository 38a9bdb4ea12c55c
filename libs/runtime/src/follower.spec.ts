import { BrokenInvariant, ORIGIN } from '@wherefore/model';
import { MemoryEventLog } from '@wherefore/ports';
import { counted, countingMachine } from './countingMachine.sim';
import { Follower, type AppliedStep } from './follower';

function setUp() {
  const log = new MemoryEventLog(3);
  const follower = new Follower(log, countingMachine, countingMachine.initialState());
  const abort = new AbortController();
  const steps: AppliedStep[] = [];
  follower.subscribe((step) => void steps.push(step));
  const stop = async (running: Promise<void>) => {
    abort.abort();
    await running;
  };
  return { log, follower, steps, signal: abort.signal, stop };
}

const at = (offset: number) => ({ epoch: 1, offset, index: 0 });

describe('Follower', () => {
  it('applies the log in order, and tells its listeners of every step', async () => {
    const { log, follower, steps, signal, stop } = setUp();
    await log.append([counted('a', 5), counted('alarm-b', 9), counted('reject-c', 7)]);
    const running = follower.run(signal);
    await follower.waitForPosition(at(9));
    expect(follower.state.ids).toEqual(['a', 'alarm-b', 'reject-c']);
    expect(steps.map((step) => [step.ordinal, step.logTimeMs, step.outcome.kind, step.effects.length])).toEqual([
      [1, 5, 'applied', 0],
      [2, 9, 'applied', 1],
      [3, 9, 'rejected', 1],
    ]);
    await stop(running);
  });

  it('begins after the state it was given', async () => {
    const { log, signal, stop } = setUp();
    await log.append([counted('a'), counted('b'), counted('c')]);
    const state = { ...countingMachine.initialState(), position: at(6), ordinal: 2 };
    const follower = new Follower(log, countingMachine, state);
    const running = follower.run(signal);
    await follower.waitForPosition(at(9));
    expect(follower.state.ids).toEqual(['c']);
    await stop(running);
  });

  it('resolves with the outcome of an entry, asked for before or after it was applied', async () => {
    const { log, follower, signal, stop } = setUp();
    const running = follower.run(signal);
    const before = follower.waitForEntry(counted('reject-a'));
    await log.append([counted('reject-a')]);
    expect(await before).toMatchObject({ position: at(3), ordinal: 1, outcome: { kind: 'rejected' } });
    expect(await follower.waitForEntry(counted('reject-a'))).toEqual(await before);
    await log.append([counted('reject-a')]);
    await follower.waitForPosition(at(6));
    expect(await follower.waitForEntry(counted('reject-a'))).toMatchObject({ position: at(3) });
    await follower.waitForPosition(ORIGIN);
    await stop(running);
  });

  it('remembers a bounded number of outcomes', async () => {
    const { log, follower, signal, stop } = setUp();
    await log.append(Array.from({ length: 5000 }, (_, i) => counted(`${i}`)));
    const running = follower.run(signal);
    await follower.waitForPosition(at(15_000));
    expect(await follower.waitForEntry(counted('4999'))).toMatchObject({ ordinal: 5000 });
    const forgotten = follower.waitForEntry(counted('0'), AbortSignal.timeout(5));
    await expect(forgotten).rejects.toMatchObject({ name: 'TimeoutError' });
    await stop(running);
  });

  it('remembers none where nobody asks, and still tells those who asked before', async () => {
    const log = new MemoryEventLog(3);
    const follower = new Follower(log, countingMachine, countingMachine.initialState(), { rememberedMax: 0 });
    const control = new AbortController();
    const running = follower.run(control.signal);
    const before = follower.waitForEntry(counted('a'));
    await log.append([counted('a')]);
    expect(await before).toMatchObject({ ordinal: 1 });
    const after = follower.waitForEntry(counted('a'), AbortSignal.timeout(5));
    await expect(after).rejects.toMatchObject({ name: 'TimeoutError' });
    control.abort();
    await running;
  });

  it('stops waiting on abort, and when the follower ends', async () => {
    const { follower, signal, stop } = setUp();
    const running = follower.run(signal);
    const reason = new Error('no longer wanted');
    const control = new AbortController();
    const aborted = follower.waitForPosition(at(99), control.signal);
    const left = follower.waitForEntry(counted('never'));
    control.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await expect(follower.waitForPosition(at(99), control.signal)).rejects.toBe(reason);
    const ended = expect(left).rejects.toMatchObject({ code: 'log-unavailable' });
    await stop(running);
    await ended;
    await expect(follower.waitForEntry(counted('never'))).rejects.toMatchObject({ code: 'log-unavailable' });
  });

  it('ends with a broken invariant as it is, and applies nothing after it', async () => {
    const { log, follower, signal, steps } = setUp();
    await log.append([counted('a'), counted('boom'), counted('c')]);
    await expect(follower.run(signal)).rejects.toBeInstanceOf(BrokenInvariant);
    expect(steps).toHaveLength(1);
  });

  it('ends when a machine does not move to the entry it was given', async () => {
    const { log, signal } = setUp();
    await log.append([counted('a')]);
    const stuck = { ...countingMachine, step: () => ({ outcome: { kind: 'applied' }, effects: [] }) as const };
    await expect(new Follower(log, stuck, stuck.initialState()).run(signal)).rejects.toBeInstanceOf(BrokenInvariant);
  });

  it('ends when a listener throws, and with what the log throws', async () => {
    const { log, follower, signal } = setUp();
    await log.append([counted('a')]);
    follower.subscribe(() => {
      throw new Error('the listener');
    });
    await expect(follower.run(signal)).rejects.toThrow('the listener');
    log.forget(1);
    const late = new Follower(log, countingMachine, countingMachine.initialState());
    await expect(late.run(signal)).rejects.toMatchObject({ code: 'log-hole' });
  });

  it('waits for a listener that is busy before it takes the next entry', async () => {
    const { log, follower, signal, steps, stop } = setUp();
    const busy: (() => void)[] = [];
    follower.subscribe(() => new Promise<void>((resolve) => void busy.push(resolve)));
    await log.append([counted('a'), counted('b')]);
    const running = follower.run(signal);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(steps.length).toBeLessThanOrEqual(1);
    for (let finished = 0; finished < 2; finished++) {
      while (busy.length === finished) await new Promise((resolve) => setImmediate(resolve));
      expect(steps).toHaveLength(finished + 1);
      busy[finished]!();
    }
    await stop(running);
  });

  it('lets the event loop go on every 10 ms of work, between entries', async () => {
    const { log, signal, stop } = setUp();
    let nowMs = 0;
    const slow: typeof countingMachine = {
      ...countingMachine,
      step: (state, entry) => {
        nowMs += 4;
        return countingMachine.step(state, entry);
      },
    };
    const follower = new Follower(log, slow, slow.initialState(), { workClock: { nowMs: () => nowMs } });
    await log.append(Array.from({ length: 30 }, (_, i) => counted(`${i}`)));
    const seen: number[] = [];
    const look = () => {
      seen.push(follower.state.ordinal);
      if (follower.state.ordinal < 30) setImmediate(look);
    };
    setImmediate(look);
    const running = follower.run(signal);
    await follower.waitForPosition(at(90));
    await stop(running);
    for (let i = 1; i < seen.length; i++) expect(seen[i]! - seen[i - 1]!).toBeLessThanOrEqual(3);
    expect(seen.length).toBeGreaterThanOrEqual(10);
  });

  it('tells how far behind it is', async () => {
    const { log, follower, signal, stop } = setUp();
    expect(await follower.lag()).toEqual({ position: ORIGIN, newest: ORIGIN, isCaughtUp: true, offsetsBehind: 0 });
    await log.append([counted('a'), counted('b')]);
    expect(await follower.lag()).toMatchObject({ isCaughtUp: false, offsetsBehind: 6 });
    const running = follower.run(signal);
    await follower.waitForPosition(at(6));
    expect(await follower.lag()).toMatchObject({ position: at(6), isCaughtUp: true, offsetsBehind: 0 });
    await stop(running);
  });
});
