import { loadRecording } from './recording';
import { clockOffsetMs, retold, toldAtMs } from './storyClock';

const FAILURE = Date.parse('2026-07-01T15:24:12.000Z');

function told(recorded: string): string {
  return new Date(toldAtMs(recorded, FAILURE)).toISOString();
}

describe('the clock of the story', () => {
  it.each([
    ['2026-11-21T23:56:11.850000Z', '2026-07-01T14:50:00.000Z'],
    ['2026-11-21T23:58:00.241Z', '2026-07-01T14:58:00.000Z'],
    ['2026-11-22T00:03:46.500Z', '2026-07-01T15:12:00.000Z'],
    ['2026-11-21T23:59:47.725Z', '2026-07-01T15:24:12.000Z'],
    ['2026-11-22T00:00:05.253Z', '2026-07-01T15:24:29.528Z'],
    ['2026-11-22T00:00:31.050Z', '2026-07-01T15:38:10.000Z'],
  ])('tells %s at %s', (recorded, expected) => {
    expect(told(recorded)).toBe(expected);
  });

  it('runs in real pace from the failure until the first poll that shows it', () => {
    const seconds = (Date.parse(told('2026-11-22T00:00:05Z')) - Date.parse(told('2026-11-21T23:59:50Z'))) / 1000;
    expect(seconds).toBeCloseTo(15, 1);
  });

  it('keeps the order of all that was recorded, the stack apart', () => {
    const received = loadRecording().messages.map((message) => message.received_at);
    const isStack = (at: string): boolean => at > '2026-11-22T00:03';
    for (const part of [received.filter(isStack), received.filter((at) => !isStack(at))]) {
      const times = part.map((at) => retold(at, FAILURE));
      expect(times).toEqual([...times].sort());
    }
  });

  it.each([
    ['"2026-11-21 23:59:47.725000"', '"2026-07-01 15:24:12.000000"'],
    ['"2026-11-21T23:59:47.725Z"', '"2026-07-01T15:24:12.000Z"'],
    ['"2026-11-21T23:59:48Z"', '"2026-07-01T15:24:12Z"'],
    ['"2026-11-22T00:00:00+00:00"', '"2026-07-01T15:24:24+00:00"'],
    ['"2025-01-01T00:00:00Z", "2026-11-21"', '"2025-01-01T00:00:00Z", "2026-11-21"'],
  ])('rewrites %s and keeps its form', (text, expected) => {
    expect(retold(text, FAILURE)).toBe(expected);
  });

  it('refuses what is no time of day', () => {
    expect(() => clockOffsetMs('17:26')).toThrow('no time');
    expect(() => clockOffsetMs('27:26:00')).toThrow('no time of day');
  });
});
