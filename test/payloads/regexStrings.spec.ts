import { Chance } from '../fuzz/chance';
import { stringsOf } from './regexStrings';

const EXPRESSIONS = [
  'plain',
  '[0-9a-f]{8}-[0-9a-f]{4}',
  'compute-[1-9]',
  '[switch|host|custom]-[1-9]',
  'a|b|(c|d)e+',
  'x*y?z{2,4}w{1,}',
  '(?:ab)+\\.\\d\\w\\s[^a-z]$',
  '[a\\-z-]',
  '.{5}',
  '',
];

describe('strings of an expression', () => {
  it.each(EXPRESSIONS)('%j are all matched by it', (expression) => {
    for (const dots of ['as dots', 'as anything'] as const) {
      const write = stringsOf(expression, dots);
      const whole = new RegExp(`^(?:${expression})$`, 's');
      for (let index = 0; index < 200; index++) expect(write(new Chance(1, index))).toMatch(whole);
    }
  });

  it('differ, and are the same for the same seed', () => {
    const write = stringsOf('[0-9]{6}', 'as dots');
    const written = Array.from({ length: 50 }, (_, index) => write(new Chance(1, index)));
    expect(new Set(written).size).toBeGreaterThan(45);
    expect(Array.from({ length: 50 }, (_, index) => write(new Chance(1, index)))).toEqual(written);
  });

  it('stay within a word where dots are dots', () => {
    expect(stringsOf('a.b', 'as dots')(new Chance(3))).toBe('a.b');
  });

  it.each(['map[host:compute-1]', '(open', '*'])('there are none of %j', (expression) => {
    expect(() => stringsOf(expression, 'as dots')).toThrow();
  });
});
