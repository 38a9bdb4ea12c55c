import fc from 'fast-check';
import { type Expression, type ParseOutcome, parseCondition } from './condition';
import { disjunctiveForm, leafKey } from './normalForm';

/** Clauses as lists of names, `!` before the negated ones. */
function clauses(text: string, edges = false): string[][] {
  const parsed = parseCondition(text, { edges });
  if (parsed.kind === 'fault') throw new Error(`${parsed.message} at ${parsed.offset}`);
  return (disjunctiveForm(parsed.expression) ?? []).map((clause) =>
    clause.map(({ leaf, negated }) => (negated ? '!' : '') + leafKey(leaf)),
  );
}

function fault(text: string, edges = false): ParseOutcome & { kind: 'fault' } {
  const parsed = parseCondition(text, { edges });
  if (parsed.kind !== 'fault') throw new Error(`"${text}" parsed`);
  return parsed;
}

describe('parseCondition: what Vitrage was recorded to answer', () => {
  it.each([
    [
      '(a or b) and c',
      [
        ['a', 'c'],
        ['b', 'c'],
      ],
    ],
    ['a and not (b or c)', [['a', '!b', '!c']]],
    ['a or a and b', [['a'], ['a', 'b']]],
    ['a and not a', [['a', '!a']]],
    ['a and b or c', [['a', 'b'], ['c']]],
    ['not a and b', [['!a', 'b']]],
    ['a or b or a', [['a'], ['b']]],
  ])('turns "%s" into its clauses', (text, expected) => {
    expect(clauses(text)).toEqual(expected);
  });

  it('multiplies out the product of two alternatives into four clauses', () => {
    expect(clauses('(h OR r) AND (i OR r)')).toEqual([['h', 'i'], ['h', 'r'], ['r', 'i'], ['r']]);
  });
});

describe('parseCondition: what Vitrage refuses and should not', () => {
  it.each([
    ['not(a)', [['!a']]],
    ['a And b oR c', [['a', 'b'], ['c']]],
    ['a\n  and\tb', [['a', 'b']]],
    ['E and S and N and lambda', [['E', 'S', 'N', 'lambda']]],
    ['alarm-1 and host.x', [['alarm-1', 'host.x']]],
    ['not not a', [['a']]],
    ['((((a))))', [['a']]],
    ['android or nothing', [['android'], ['nothing']]],
  ])('understands "%s"', (text, expected) => {
    expect(clauses(text)).toEqual(expected);
  });
});

describe('parseCondition: relationships of version 3', () => {
  it('takes any spacing around and inside the brackets', () => {
    expect(clauses('NOT host [   contains]   instance', true)).toEqual([['!host[contains]instance']]);
    expect(clauses('a[on]b and b [ on ] c', true)).toEqual([['a[on]b', 'b[on]c']]);
  });

  it('takes the same relationship written twice as one', () => {
    expect(clauses('host [   contains] instance AND host [contains] instance', true)).toEqual([
      ['host[contains]instance'],
    ]);
  });

  it.each([
    'host AND NOT host host [contains] instance',
    'host AND instance host [contains] instance',
    '[host contains]',
    'host [contains]',
    'host [] instance',
    'host [a b] instance',
    'host [contains instance',
    'host contains] instance',
    'host [contains] (instance)',
    'host [contains] and',
  ])('refuses "%s"', (text) => {
    expect(fault(text, true).hint).not.toBe('');
  });

  it('does not know relationships in versions 1 and 2', () => {
    expect(fault('host [contains] instance').message).toContain('"["');
  });
});

describe('parseCondition: faults', () => {
  it.each([
    ['', 1, 1],
    ['a and', 1, 6],
    ['a and (b or c', 1, 7],
    ['a)', 1, 2],
    ['a b', 1, 3],
    ['and a', 1, 1],
    ['a or\n or b', 2, 2],
    ['()', 1, 2],
    ['a not b', 1, 3],
  ])('points to the place in %j', (text, line, column) => {
    expect(fault(text)).toMatchObject({ line, column });
  });

  it('bounds the nesting of parentheses', () => {
    expect(fault('('.repeat(5000)).message).toContain('nest deeper');
    expect(clauses(`${'('.repeat(100)}a${')'.repeat(100)}`)).toEqual([['a']]);
  });

  it('bounds the length', () => {
    expect(fault('a and '.repeat(5000)).message).toContain('more than');
  });

  it('never throws, whatever the text', () => {
    const word = fc.constantFrom('a', 'and', 'or', 'not', 'NOT', '(', ')', '[', ']', ' ', '\n', 'on');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word).map((words) => words.join(' ')),
    );
    fc.assert(
      fc.property(text, fc.boolean(), (condition, edges) => {
        const parsed = parseCondition(condition, { edges });
        expect(['parsed', 'fault']).toContain(parsed.kind);
      }),
    );
  });
});

const NAMES = ['a', 'b', 'c', 'd'];

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(...NAMES).map((name): Expression => ({ kind: 'name', name, offset: 0 })),
    tie('expression').map((part): Expression => ({ kind: 'not', part })),
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('expression'), { minLength: 2, maxLength: 3 }))
      .map(([kind, parts]): Expression => ({ kind, parts })),
  ),
}));

function holds(tree: Expression, facts: ReadonlySet<string>): boolean {
  switch (tree.kind) {
    case 'not':
      return !holds(tree.part, facts);
    case 'and':
      return tree.parts.every((part) => holds(part, facts));
    case 'or':
      return tree.parts.some((part) => holds(part, facts));
    default:
      return facts.has(leafKey(tree));
  }
}

function write(tree: Expression): string {
  if (tree.kind === 'not') return `not (${write(tree.part)})`;
  if (tree.kind === 'and' || tree.kind === 'or')
    return tree.parts.map((part) => `(${write(part)})`).join(` ${tree.kind} `);
  return tree.kind === 'name' || tree.kind === 'edge' ? leafKey(tree) : '';
}

describe('disjunctiveForm', () => {
  it('says the same as the condition for every assignment of facts', () => {
    fc.assert(
      fc.property(expression, (tree) => {
        const form = disjunctiveForm(tree);
        if (!form) return;
        for (let bits = 0; bits < 1 << NAMES.length; bits++) {
          const facts = new Set(NAMES.filter((_, index) => bits & (1 << index)));
          const matched = form.some((clause) =>
            clause.every(({ leaf, negated }) => facts.has(leafKey(leaf)) !== negated),
          );
          expect(matched).toBe(holds(tree, facts));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('reads back what it would be written as', () => {
    fc.assert(
      fc.property(expression, (tree) => {
        const parsed = parseCondition(write(tree), { edges: false });
        expect(parsed.kind).toBe('parsed');
        if (parsed.kind !== 'parsed') return;
        const keys = (one: Expression): unknown =>
          disjunctiveForm(one)?.map((clause) => clause.map(({ leaf, negated }) => [leafKey(leaf), negated]));
        expect(keys(parsed.expression)).toEqual(keys(tree));
      }),
    );
  });

  it('gives up on a condition that multiplies out too far, without doing the work', () => {
    const factors = Array.from({ length: 40 }, (_, index) => `(a${index} or b${index})`).join(' and ');
    const parsed = parseCondition(factors, { edges: false });
    expect(parsed.kind === 'parsed' && disjunctiveForm(parsed.expression)).toBeUndefined();
  });

  it('gives up on more names than any scenario has', () => {
    const parsed = parseCondition(Array.from({ length: 600 }, () => 'a').join(' and '), { edges: false });
    expect(parsed.kind === 'parsed' && disjunctiveForm(parsed.expression)).toBeUndefined();
  });
});
