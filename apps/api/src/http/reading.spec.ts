import { readCount, readFlag, readInstant, readText, readTexts } from './reading';

describe('readInstant', () => {
  it.each([
    ['2026-11-21T17:26:05.250Z', '2026-11-21T17:26:05.250Z'],
    ['2026-11-21T17:26:05Z', '2026-11-21T17:26:05.999Z'],
    ['2026-11-21T17:26Z', '2026-11-21T17:26:59.999Z'],
    ['2026-11-21 17:26', '2026-11-21T17:26:59.999Z'],
    ['2026-11-21', '2026-11-21T23:59:59.999Z'],
    ['2026-11-21T17:26+02:00', '2026-11-21T15:26:59.999Z'],
    ['2026-11-21T17:26:00.5-0130', '2026-11-21T18:56:00.500Z'],
    ['1795282019999', '2026-11-21T17:26:59.999Z'],
  ])('reads %s as %s, the end of what it names', (text, iso) => {
    expect(new Date(readInstant(text)!).toISOString()).toBe(iso);
  });

  it.each(['yesterday', '2026-02-30', '2026-13-01', '2026-11-21T25:00', '17:26', '2026-11-21T17', '12', '-1', '{}'])(
    'refuses %s',
    (text) => {
      expect(() => readInstant(text)).toThrow(expect.objectContaining({ code: 'invalid-time' }) as Error);
    },
  );

  it('is not there when nothing was asked', () => {
    expect([undefined, null, ''].map(readInstant)).toEqual([undefined, undefined, undefined]);
  });
});

describe('parameters', () => {
  it('are read as Vitrage reads them', () => {
    expect(readTexts('a')).toEqual(['a']);
    expect(readTexts(['a', 'b'])).toEqual(['a', 'b']);
    expect(readText(['a', 'b'])).toBe('b');
    expect(['True', '1', 'on', 'False', 'no'].map(readFlag)).toEqual([true, true, true, false, false]);
    expect(readCount('limit', '20')).toBe(20);
    expect(() => readCount('limit', '-1')).toThrow('limit is "-1"');
  });
});
