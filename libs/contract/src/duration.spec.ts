import { parseDuration } from './duration';

describe('a length of time', () => {
  it.each([
    ['5m', 300_000],
    ['5 min', 300_000],
    ['90s', 90_000],
    ['1.5h', 5_400_000],
    ['2 days', 172_800_000],
    ['250ms', 250],
    ['0s', 0],
  ])('%s is read', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '5', 'm', '-5m', '5 fortnights', '5m30s', '1e9s', '99999999999d'])('%s is none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
});
