import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { PROJECT_ROOT } from '../support/shared';

/** A process has one time zone, so every zone gets a process; it reads all expressions at once. */
function readIn(zone: string, now: string, expressions: readonly string[]): string[] {
  const module = path.join(PROJECT_ROOT, 'dist/apps/cli/src/time/parseInstant.js');
  const script = `
    const { parseInstant } = require(${JSON.stringify(module)});
    const read = (text) => {
      const { atMs, note } = parseInstant(text, Date.parse(${JSON.stringify(now)}));
      return new Date(atMs).toISOString() + (note === undefined ? '' : ' ' + note);
    };
    console.log(JSON.stringify(${JSON.stringify(expressions)}.map(read)));`;
  const child = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', env: { ...process.env, TZ: zone } });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout) as string[];
}

/** Reads one expression. */
function readOne(zone: string, now: string, expression: string): string {
  return readIn(zone, now, [expression])[0]!;
}

const NOW = '2026-11-22T10:00:30.500Z';

describe('expressions in the zone of the caller', () => {
  it.each([
    ['UTC', '2026-11-21T17:26:59.999Z'],
    ['Europe/Berlin', '2026-11-21T16:26:59.999Z'],
    ['America/New_York', '2026-11-21T22:26:59.999Z'],
    ['Asia/Kolkata', '2026-11-21T11:56:59.999Z'],
    ['Australia/Lord_Howe', '2026-11-21T06:26:59.999Z'],
    ['Pacific/Kiritimati', '2026-11-22T03:26:59.999Z'],
  ])('"yesterday 17:26" in %s is %s', (zone, expected) => {
    expect(readOne(zone, NOW, 'yesterday 17:26')).toBe(expected);
  });

  it('begin and end their days at midnight of that zone', () => {
    expect(readIn('America/New_York', '2026-11-22T03:00:00Z', ['today', 'yesterday', '2026-11-21'])).toEqual([
      '2026-11-22T04:59:59.999Z',
      '2026-11-21T04:59:59.999Z',
      '2026-11-22T04:59:59.999Z',
    ]);
  });

  it('take a time that has not come yet for the one before', () => {
    const [time, passed, weekday, dayOfYear] = readIn('UTC', NOW, ['17:26', '09:00', 'Monday 17:26', '21 Dec 17:26']);
    expect(time).toMatch(/^2026-11-21T17:26:59.999Z "17:26" has not come yet/);
    expect(passed).toBe('2026-11-22T09:00:59.999Z');
    expect(weekday).toMatch(/^2026-11-16T17:26:59.999Z "Monday 17:26" has not come yet/);
    expect(dayOfYear).toMatch(/^2025-12-21T17:26:59.999Z/);
  });

  it('count the minute that runs as one that has come', () => {
    expect(readOne('UTC', NOW, '10:00')).toBe('2026-11-22T10:00:59.999Z');
    expect(readOne('UTC', NOW, 'Sunday')).toBe('2026-11-22T23:59:59.999Z');
  });
});

describe('days on which the clocks change', () => {
  it('are as long as they are', () => {
    const [spring, autumn] = readIn('Europe/Berlin', NOW, ['2026-03-29', '2026-10-25']);
    expect(spring).toBe('2026-03-29T21:59:59.999Z');
    expect(autumn).toBe('2026-10-25T22:59:59.999Z');
  });

  it('have a time that comes twice: the first is meant, and the second is told', () => {
    const [berlin, newYork, lordHowe] = [
      readOne('Europe/Berlin', NOW, '2026-10-25 02:30'),
      readOne('America/New_York', NOW, '2026-11-01 01:30'),
      readOne('Australia/Lord_Howe', NOW, '2026-04-05 01:45'),
    ];
    expect(berlin).toMatch(/^2026-10-25T00:30:59.999Z .*showed that time twice.*2026-10-25T01:30:00.000Z/);
    expect(newYork).toMatch(/^2026-11-01T05:30:59.999Z .*2026-11-01T06:30:00.000Z/);
    expect(lordHowe).toMatch(/^2026-04-04T14:45:59.999Z .*2026-04-04T15:15:00.000Z/);
  });

  it('have no second reading an hour before or after', () => {
    expect(readIn('Europe/Berlin', NOW, ['2026-10-25 01:59', '2026-10-25 03:00'])).toEqual([
      '2026-10-24T23:59:59.999Z',
      '2026-10-25T02:00:59.999Z',
    ]);
  });

  it('have a time that never comes: the clock after it is meant', () => {
    expect(readOne('Europe/Berlin', NOW, '2026-03-29 02:30')).toMatch(
      /^2026-03-29T01:30:59.999Z The clock was put forward that day and skipped that time: 03:30/,
    );
  });

  it('do not bend what is told from now', () => {
    const [hours, day] = readIn('Europe/Berlin', '2026-10-25T11:00:00Z', ['24 hours ago', 'yesterday 17:26']);
    expect(hours).toBe('2026-10-24T11:00:00.000Z');
    expect(day).toBe('2026-10-24T15:26:59.999Z');
  });

  it('may lack their midnight', () => {
    // In Cairo the clock goes from 23:59:59 to 01:00:00 when summer time begins.
    expect(readOne('Africa/Cairo', NOW, '2026-04-23')).toBe('2026-04-23T21:59:59.999Z');
  });
});
