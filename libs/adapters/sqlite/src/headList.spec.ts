import type { Head } from './headList';
import { BODY_SEPARATOR, HeadList } from './headList';

const row = (id: string, more: object = {}): object => ({
  kind: 'event',
  id,
  version: 1,
  source: 'nova.instance',
  ingestedAtMs: 1,
  event: '2026-01-01T00:00:00Z',
  pollId: 'p',
  ...more,
});

function parsed(entries: readonly object[], list = new HeadList(), isRow = (_at: number): boolean => true): Head[] {
  return list.parse(entries.map((entry) => JSON.stringify(entry)).join(BODY_SEPARATOR), entries.length, isRow);
}

describe('a list of heads', () => {
  it('comes to what parsing each of them comes to', () => {
    const entries = [
      row('p/a'),
      row('p/b'),
      row('p/c'),
      { kind: 'tick', id: 't', atMs: 5, nested: { id: 'p/a' } },
      row('p/d', { pollId: 'q' }),
      row('p/e', { pollId: 'q' }),
      row('p/f'),
      row(''),
      row('p/,{}[]:'),
      { pollId: 'p', ...row('p/h') },
      { fence: { id: 'p/i', epoch: 1 }, ...row('p/i') },
      { fence: { id: 'p/i', epoch: 1 }, ...row('p/j') },
      row('p/k', { more: { id: 'p/k' } }),
      row('p/l', { more: { id: 'p/l' } }),
    ];
    const isRow = (at: number): boolean => at !== 3;
    expect(JSON.stringify(parsed(entries, new HeadList(), isRow))).toBe(JSON.stringify(entries));
  });

  it('does not take an escape for the end of an id', () => {
    const entries = [row('p/a'), row('p/"b"'), row('p/c\n'), row('p/\\')];
    const list = new HeadList();
    parsed([row('p/a'), row('p/b')], list);
    expect(parsed(entries, list)).toEqual(entries);
  });

  it('gives each its own object, and what is the same in all of them once', () => {
    const [, second, third] = parsed([row('p/a'), row('p/b'), row('p/c')]);
    expect(second).not.toBe(third);
    expect([second, third]).toEqual([row('p/b'), row('p/c')]);
  });

  it('refuses what is no JSON, in a row of the pattern, too', () => {
    const text = [row('p/a'), row('p/b')].map((entry) => JSON.stringify(entry)).join(BODY_SEPARATOR);
    const parse = (damaged: string): unknown => new HeadList().parse(damaged, 2, () => true);
    expect(() => parse(text.replace('"p/b"', '"p/b'))).toThrow();
    expect(() => parse(text.slice(0, -1))).toThrow();
    expect(() => parse(`${text}x`)).toThrow();
  });
});
