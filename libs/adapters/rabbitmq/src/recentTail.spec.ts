import { ORIGIN, type NewEntry, type Position } from '@wherefore/model';
import { decodeBody, encodeBody } from './messages';
import { RecentTail, type ReceivedMessage } from './recentTail';

const at = (offset: number, index = 0): Position => (offset === 0 ? ORIGIN : { epoch: 1, offset, index });
const tick = (offset: number, index: number): NewEntry => ({
  ...{ kind: 'tick', id: `${offset}.${index}`, version: 1, source: 's', ingestedAtMs: 1, atMs: 1 },
});
const message = (offset: number, count = 1): ReceivedMessage => {
  const body = encodeBody(Array.from({ length: count }, (_, index) => tick(offset, index)));
  return { end: at(offset, count - 1), count, entries: () => decodeBody(body, 1, offset) };
};
const idsAfter = (tail: RecentTail, position: Position) => tail.after(position).map(({ entry }) => entry.id);

describe('what a process has read lately', () => {
  it('is each entry once, whoever read it', () => {
    const tail = new RecentTail();
    tail.add(message(4), at(2));
    tail.add(message(6), at(4));
    tail.add(message(4), at(2));
    tail.add(message(9), at(6));
    expect(idsAfter(tail, at(2))).toEqual(['4.0', '6.0', '9.0']);
    expect(idsAfter(tail, at(6))).toEqual(['9.0']);
  });

  it('is told by the entry, also within a message', () => {
    const tail = new RecentTail();
    // Its reader knew the first entry of the message already.
    tail.add(message(4, 3), at(4));
    tail.add({ ...message(5), count: 0 }, at(4, 2));
    tail.add(message(6, 2), at(4, 2));
    expect(idsAfter(tail, at(4))).toEqual(['4.1', '4.2', '6.0', '6.1']);
    expect(idsAfter(tail, at(4, 2))).toEqual(['6.0', '6.1']);
    expect(idsAfter(tail, at(6))).toEqual(['6.1']);
    expect(idsAfter(tail, at(3))).toEqual([]);
  });

  it('has no gap: it is nothing for whoever stands before its beginning', () => {
    const tail = new RecentTail();
    tail.add(message(4), at(2));
    expect(idsAfter(tail, at(1))).toEqual([]);
    tail.add(message(9), at(8));
    expect(idsAfter(tail, at(2))).toEqual([]);
    expect(idsAfter(tail, at(8))).toEqual(['9.0']);
    // The slower reader comes by the same places later, and closes no gap that is no longer there.
    tail.add(message(6), at(4));
    expect(idsAfter(tail, at(8))).toEqual(['9.0']);
  });

  it('is bounded', () => {
    const tail = new RecentTail();
    for (let offset = 1; offset <= 401; offset++) tail.add(message(offset, 100), at(offset - 1, 99));
    expect(idsAfter(tail, ORIGIN)).toEqual([]);
    expect(idsAfter(tail, at(201, 99))).toHaveLength(20_000);
    expect(idsAfter(tail, at(200, 99))).toEqual([]);
  });
});
