import type { Chance } from '../fuzz/chance';

/** Writes one string of those that an expression matches. */
type Writer = (chance: Chance) => string;

const REPEATS_MAX = 3;
const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
const CLASSES: { readonly [letter: string]: readonly string[] } = {
  d: [...'0123456789'],
  w: PRINTABLE.filter((letter) => /\w/.test(letter)),
  s: [' ', '\t'],
};

/**
 * A generator of the strings that a regular expression matches: alternatives, groups, classes with ranges,
 * escapes and quantifiers, which is what payload specifications use. A dot stands for itself where `dots`
 * says so: where another letter would make another word of an event's type. Throws for what is no
 * expression; most of these are meant as plain text.
 */
export function stringsOf(expression: string, dots: 'as dots' | 'as anything'): Writer {
  new RegExp(expression, 's');
  const parser = new Parser(expression, dots === 'as dots' ? ['.'] : PRINTABLE);
  const writer = parser.alternatives();
  if (!parser.isAtEnd) throw new Error(`cannot read ${expression} from ${parser.at} on`);
  return writer;
}

class Parser {
  at = 0;

  constructor(
    private readonly text: string,
    private readonly dot: readonly string[],
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  alternatives(): Writer {
    const options = [this.sequence()];
    while (this.takes('|')) options.push(this.sequence());
    return (chance) => chance.pick(options)(chance);
  }

  private sequence(): Writer {
    const parts: Writer[] = [];
    while (!this.isAtEnd && this.peek() !== '|' && this.peek() !== ')') parts.push(this.quantified());
    return (chance) => parts.map((part) => part(chance)).join('');
  }

  private quantified(): Writer {
    const atom = this.atom();
    const [min, max] = this.quantifier();
    return (chance) => Array.from({ length: min + chance.below(max - min + 1) }, () => atom(chance)).join('');
  }

  private quantifier(): readonly [number, number] {
    if (this.takes('*')) return [0, REPEATS_MAX];
    if (this.takes('+')) return [1, REPEATS_MAX];
    if (this.takes('?')) return [0, 1];
    const braces = /^\{(\d+)(,?)(\d*)\}/.exec(this.text.slice(this.at));
    if (braces === null) return [1, 1];
    this.at += braces[0].length;
    const min = Number(braces[1]);
    return [min, braces[2] === '' ? min : braces[3] === '' ? min + REPEATS_MAX : Number(braces[3])];
  }

  private atom(): Writer {
    const letter = this.text[this.at++]!;
    switch (letter) {
      case '(': {
        if (this.takes('?')) this.at += 1; // `(?:`, the only kind that is used.
        const inner = this.alternatives();
        if (!this.takes(')')) throw new Error('a group has no end');
        return inner;
      }
      case '[':
        return oneOf(this.letterClass());
      case '.':
        return oneOf(this.dot);
      case '\\':
        return oneOf(this.escaped());
      case '^':
      case '$':
        return () => '';
      default:
        return () => letter;
    }
  }

  private escaped(): readonly string[] {
    const letter = this.text[this.at++]!;
    return CLASSES[letter] ?? [letter];
  }

  private letterClass(): readonly string[] {
    const isNegated = this.takes('^');
    const letters: string[] = [];
    while (!this.takes(']')) {
      const from = this.text[this.at] === '\\' ? (this.at++, this.escaped()) : [this.text[this.at++]!];
      const isRange = from.length === 1 && this.peek() === '-' && this.text[this.at + 1] !== ']';
      letters.push(...(isRange ? this.range(from[0]!) : from));
    }
    return isNegated ? PRINTABLE.filter((letter) => !letters.includes(letter)) : letters;
  }

  private range(from: string): string[] {
    const to = this.text[this.at + 1]!;
    this.at += 2;
    const first = from.charCodeAt(0);
    return Array.from({ length: to.charCodeAt(0) - first + 1 }, (_, i) => String.fromCharCode(first + i));
  }

  private peek(): string | undefined {
    return this.text[this.at];
  }

  private takes(letter: string): boolean {
    if (this.text[this.at] !== letter) return false;
    this.at += 1;
    return true;
  }
}

function oneOf(letters: readonly string[]): Writer {
  return (chance) => chance.pick(letters);
}
