import fc from 'fast-check';
import { compilePattern } from './pythonRegex';

function matches(pattern: string, value: string): boolean {
  const compiled = compilePattern(pattern);
  if (compiled.kind === 'faulty') throw new Error(compiled.message);
  return compiled.matches(value);
}

describe('compilePattern: as re.match of Python', () => {
  it.each([
    ['host', 'host-1', true],
    ['host', 'my-host', false],
    ['a|b', 'cb', false],
    ['.*down', 'line is down now', true],
    ['abc$', 'abc', true],
    ['abc$', 'abc\n', true],
    ['abc$', 'abc\n\n', false],
    ['abc\\Z', 'abc\n', false],
    ['\\Aabc', 'abcd', true],
    ['a{,2}$', 'aa', true],
    ['a{,2}$', 'aaa', false],
    ['x{HOST}', 'x{HOST}', true],
    ['\\w+$', 'größe', true],
    ['\\W', 'é', false],
    ['[\\w-]+$', 'é-1', true],
    ['\\d+$', '٣', true],
    ['(?a)\\d+$', '٣', false],
    ['a\\sb', 'a\u00a0b', true],
    ['[^\\s]b', '\u00a0b', false],
    ['(?i)HOST', 'host', true],
    ['(?i:HOST)-A', 'host-A', true],
    ['(?m)a$', 'a\nb', true],
    ['(?#note)ab', 'ab', true],
    ['(?P<name>a)b', 'ab', true],
    ['(?u)a', 'a', true],
    ['[[:alpha:]]', 'l]', true],
    ['[[:alpha:]]', 'l', false],
    ['[]a]+$', ']a', true],
    ['[^]a]', ']', false],
    ['[\\b]', '\b', true],
    ['\\u0041\\x42\\103', 'ABC', true],
    ['\\é', 'é', true],
    ['a.c', 'a\nc', false],
    ['(?s)a.c', 'a\nc', true],
    ['', 'anything', true],
  ])('%j on %j is %s', (pattern, value, expected) => {
    expect(matches(pattern, value)).toBe(expected);
  });

  it('matches the rawtext of the recorded zabbix alarm', () => {
    const pattern = "Interface ([_a-zA-Z0-9'-]+) down on {HOST.NAME}";
    expect(matches(pattern, 'Interface virtual-0 down on {HOST.NAME}')).toBe(true);
    expect(matches(pattern, 'Interface down')).toBe(false);
  });
});

describe('compilePattern: what linear time does not have', () => {
  it.each(['(?=a)', '(?!a)b', '(?<=a)b', '(?<!a)b', '(a)\\1', '(?P<n>a)(?P=n)', '(?>a)', '(a)?(?(1)b|c)'])(
    'refuses %j with a hint why',
    (pattern) => {
      const compiled = compilePattern(pattern);
      expect(compiled.kind === 'faulty' && compiled.hint).toContain('linear time');
    },
  );

  it.each([
    '\\w+ c(',
    '[a',
    '*a',
    'a**',
    'a++',
    '\\q',
    '\\',
    '(?x)a b',
    '(?<n>a)',
    '\\pL',
    '\\Qa\\E',
    '(?#a',
    '\\x4',
    'a)',
  ])('refuses %j, which is no pattern of Python or none that can be had', (pattern) => {
    expect(compilePattern(pattern).kind).toBe('faulty');
  });

  it('refuses patterns that are too long or repeat too often', () => {
    expect(compilePattern('a'.repeat(5000)).kind).toBe('faulty');
    expect(compilePattern('((a{500}){500}){500}').kind).toBe('faulty');
    expect(compilePattern('('.repeat(2000) + ')'.repeat(2000)).kind).toBe('faulty');
  });

  it('answers for patterns that stall a backtracking matcher', () => {
    const long = 'a'.repeat(50_000);
    expect(matches('(a+)+$', long)).toBe(true);
    expect(matches('(a+)+$', `${long}!`)).toBe(false);
    expect(matches('(a|a)*b', long)).toBe(false);
    expect(matches('(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x', long)).toBe(false);
  });

  it('never throws, whatever the pattern', () => {
    const piece = fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '?',
      '*',
      '+',
      '\\',
      '^',
      '$',
      '|',
      'a',
      '1',
      ':',
      'P',
      ',',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        fc.string(),
        (pattern, value) => {
          const compiled = compilePattern(pattern);
          if (compiled.kind === 'compiled') expect(typeof compiled.matches(value)).toBe('boolean');
          else expect(compiled.hint).not.toBe('');
        },
      ),
    );
  });
});
