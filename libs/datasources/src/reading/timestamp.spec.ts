import fc from 'fast-check';
import { normaliseTimestamp, timestampOfEpoch } from './timestamp';

describe('a time as text', () => {
  it.each([
    ['2026-11-21T00:00:00Z', '2026-11-21T00:00:00Z'],
    ['2026-11-21T00:00:00', '2026-11-21T00:00:00Z'],
    ['2026-11-21 00:00:00', '2026-11-21T00:00:00Z'],
    ['2026-11-21 00:00:00+00:00', '2026-11-21T00:00:00Z'],
    ['2026-11-21T00:00:00+0000', '2026-11-21T00:00:00Z'],
    ['2026-11-22 00:06:31.490490', '2026-11-22T00:06:31.490490Z'],
    ['2017-12-13 11:24:02.598358+00:00', '2017-12-13T11:24:02.598358Z'],
    ['2026-11-21T00:00:00.90694368Z', '2026-11-21T00:00:00.906943Z'],
    ['2016-04-12T08:00:00.12345', '2016-04-12T08:00:00.123450Z'],
    ['2026-11-21T01:30:00+02:00', '2026-11-20T23:30:00Z'],
    ['2026-11-20T23:30:00.5-01:15', '2026-11-21T00:45:00.500000Z'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ])('%s means %s', (given, expected) => {
    expect(normaliseTimestamp(given)).toBe(expected);
  });

  it.each([
    ...['2023-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-00-01T00:00:00Z', '2026-04-31T00:00:00Z'],
    ...['2026-11-21T24:00:00Z', '2026-11-21T00:60:00Z', '2026-11-21T00:00:60Z', '0000-01-01T00:00:00Z'],
    ...['2016-08-2515:23:23.150274+00:00', '2026-11-21', '2026-11-21T00:00:00.Z', '2026-11-21T00:00:00z'],
    ...['2026-11-21T00:00:00+1', '2026-11-21T00:00:00+24:00', '2026-11-21T00:00:00ZZ', '2026-11-21x00:00:00Z'],
    ...['', 'now', '９026-11-21T00:00:00Z', '0001-01-01T00:00:00+01:00', '2026-11-21T00:00:00-0a:00'],
  ])('%p is no time', (given) => {
    expect(normaliseTimestamp(given)).toBeUndefined();
  });

  it('is nothing but text', () => {
    for (const value of [null, undefined, 5, {}, [], true]) expect(normaliseTimestamp(value)).toBeUndefined();
  });

  it('agrees with the calendar on every day', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9998-12-31T23:59:59Z'), noInvalidDate: true }), (date) => {
        const iso = date.toISOString();
        expect(normaliseTimestamp(iso)).toBe(`${iso.slice(0, 23)}000Z`);
        expect(normaliseTimestamp(`${iso.slice(0, 19)}Z`)).toBe(`${iso.slice(0, 19)}Z`);
      }),
    );
  });

  it('keeps, as text, the order in time of fractions', () => {
    const fraction = fc.integer({ min: 0, max: 999_999 }).map((n) => String(n).padStart(6, '0'));
    fc.assert(
      fc.property(fraction, fraction, (a, b) => {
        const first = normaliseTimestamp(`2026-11-21 00:00:00.${a}`)!;
        const second = normaliseTimestamp(`2026-11-21 00:00:00.${b}`)!;
        expect(first < second).toBe(Number(a) < Number(b));
        expect(first < '2026-11-21T00:00:00Z').toBe(true);
        expect(first < '2026-11-21T00:00:01Z').toBe(true);
      }),
    );
  });

  it('does not change what is already in the form', () => {
    const once = normaliseTimestamp('2026-11-22 00:06:31.49');
    expect(normaliseTimestamp(once)).toBe(once);
  });
});

describe('seconds since 1970', () => {
  it.each([
    ['1469450551', '2016-07-25T12:42:31Z'],
    [1763683200, '2025-11-21T00:00:00Z'],
    ['1482409029.5', '2016-12-22T12:17:09.500000Z'],
    [0, '1970-01-01T00:00:00Z'],
  ])('%p is %s', (given, expected) => {
    expect(timestampOfEpoch(given)).toBe(expected);
  });

  it.each(['', 'x', -1, NaN, Infinity, 1e15, null, undefined, {}])('%p is no time', (given) => {
    expect(timestampOfEpoch(given)).toBeUndefined();
  });
});
