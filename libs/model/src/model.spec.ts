import fc from 'fast-check';
import {
  addToDigest,
  assert,
  BrokenInvariant,
  canonicalJson,
  comparePositions,
  digestText,
  emptyDigest,
  formatDigest,
  formatPosition,
  incarnationId,
  isJsonObject,
  type Json,
  Mixer,
  ORIGIN,
  parsePosition,
  type Position,
  RowDigest,
  BeginningMixer,
  rowHash,
  subtractFromDigest,
  uuid5,
  WhereforeError,
} from './index';

const SEED = { seed: 20_261_121 };
const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
const position: fc.Arbitrary<Position> = fc.record({ epoch: fc.nat(3), offset: fc.nat(5), index: fc.nat(3) });

describe('positions', () => {
  it('are ordered by epoch, then offset, then index', () => {
    const at = (epoch: number, offset: number, index: number): Position => ({ epoch, offset, index });
    const ordered = [ORIGIN, at(1, 2, 3), at(1, 2, 10), at(1, 10, 0), at(2, 0, 0)];
    expect([...ordered].reverse().sort(comparePositions)).toEqual(ordered);
  });

  it('are totally ordered, and equal only when they are the same', () => {
    fc.assert(
      fc.property(position, position, position, (a, b, c) => {
        expect(Math.sign(comparePositions(a, b))).toBe(0 - Math.sign(comparePositions(b, a)));
        expect(comparePositions(a, b) === 0).toBe(formatPosition(a) === formatPosition(b));
        if (comparePositions(a, b) <= 0 && comparePositions(b, c) <= 0)
          expect(comparePositions(a, c)).toBeLessThanOrEqual(0);
      }),
      SEED,
    );
  });

  it('come back from their text', () => {
    fc.assert(
      fc.property(position, (each) => expect(parsePosition(formatPosition(each))).toEqual(each)),
      SEED,
    );
  });

  it.each(['', '1.2', '1.2.3.4', '1.-2.3', '1.2.x', ' 1.2.3', '1.2.3\n', '1.2.1234567890123456'])(
    'are refused when they read %j',
    (text) => {
      expect(() => parsePosition(text)).toThrow(expect.objectContaining({ code: 'invalid-position' }) as Error);
    },
  );
});

describe('canonical JSON', () => {
  it('does not depend on the order of members', () => {
    expect(canonicalJson({ b: 1, a: { d: [1, 2], c: null } })).toBe('{"a":{"c":null,"d":[1,2]},"b":1}');
    expect(canonicalJson({ 10: 'x', 9: 'y', a: 'z' })).toBe('{"10":"x","9":"y","a":"z"}');
  });

  it('keeps the order of lists', () => {
    expect(canonicalJson(['b', 'a'])).not.toBe(canonicalJson(['a', 'b']));
  });

  it('gives the value back, and equal bytes for equal values', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as Json);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
      }),
      SEED,
    );
  });

  it('orders by code units, whatever the locale', () => {
    expect(canonicalJson({ ä: 1, z: 2, Z: 3, 'ı': 4, i: 5 })).toBe('{"Z":3,"i":5,"z":2,"ä":1,"ı":4}');
  });

  it('tells objects from lists and from nothing', () => {
    expect([{}, [], null, 'x'].map(isJsonObject)).toEqual([true, false, false, false]);
  });
});

