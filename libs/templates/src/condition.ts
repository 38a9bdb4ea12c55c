/** A condition as a tree. Offsets point into the condition's text. */
export type Expression =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Expression[] }
  | { readonly kind: 'not'; readonly part: Expression }
  | { readonly kind: 'name'; readonly name: string; readonly offset: number }
  | {
      readonly kind: 'edge';
      readonly source: string;
      readonly label: string;
      readonly target: string;
      readonly offset: number;
    };

/** What parsing gave: the tree, or the first thing that is wrong, counted from 1 in the condition. */
export type ParseOutcome =
  | { readonly kind: 'parsed'; readonly expression: Expression }
  | {
      readonly kind: 'fault';
      readonly message: string;
      readonly hint: string;
      readonly offset: number;
      readonly line: number;
      readonly column: number;
    };

const LENGTH_MAX = 16_384;
const NESTING_MAX = 100;

type Kind = 'name' | 'and' | 'or' | 'not' | '(' | ')' | '[' | ']' | 'end';

interface Token {
  readonly kind: Kind;
  readonly text: string;
  readonly offset: number;
}

class Refused extends Error {
  constructor(
    message: string,
    readonly hint: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

/**
 * Parses a condition: names joined by `and`, `or` and `not` (any case; `not` binds tightest, then
 * `and`), with parentheses and any white space. With `edges`, `a [label] b` is a relationship between
 * two entities (version 3). Never throws. O(length).
 */
export function parseCondition(text: string, { edges }: { readonly edges: boolean }): ParseOutcome {
  try {
    if (text.length > LENGTH_MAX) {
      throw new Refused(`the condition has more than ${LENGTH_MAX} characters`, 'Split the scenario.', 0);
    }
    return { kind: 'parsed', expression: new Parser(tokenize(text), edges).parse() };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const before = text.slice(0, error.offset).split('\n');
    return {
      kind: 'fault',
      message: error.message,
      hint: error.hint,
      offset: error.offset,
      line: before.length,
      column: (before[before.length - 1]?.length ?? 0) + 1,
    };
  }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = /\s+|[()[\]]|[^\s()[\]]+/gy;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const word = match[0];
    if (word.trim() === '') continue;
    tokens.push({ kind: kindOf(word), text: word, offset: match.index });
  }
  tokens.push({ kind: 'end', text: '', offset: text.length });
  return tokens;
}

function kindOf(word: string): Kind {
  if (word === '(' || word === ')' || word === '[' || word === ']') return word;
  const lower = word.toLowerCase();
  return lower === 'and' || lower === 'or' || lower === 'not' ? lower : 'name';
}

class Parser {
  private at = 0;
  private nesting = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly edges: boolean,
  ) {}

  parse(): Expression {
    if (this.peek().kind === 'end') throw new Refused('the condition is empty', 'Name what has to hold.', 0);
    const expression = this.disjunction();
    const token = this.peek();
    if (token.kind === 'end') return expression;
    if (token.kind === ')') throw new Refused('")" closes nothing', 'Remove it, or add the "(".', token.offset);
    throw new Refused(`"${token.text}" is not expected here`, this.hintBetween(token), token.offset);
  }

  private disjunction(): Expression {
    return this.chain('or', () => this.chain('and', () => this.negation()));
  }

  private chain(operator: 'and' | 'or', operand: () => Expression): Expression {
    const first = operand();
    if (this.peek().kind !== operator) return first;
    const parts = [first];
    while (this.peek().kind === operator) {
      this.at += 1;
      parts.push(operand());
    }
    return { kind: operator, parts };
  }

  private negation(): Expression {
    let negative = false;
    while (this.peek().kind === 'not') {
      this.at += 1;
      negative = !negative;
    }
    const part = this.operand();
    return negative ? { kind: 'not', part } : part;
  }

  private operand(): Expression {
    const token = this.peek();
    if (token.kind === '(') return this.group(token);
    if (token.kind !== 'name') {
      const found = token.kind === 'end' ? 'the condition ends' : `"${token.text}" stands`;
      throw new Refused(`${found} where a name is expected`, this.hintFor(token), token.offset);
    }
    this.at += 1;
    if (this.peek().kind !== '[') return { kind: 'name', name: token.text, offset: token.offset };
    return this.edge(token);
  }

  private group(open: Token): Expression {
    this.nesting += 1;
    if (this.nesting > NESTING_MAX) {
      throw new Refused(`parentheses nest deeper than ${NESTING_MAX}`, 'Split the scenario.', open.offset);
    }
    this.at += 1;
    const inner = this.disjunction();
    const close = this.peek();
    if (close.kind === 'end') throw new Refused('"(" is never closed', 'Add the ")".', open.offset);
    if (close.kind !== ')') {
      throw new Refused(`"${close.text}" is not expected here`, this.hintBetween(close), close.offset);
    }
    this.at += 1;
    this.nesting -= 1;
    return inner;
  }

  private edge(source: Token): Expression {
    const open = this.peek();
    const hint = 'A relationship is written: source [label] target.';
    if (!this.edges) {
      throw new Refused('"[" is not expected here', 'Name the template_id of a relationship instead.', open.offset);
    }
    this.at += 1;
    const label = this.word('a label', hint);
    const close = this.peek();
    if (close.kind !== ']') throw new Refused('"]" is expected after the label', hint, close.offset);
    this.at += 1;
    const target = this.word('the target of the relationship', hint);
    return { kind: 'edge', source: source.text, label, target, offset: source.offset };
  }

  private word(what: string, hint: string): string {
    const token = this.peek();
    if (token.kind !== 'name') throw new Refused(`${what} is expected`, hint, token.offset);
    this.at += 1;
    return token.text;
  }

  private hintFor(token: Token): string {
    if (token.kind === '[') return 'A relationship is written: source [label] target.';
    return token.kind === 'end' ? 'Something is missing after the last word.' : 'Put a name before it.';
  }

  private hintBetween(token: Token): string {
    return token.kind === 'name' ? 'Join the two with "and" or "or".' : 'Check the operators around this place.';
  }

  private peek(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)]!;
  }
}
