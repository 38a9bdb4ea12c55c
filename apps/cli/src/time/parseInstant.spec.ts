import { WhereforeError } from '@wherefore/model';
import { parseInstant } from './parseInstant';

/** A Sunday. */
const NOW = Date.parse('2026-11-22T10:00:30.500Z');

function iso(text: string, nowMs = NOW): string {
  return new Date(parseInstant(text, nowMs).atMs).toISOString();
}

function failure(text: string): WhereforeError {
  try {
    parseInstant(text, NOW);
  } catch (error) {
    if (error instanceof WhereforeError) return error;
  }
  throw new Error(`"${text}" was read`);
}

describe('an expression with a zone', () => {
  it.each([
    ['2026-11-21T17:26Z', '2026-11-21T17:26:59.999Z'],
    ['2026-11-21 17:26Z', '2026-11-21T17:26:59.999Z'],
    ['2026-11-21T17:26:05Z', '2026-11-21T17:26:05.999Z'],
    ['2026-11-21T17:26:05.123Z', '2026-11-21T17:26:05.123Z'],
    ['2026-11-21T17:26:05.123456Z', '2026-11-21T17:26:05.123Z'],
    ['2026-11-21T17:26+01:00', '2026-11-21T16:26:59.999Z'],
    ['2026-11-21T17:26+0530', '2026-11-21T11:56:59.999Z'],
    ['2026-11-21T17:26-05', '2026-11-21T22:26:59.999Z'],
    ['2026-11-21 17:26 UTC', '2026-11-21T17:26:59.999Z'],
    ['2026-11-21Z', '2026-11-21T23:59:59.999Z'],
    ['2024-02-29Z', '2024-02-29T23:59:59.999Z'],
    ['2026-12-31Z', '2026-12-31T23:59:59.999Z'],
  ])('%s means %s everywhere', (text, expected) => {
    expect(iso(text)).toBe(expected);
  });

  it('may be what an answer has printed', () => {
    expect(iso('Sat 2026-11-21 17:26:59 +01:00')).toBe('2026-11-21T16:26:59.999Z');
    expect(iso('Sat 2026-11-21 17:26:59 UTC')).toBe('2026-11-21T17:26:59.999Z');
  });

  it('may be written in words', () => {
    expect(iso('21 Nov 2026 17:26 UTC')).toBe('2026-11-21T17:26:59.999Z');
    expect(iso('21 Nov 2026 17:26 +01:00')).toBe('2026-11-21T16:26:59.999Z');
  });
});

describe('a time that is told from now', () => {
  it.each([
    ['now', 0],
    ['10 minutes ago', 600_000],
    ['1 minute ago', 60_000],
    ['a minute ago', 60_000],
    ['30 s ago', 30_000],
    ['90sec ago', 90_000],
    ['an hour ago', 3_600_000],
    ['half an hour ago', 1_800_000],
    ['2 hrs ago', 7_200_000],
    ['36 hours ago', 129_600_000],
    ['an hour and 10 minutes ago', 4_200_000],
    ['10  MINUTES   ago', 600_000],
  ])('"%s" is exact, and no span', (text, before) => {
    const at = NOW - before;
    expect(parseInstant(text, NOW)).toEqual({ atMs: at, startMs: at, precision: 'instant' });
  });

  it('"3 days ago" is the same time of that day', () => {
    const at = new Date(parseInstant('3 days ago', NOW).atMs);
    const now = new Date(NOW);
    expect([at.getDate(), at.getHours(), at.getMinutes()]).toEqual([19, now.getHours(), now.getMinutes()]);
  });
});

describe('a time without a zone', () => {
  const local = (...fields: [number, number, number, number, number, number, number]): number =>
    new Date(...fields).getTime();

  it.each([
    ['2026-11-20 17:26', local(2026, 10, 20, 17, 26, 59, 999)],
    ['2026-11-20T17:26', local(2026, 10, 20, 17, 26, 59, 999)],
    ['2026-11-20 17:26:05', local(2026, 10, 20, 17, 26, 5, 999)],
    ['2026-11-20', local(2026, 10, 20, 23, 59, 59, 999)],
    ['2026-1-2 3:04', local(2026, 0, 2, 3, 4, 59, 999)],
    ['20 Nov 2026', local(2026, 10, 20, 23, 59, 59, 999)],
    ['Nov 20, 2026 5:26 pm', local(2026, 10, 20, 17, 26, 59, 999)],
  ])('%s is read in the zone of the caller', (text, expected) => {
    expect(parseInstant(text, NOW).atMs).toBe(expected);
  });

  it('names its minute, second or day to the end', () => {
    expect(parseInstant('2026-11-20 17:26', NOW).precision).toBe('minute');
    expect(parseInstant('2026-11-20 17:26:05', NOW).precision).toBe('second');
    expect(parseInstant('2026-11-20 17:26:05.5', NOW).precision).toBe('instant');
    expect(parseInstant('2026-11-20', NOW).precision).toBe('day');
  });

  it('of tomorrow is taken at its word', () => {
    expect(parseInstant('2027-01-01Z', NOW)).toEqual({
      startMs: Date.parse('2027-01-01T00:00:00Z'),
      atMs: Date.parse('2027-01-01T23:59:59.999Z'),
      precision: 'day',
    });
  });
});

describe('what is no moment', () => {
  it.each([
    ['banana', 'it is not a time'],
    ['', 'it is not a time'],
    ['17h26', 'it is not a time'],
    ['yesterday 25:99', 'only "yesterday" of it is a time'],
    ['foo yesterday bar', 'only "yesterday" of it is a time'],
    ['yesterday 17:26 please', 'of it is a time'],
    ['2026-02-30', 'the calendar has no such day'],
    ['2026-13-01', 'the calendar has no such day'],
    ['2025-02-29', 'the calendar has no such day'],
    ['2026-11-21 24:00', 'the clock has no such time'],
    ['2026-11-21 17:60', 'the clock has no such time'],
    ['2026-11-21T17:26+19:00', 'no zone is +19:00 away from UTC'],
    ['03/04/2026', 'with the day or with the month first'],
    ['3.4. 17:26', 'with the day or with the month first'],
    ['yesterday 17:00 - 18:00', 'two ends'],
    ['yesterday morning', '"morning" names no minute'],
    ['last week', '"week" names no minute'],
    ['last month', '"month" names no minute'],
    ['may', 'it names no day'],
    ['17:26 CET', '"CET" stands for more than one zone'],
    ['yesterday 17:26 PST', '"PST" stands for more than one zone'],
    ['1969-01-01', 'before 1970'],
    ['900000 hours ago', 'before 1970'],
  ])('"%s" is refused: %s', (text, reason) => {
    const { code, message, hint } = failure(text);
    expect(code).toBe('invalid-time');
    expect(message).toContain(reason);
    expect(hint).toContain('"yesterday 17:26"');
  });
});