describe('digests', () => {
  const words = fc.array(fc.tuple(fc.integer(), fc.integer()), { maxLength: 20 });

  it('of parts do not depend on their order', () => {
    fc.assert(
      fc.property(words, (parts) => {
        const [there, back] = [emptyDigest(), emptyDigest()];
        for (const [high, low] of parts) addToDigest(there, high, low);
        for (const [high, low] of [...parts].reverse()) addToDigest(back, high, low);
        expect(formatDigest(there)).toBe(formatDigest(back));
      }),
      SEED,
    );
  });

  it('are as before when a part was added and taken away', () => {
    fc.assert(
      fc.property(words, fc.integer(), fc.integer(), (parts, high, low) => {
        const sum = emptyDigest();
        for (const part of parts) addToDigest(sum, ...part);
        const before = formatDigest(sum);
        addToDigest(sum, high, low);
        subtractFromDigest(sum, high, low);
        expect(formatDigest(sum)).toBe(before);
      }),
      SEED,
    );
  });

  it('carry from the low half into the high one', () => {
    const sum = emptyDigest();
    addToDigest(sum, 0, -1);
    addToDigest(sum, 0, 1);
    expect(formatDigest(sum)).toBe('0000000100000000');
    subtractFromDigest(sum, 0, 1);
    expect(formatDigest(sum)).toBe('00000000ffffffff');
  });

  it('of different texts differ, and of equal ones do not', () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => `RESOURCE:nova.instance:${i}`);
    expect(new Set(texts.map(digestText)).size).toBe(texts.length);
    expect(digestText('abc')).toBe(digestText(['a', 'bc'].join('')));
    expect(digestText('abc')).toMatch(/^[0-9a-f]{16}$/);
  });

  it('tell where one word ends and the next begins', () => {
    const mixed = (...parts: string[]): string => {
      const mixer = new Mixer().start(1);
      for (const part of parts) mixer.string(part);
      return formatDigest(mixer.finish());
    };
    expect(mixed('ab', 'c')).not.toBe(mixed('a', 'bc'));
    expect(mixed('a', '')).not.toBe(mixed('a'));
  });

  it('tell all safe integers apart, the large ones too', () => {
    const mixed = (value: number): string => formatDigest(new Mixer().start(1).number(value).finish());
    const values = [0, 1, -1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 40, 2 ** 53 - 1, -(2 ** 40)];
    expect(new Set(values.map(mixed)).size).toBe(values.length);
  });

  it('of rows count them, in whatever order they were read', () => {
    const digestOf = (ids: readonly string[]): string => {
      const digest = new RowDigest();
      for (const id of ids) digest.add(id);
      return `${digest.rowCount} ${digest.toString()}`;
    };
    expect(digestOf(['a', 'b', 'c'])).toBe(digestOf(['c', 'a', 'b']));
    expect(digestOf(['a', 'b'])).not.toBe(digestOf(['a', 'c']));
    expect(digestOf([])).toBe('0 0000000000000000');
  });

  it('of ids in two parts are those of the whole ids, and what is taken back leaves no trace', () => {
    const [whole, joined] = [new RowDigest(), new RowDigest()];
    for (const [beginning, rest] of [
      ['p/', 'a'],
      ['p/', 'b'],
      ['q/', 'b'],
      ['', 'q/b'],
      ['p/', 'a'],
    ] as const) {
      whole.add(beginning + rest);
      joined.addJoined(beginning, rest);
      expect([joined.rowCount, joined.toString()]).toEqual([whole.rowCount, whole.toString()]);
    }
    for (const id of ['q/b', 'p/a', 'p/b', 'q/b', 'p/a']) joined.remove(id);
    expect([joined.rowCount, joined.toString()]).toEqual([0, new RowDigest().toString()]);
  });

  it('mix a text that begins as the one before as they mix it alone', () => {
    const mixer = new BeginningMixer(31);
    for (const [word, beginning, rest] of [
      ['s', 'p/', 'a'],
      ['s', 'p/', 'a'],
      ['s', 'p/', ''],
      ['t', 'p/', ''],
      ['t', '', 'p/'],
    ] as const) {
      mixer.mix(word, beginning, rest);
      const alone = new Mixer()
        .start(31)
        .string(word)
        .string(beginning + rest)
        .finish();
      expect([mixer.high, mixer.low]).toEqual([alone.high, alone.low]);
    }
  });
});

describe('uuid5', () => {
  it('knows the example of RFC 9562', () => {
    expect(uuid5('www.example.com', DNS)).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  it.each([
    ['', '4ebd0208-8328-5d69-8c44-ec50939c0967'],
    ['python.org', '886313e1-3b8a-5372-9b90-0c9aee199e5d'],
  ])('agrees with other implementations on %j', (name, id) => {
    expect(uuid5(name, DNS)).toBe(id);
  });

  it('is well formed for names of any length and any characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        expect(uuid5(name)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(uuid5(name)).toBe(uuid5(name));
      }),
      SEED,
    );
    expect(uuid5('x'.repeat(100_000))).not.toBe(uuid5('x'.repeat(100_001)));
  });

  it('names an incarnation by its key and the entry that made it', () => {
    const key = 'RESOURCE:nova.host:h1';
    expect(incarnationId(key, 'entry-1')).toBe(incarnationId(key, 'entry-1'));
    expect(incarnationId(key, 'entry-1')).not.toBe(incarnationId(key, 'entry-2'));
    expect(incarnationId(key, 'entry-1')).not.toBe(incarnationId(`${key}2`, 'entry-1'));
  });
});

describe('failures', () => {
  it('carry a code, a hint, and whether to try again', () => {
    const error = new WhereforeError('log-unavailable', 'the log is gone', { hint: 'Wait.', retryable: true });
    expect(error).toMatchObject({ code: 'log-unavailable', hint: 'Wait.', retryable: true, name: 'WhereforeError' });
    expect(new WhereforeError('usage', 'no')).toMatchObject({ hint: undefined, retryable: false });
  });

  it('of the program itself are broken invariants', () => {
    expect(() => assert(true, 'fine')).not.toThrow();
    expect(() => assert(false, 'two live vertices')).toThrow(BrokenInvariant);
    expect(() => assert(undefined, 'two live vertices')).toThrow('broken invariant: two live vertices');
  });
});

describe('the hash of a row', () => {
  const date = 'vitrage_sample_date';

  it('is the digest of its canonical JSON without the sample date', () => {
    const object = fc.dictionary(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a', date, '__proto__')),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(object, (event) => {
        const parsed = JSON.parse(JSON.stringify(event)) as { [name: string]: Json };
        const { [date]: _date, ...row } = parsed;
        expect(rowHash(parsed)).toBe(digestText(canonicalJson(row)));
      }),
      { ...SEED, numRuns: 2000 },
    );
  });

  it.each([['"'], ['\\'], ['\n'], ['\u0000'], ['\u2028'], ['\ud800'], ['😀'], ['ü']])(
    'spells %j as JSON does',
    (text) => {
      const row = { name: text, nested: { [text]: [text, 1, null, true, -0.5] } };
      expect(rowHash({ ...row, [date]: 'whenever' })).toBe(digestText(canonicalJson(row)));
    },
  );

  it('leaves out the sample date of the row only', () => {
    expect(rowHash({ a: { [date]: '1' } })).not.toBe(rowHash({ a: { [date]: '2' } }));
    expect(rowHash({ [date]: '1' })).toBe(rowHash({}));
  });
});
