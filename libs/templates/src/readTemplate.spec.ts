import fc from 'fast-check';
import { readTemplate } from './readTemplate';

function read(text: string) {
  const outcome = readTemplate({ path: 't.yaml', text });
  if (outcome.kind === 'fault') throw new Error(outcome.fault.message);
  return outcome.document;
}

function fault(text: string) {
  const outcome = readTemplate({ path: 't.yaml', text });
  if (outcome.kind === 'read') throw new Error('it was read');
  return outcome.fault;
}

describe('readTemplate', () => {
  it('leaves every scalar a string', () => {
    expect(read('a: 3\nb: true\nc: on\nd: 2026-01-01\ne: 0x1F\nf: !!int 5\ng: [1, 1.50]').content).toEqual({
      a: '3',
      b: 'true',
      c: 'on',
      d: '2026-01-01',
      e: '0x1F',
      f: '5',
      g: ['1', '1.50'],
    });
  });

  it('reads null and nothing as the empty text, but a quoted null as it is', () => {
    expect(read('a:\nb: null\nc: ~\nd: "null"\ne: ""').content).toEqual({ a: '', b: '', c: '', d: 'null', e: '' });
  });

  it('reads JSON, whose numbers and nulls become texts', () => {
    expect(read('{"metadata": {"version": 3, "description": null, "name": "x\\u0041"}}').content).toEqual({
      metadata: { version: '3', description: '', name: 'xA' },
    });
  });

  it('tells the place of values, of keys, and inside one-line values', () => {
    const document = read('metadata:\n  name: x\nscenarios:\n- condition: a and b\n- condition: "a or"\n');
    expect(document.locate(['metadata', 'name'])).toEqual({ line: 2, column: 9 });
    expect(document.locate(['scenarios', 0, 'condition'], 6)).toEqual({ line: 4, column: 20 });
    expect(document.locate(['scenarios', 1, 'condition'], 2)).toEqual({ line: 5, column: 17 });
    expect(document.locate(['metadata', 'type'])).toEqual({ line: 2, column: 3 });
    expect(document.locate(['nowhere'])).toEqual({ line: 1, column: 1 });
  });

  it('expands aliases, and keeps odd keys', () => {
    expect(read('a: &x {k: v}\nb: *x\n__proto__: {c: d}\nconstructor: e\n<<: f').content).toEqual(
      JSON.parse('{"a":{"k":"v"},"b":{"k":"v"},"__proto__":{"c":"d"},"constructor":"e","<<":"f"}'),
    );
  });

  it('takes the last anchor of that name before an alias', () => {
    const { content } = read('a: &x first\nb: *x\nc: &x second\nd: [*x, {e: &x third}, *x]\n');
    expect(content).toEqual({ a: 'first', b: 'first', c: 'second', d: ['second', { e: 'third' }, 'third'] });
  });

  it.each([
    ['a: [1', 1],
    ['a: b\n c: d\n', 1],
    ['a: 1\na: 2\n', 2],
    ['a: *nowhere', 1],
    ['a: b\n---\nc: d\n', 2],
    ['? [a, b]\n: c\n', 1],
    ['', 1],
    ['# nothing\n', 1],
    ['a:\n\t- b', 2],
  ])('answers code 5 and the line for %j', (text, line) => {
    expect(fault(text)).toMatchObject({ code: 5, line, description: 'Template syntax validation' });
    expect(fault(text).message).toMatch(/^Invalid yaml format: ./);
    expect(fault(text).hint).not.toBe('');
  });

  it('answers code 4 for YAML that is no mapping', () => {
    expect(fault('- a\n- b').code).toBe(4);
    expect(fault('just text').code).toBe(4);
  });

  it('bounds what aliases expand to', () => {
    let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
    for (let level = 1; level < 12; level++) {
      text += `a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]\n`;
    }
    expect(fault(text)).toMatchObject({ code: 5 });
    expect(fault('a: &a [*a]').code).toBe(5);
  });

  it('bounds depth and size', () => {
    expect(fault(`a: ${'['.repeat(5000)}${']'.repeat(5000)}`).message).toContain('nested deeper');
    expect(fault('- '.repeat(20_000)).message).toContain('nested deeper');
    expect(fault(`a: ${'x'.repeat(300_000)}`).message).toContain('characters');
    expect(fault('\n'.repeat(200_000)).message).toContain('more than 100000 words and signs');
    expect(fault(`a: [${'*a, '.repeat(50_000)}]`).message).toContain('more than 100000 words and signs');
    const lines = Array.from({ length: 4_000 }, (_, i) => `key-${i}: [a, {b: c}]`);
    expect(Object.keys(read(lines.join('\n')).content)).toHaveLength(4_000);
  });

  it('never throws, whatever the text', () => {
    const piece = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '- ',
      '? ',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '!!x ',
      '"',
      "'",
      '|',
      '>',
      '---',
      '#',
      '\t',
      '%',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece).map((all) => all.join('')),
        ),
        (text) => {
          const outcome = readTemplate({ path: 'p', text });
          if (outcome.kind === 'fault') expect(outcome.fault.line).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
