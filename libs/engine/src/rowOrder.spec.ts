import type { Vertex } from '@wherefore/graph';
import { RowOrder } from './rowOrder';

/** All that it looks at. */
function vertex(key: string): { key: string; isDeleted: boolean } {
  return { key, isDeleted: false };
}

describe('RowOrder', () => {
  const all = new Map(['a', 'b', 'c', 'd', 'e'].map((key) => [key, vertex(key)]));
  const index = (key: string) => all.get(key) as unknown as Vertex;
  let order: RowOrder;

  /** Of the rows of a poll, those whose vertex had to be looked up. */
  function poll(pollId: string, keys: string, source = 'nova'): string {
    let lookedUp = '';
    for (const key of keys) {
      const expected = order.expected(source, pollId, key);
      if (expected !== undefined) expect(expected).toBe(index(key));
      else {
        lookedUp += key;
        order.found(index(key));
      }
    }
    return lookedUp;
  }

  beforeEach(() => {
    order = new RowOrder();
    for (const each of all.values()) each.isDeleted = false;
    expect(poll('poll 1', 'abcde')).toBe('abcde');
  });

  it('expects the rows of a poll in the order of the one before', () => {
    expect(poll('poll 2', 'abcde')).toBe('');
    expect(poll('poll 3', 'abcde')).toBe('');
  });

  it('goes on behind rows that are no longer there', () => {
    expect(poll('poll 2', 'ade')).toBe('d');
    expect(poll('poll 3', 'ade')).toBe('');
  });

  it('goes on behind a row that is new', () => {
    expect(poll('poll 2', 'abc')).toBe('');
    expect(poll('poll 3', 'adbc')).toBe('d');
    expect(poll('poll 4', 'adbc')).toBe('');
  });

  it('goes on behind a row that comes twice', () => {
    expect(poll('poll 2', 'abbcde')).toBe('b');
    expect(poll('poll 3', 'abcde')).toBe('c');
    expect(poll('poll 4', 'abcde')).toBe('');
  });

  it('never gives a vertex that is deleted', () => {
    all.get('b')!.isDeleted = true;
    order.expected('nova', 'poll 2', 'a');
    expect(order.expected('nova', 'poll 2', 'b')).toBeUndefined();
  });

  it('keeps the polls of sources that take turns apart', () => {
    expect(poll('poll 7', 'edcba', 'cinder')).toBe('edcba');
    expect(poll('poll 2', 'ab')).toBe('');
    expect(poll('poll 8', 'ed', 'cinder')).toBe('');
    expect(poll('poll 2', 'cde')).toBe('');
    expect(poll('poll 8', 'cba', 'cinder')).toBe('');
  });
});
