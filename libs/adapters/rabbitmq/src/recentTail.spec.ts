import { ORIGIN, type LogEntry, type Position } from '@wherefore/model';
import { RecentTail } from './recentTail';

const at = (offset: number): Position => (offset === 0 ? ORIGIN : { epoch: 1, offset, index: 0 });
const entry = (offset: number): LogEntry => ({
  position: at(offset),
  entry: { kind: 'tick', id: `${offset}`, version: 1, source: 's', ingestedAtMs: 1, atMs: 1 },
});
const offsetsAfter = (tail: RecentTail, offset: number) =>
  tail.after(at(offset)).map(({ position }) => position.offset);

describe('what a process has read lately', () => {
  it('is each entry once, whoever read it', () => {
    const tail = new RecentTail();
    tail.add(entry(4), at(2));
    tail.add(entry(6), at(4));
    tail.add(entry(4), at(2));
    tail.add(entry(9), at(6));
    expect(offsetsAfter(tail, 2)).toEqual([4, 6, 9]);
    expect(offsetsAfter(tail, 6)).toEqual([9]);
  });

  it('has no gap: it is nothing for whoever stands before its beginning', () => {
    const tail = new RecentTail();
    tail.add(entry(4), at(2));
    expect(offsetsAfter(tail, 1)).toEqual([]);
    tail.add(entry(9), at(8));
    expect(offsetsAfter(tail, 2)).toEqual([]);
    expect(offsetsAfter(tail, 8)).toEqual([9]);
    // The slower reader comes by the same places later, and closes no gap that is no longer there.
    tail.add(entry(6), at(4));
    expect(offsetsAfter(tail, 8)).toEqual([9]);
  });

  it('is bounded', () => {
    const tail = new RecentTail();
    for (let offset = 1; offset <= 40_001; offset++) tail.add(entry(offset), at(offset - 1));
    expect(offsetsAfter(tail, 0)).toEqual([]);
    expect(offsetsAfter(tail, 20_000)).toHaveLength(20_001);
  });
});
