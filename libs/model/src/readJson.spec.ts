import { abridged, BOUNDARY_LIMITS, excerptOf, readJson, readText, refusedInput, oversize } from './index';

const bytes = (...values: (number | string)[]): Uint8Array =>
  Buffer.concat(values.map((value) => (typeof value === 'number' ? Buffer.from([value]) : Buffer.from(value))));

function refusalOf(input: Uint8Array | string): { code: string; message: string; where?: string; hint?: string } {
  const read = readJson(input, 'body');
  if (!('code' in read)) throw new Error('it was read');
  return read;
}

describe('bytes from outside', () => {
  it('are UTF-8, with or without a byte order mark', () => {
    expect(readText(Buffer.from('Zürich €😀'), 'body')).toBe('Zürich €😀');
    expect(readJson(bytes(0xef, 0xbb, 0xbf, '{"a":1}'), 'body')).toEqual({ value: { a: 1 } });
  });

  it.each<[string, Uint8Array, number]>([
    ['latin-1', Buffer.from('{"name":"Zürich"}', 'latin1'), 10],
    ['a byte that begins nothing', bytes('ab', 0xff, 'c'), 2],
    ['an overlong form', bytes('a', 0xc0, 0xaf), 1],
    ['an overlong form of three bytes', bytes(0xe0, 0x80, 0xaf), 0],
    ['half of a surrogate pair', bytes('abc', 0xed, 0xa0, 0x80), 3],
    ['beyond the last character', bytes(0xf4, 0x90, 0x80, 0x80), 0],
    ['a character cut in two', Buffer.from('ab€').subarray(0, 4), 2],
    ['a character of four bytes cut', Buffer.from('😀').subarray(0, 3), 0],
  ])('that are %s are refused, with the place', (_, input, at) => {
    expect(readText(input, 'body')).toMatchObject({
      code: 'malformed-json',
      where: 'body',
      message: expect.stringContaining(`byte ${at} is 0x${input[at]!.toString(16)}`) as string,
    });
  });

  it('agree with the decoder about every pair and triple that begins outside ASCII', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const tails = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
    for (let lead = 0x80; lead <= 0xff; lead++) {
      for (const second of tails) {
        for (const third of tails) {
          const input = bytes(lead, second, third, 0x80, 'x');
          let isFine = true;
          try {
            decoder.decode(input);
          } catch {
            isFine = false;
          }
          const read = readText(input, 'body');
          expect(typeof read === 'string').toBe(isFine);
          if (typeof read !== 'string') expect(read.message).not.toContain(`byte ${input.length}`);
        }
      }
    }
  });

  it('in UTF-16 are told from other mistakes', () => {
    expect(refusalOf(Buffer.from('\ufeff{}', 'utf16le')).hint).toBe('It looks like UTF-16: send UTF-8.');
  });
});

describe('JSON from outside', () => {
  it.each(['', '{', '{"a":NaN}', '{"a":Infinity}', '[1,]', '\u0000', "{'a':1}", '{"a":1}{"b":2}'])(
    'that is %j is none',
    (text) => {
      expect(refusalOf(text)).toMatchObject({ code: 'malformed-json', where: 'body' });
    },
  );

  it('holds no number that would be written down as null', () => {
    expect(refusalOf('{"a":[{"b":1},{"b":-1e999}]}')).toMatchObject({ where: 'body.a[1].b' });
    expect(readJson('[1e308,-0,5e-324]', 'body')).toEqual({ value: [1e308, -0, 5e-324] });
  });

  it('is nested so deep, and no deeper', () => {
    const nested = (levels: number): string => '[{"a":'.repeat(levels / 2) + '1' + '}]'.repeat(levels / 2);
    expect(readJson(nested(BOUNDARY_LIMITS.jsonDepthMax), 'body')).toHaveProperty('value');
    expect(refusalOf(nested(BOUNDARY_LIMITS.jsonDepthMax + 2)).message).toContain('nested deeper than 64 levels');
    expect(refusalOf('['.repeat(200_000) + ']'.repeat(200_000)).code).toBe('malformed-json');
  });

  it('keeps names that mean something to JavaScript as names', () => {
    const read = readJson('{"__proto__":{"a":1},"constructor":2}', 'body') as { value: object };
    expect(Object.keys(read.value)).toEqual(['__proto__', 'constructor']);
    expect(({} as { a?: number }).a).toBeUndefined();
  });
});

describe('what is kept of refused input', () => {
  it('is its beginning, in whole characters, within the limit in bytes', () => {
    const { excerptBytesMax } = BOUNDARY_LIMITS;
    for (const text of ['€'.repeat(5000), `a${'😀'.repeat(5000)}`, `ab${'😀'.repeat(5000)}`, '\ud800'.repeat(5000)]) {
      const excerpt = excerptOf(text);
      const size = Buffer.byteLength(excerpt);
      expect(excerpt.isWellFormed()).toBe(true);
      expect(size).toBeLessThanOrEqual(excerptBytesMax);
      expect(size).toBeGreaterThan(excerptBytesMax - 4);
    }
    expect(Buffer.byteLength(excerptOf(new Uint8Array(10_000).fill(0xff)))).toBeLessThanOrEqual(excerptBytesMax);
    expect(excerptOf(Buffer.from('short'))).toBe('short');
  });

  it('is an entry of bounded size, whatever was refused', () => {
    const long = 'x'.repeat(1_000_000);
    const origin = { id: 'i', source: 's', ingestedAtMs: 0 };
    const entry = refusedInput({ code: 'malformed-event', message: long, where: long, hint: long }, long, origin);
    expect(JSON.stringify(entry).length).toBeLessThan(6_000);
    expect(refusedInput({ code: 'malformed-event', message: 'm' }, 'e', origin)).toEqual({
      ...{ kind: 'rejected-input', version: 1, ...origin, code: 'malformed-event', message: 'm', excerpt: 'e' },
    });
  });

  it('cuts no character in two', () => {
    expect(abridged('a😀b', 3)).toBe('a…');
    expect(abridged('a😀b', 4)).toBe('a😀b');
    expect(abridged('abcdef', 4)).toBe('abc…');
  });
});

describe('the size of an entry', () => {
  it('is counted in bytes', () => {
    const { entryBytesMax } = BOUNDARY_LIMITS;
    const origin = { id: 'i'.repeat(9_999), source: 's' };
    expect(oversize(origin, 'x'.repeat(entryBytesMax))).toBeUndefined();
    expect(oversize(origin, '€'.repeat(entryBytesMax / 3))).toBeUndefined();
    const refused = oversize(origin, '€'.repeat(entryBytesMax / 3 + 1));
    expect(refused).toMatchObject({ code: 'entry-too-large', where: 'entry' });
    expect(refused!.message.length).toBeLessThan(200);
  });
});
