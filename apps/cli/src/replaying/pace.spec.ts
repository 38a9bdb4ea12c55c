import { dueAfterMs, type Pace, readPace, secondsToNow } from './pace';

const HOUR = { entries: 61, firstLogTimeMs: 1_000_000_000_000, lastLogTimeMs: 1_000_003_600_000 };
const NOW_MS = 1_795_000_000_000;

describe('a shift to now', () => {
  it('tells the beginning for now when everything goes as it went', () => {
    expect(HOUR.firstLogTimeMs + secondsToNow({ speed: 1 }, HOUR, NOW_MS) * 1000).toBe(NOW_MS);
  });

  it.each<[string, Pace]>([
    ['as it was', { speed: 1 }],
    ['ten times as fast', { speed: 10 }],
    ['in slow motion', { speed: 0.25 }],
    ['at a rate', { perSecond: 3 }],
    ['as fast as it goes', 'max'],
  ])('tells nothing of the future, %s', (_, pace) => {
    const shiftMs = secondsToNow(pace, HOUR, NOW_MS) * 1000;
    for (let i = 0; i < HOUR.entries; i++) {
      const logTimeMs = HOUR.firstLogTimeMs + i * 60_000;
      const sentAtMs = NOW_MS + dueAfterMs(pace, logTimeMs, i, HOUR.firstLogTimeMs);
      expect(logTimeMs + shiftMs).toBeLessThanOrEqual(sentAtMs);
    }
  });

  it('ends at the moment of the last entry when it is faster than it was', () => {
    const shiftMs = secondsToNow({ speed: 10 }, HOUR, NOW_MS) * 1000;
    expect(HOUR.lastLogTimeMs + shiftMs).toBe(NOW_MS + 360_000);
  });
});

describe('a pace on the command line', () => {
  it('is a speed, max, or a rate; without any it is as it was', () => {
    expect(readPace({})).toEqual({ speed: 1 });
    expect(readPace({ speed: '0.5' })).toEqual({ speed: 0.5 });
    expect(readPace({ speed: 'max' })).toBe('max');
    expect(readPace({ rate: '500' })).toEqual({ perSecond: 500 });
  });

  it.each(['0', '-1', 'fast', '', '1e3', 'Infinity'])('is not "%s"', (speed) => {
    expect(() => readPace({ speed })).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
