import { RE2JS } from 're2js';

const PATTERN_LENGTH_MAX = 4096;

/** A pattern that can be matched, or why it cannot. */
export type CompiledPattern =
  | { readonly kind: 'compiled'; readonly matches: (value: string) => boolean }
  | { readonly kind: 'faulty'; readonly message: string; readonly hint: string };

const LINEAR_HINT =
  'Matching takes linear time here, so lookahead, lookbehind, backreferences, conditionals and atomic ' +
  'groups do not exist; say it with alternatives, or with a second property.';
const SYNTAX_HINT = "Patterns are written as for Python's re.";

class Unsupported extends Error {
  constructor(
    message: string,
    readonly hint: string,
  ) {
    super(message);
  }
}

/**
 * Compiles a pattern of Python's `re` to a matcher that takes time linear in the value, whatever the
 * pattern. It matches at the start of the value and need not reach its end, as `re.match` does.
 *
 * What Python has and linear matching has not is faulty, with a hint. Known differences: `\b`, and
 * `\W` or `\S` inside a character class, know ASCII only. O(pattern).
 */
export function compilePattern(pattern: string): CompiledPattern {
  try {
    if (pattern.length > PATTERN_LENGTH_MAX) {
      throw new Unsupported(`the pattern is longer than ${PATTERN_LENGTH_MAX} characters`, 'Test several properties.');
    }
    const compiled = RE2JS.compile(`\\A(?:${new Translation(pattern).translate()})`);
    return { kind: 'compiled', matches: (value) => compiled.test(value) };
  } catch (error) {
    if (error instanceof Unsupported) return { kind: 'faulty', message: error.message, hint: error.hint };
    const message = error instanceof Error ? error.message : 'the pattern cannot be compiled';
    return { kind: 'faulty', message, hint: SYNTAX_HINT };
  }
}

const WORD = '\\p{L}\\p{N}_';
const SPACE = '\\t\\n\\v\\f\\r\\x1c-\\x1f\\x20\\x{85}\\p{Z}';

/** Rewrites Python's syntax to RE2's where the two differ. */
class Translation {
  private at = 0;
  private out = '';
  private ascii = false;
  private readonly multiline: boolean;

  constructor(private readonly pattern: string) {
    this.multiline = /\(\?[a-zA-Z]*m/.test(pattern);
  }

  translate(): string {
    while (this.at < this.pattern.length) this.one();
    return this.out;
  }

  private one(): void {
    const unit = this.pattern[this.at]!;
    if (unit === '\\') this.out += this.escape(false);
    else if (unit === '[') this.characterClass();
    else if (unit === '(' && this.pattern[this.at + 1] === '?') this.extension();
    else if (unit === '{') this.repeat();
    else if (unit === '$' && !this.multiline) {
      // In Python `$` also stands before a newline that ends the text.
      this.out += '(?:\\n?\\z)';
      this.at += 1;
    } else {
      this.out += unit;
      this.at += 1;
    }
  }

  /** `{,3}` is `{0,3}` in Python and five plain characters in RE2. */
  private repeat(): void {
    const open = /^\{,(\d+)\}/.exec(this.pattern.slice(this.at, this.at + 16));
    if (open) {
      this.out += `{0,${open[1]}}`;
      this.at += open[0].length;
    } else {
      this.out += '{';
      this.at += 1;
    }
  }

  private extension(): void {
    const rest = this.pattern.slice(this.at, this.at + 80);
    const comment = rest.startsWith('(?#');
    const flags = /^\(\?([aiLmsux]*)(?:-([imsx]+))?([:)])/.exec(rest);
    if (comment) {
      const end = this.pattern.indexOf(')', this.at);
      if (end < 0) throw new Unsupported('missing ), unterminated comment', SYNTAX_HINT);
      this.at = end + 1;
    } else if (/^\(\?P<[A-Za-z_]\w*>/.test(rest)) {
      this.out += '(?P<';
      this.at += 4;
    } else if (flags) {
      this.flags(flags[0], flags[1] ?? '', flags[2] ?? '', flags[3] ?? '');
    } else if (/^\(\?(?:=|!|<=|<!|P=|\(|>)/.test(rest)) {
      throw new Unsupported(`${rest.slice(0, 4)} is not supported`, LINEAR_HINT);
    } else {
      throw new Unsupported(`unknown extension ${rest.slice(0, 4)}`, SYNTAX_HINT);
    }
  }

  private flags(text: string, on: string, off: string, end: string): void {
    if (/[xL]/.test(on + off)) throw new Unsupported(`the flags of ${text} are not supported`, 'Leave out x and L.');
    if (on.includes('a')) this.ascii = true;
    const kept = on.replace(/[au]/g, '') + (off === '' ? '' : `-${off}`);
    if (end === ':') this.out += `(?${kept}:`;
    else if (kept !== '') this.out += `(?${kept})`;
    this.at += text.length;
  }

  private characterClass(): void {
    this.at += 1;
    let text = '[';
    if (this.pattern[this.at] === '^') {
      text += '^';
      this.at += 1;
    }
    // A bracket that closes nothing yet is a character.
    if (this.pattern[this.at] === ']') {
      text += '\\]';
      this.at += 1;
    }
    for (;;) {
      const unit = this.pattern[this.at];
      if (unit === undefined) throw new Unsupported('unterminated character set', SYNTAX_HINT);
      if (unit === ']') break;
      if (unit === '\\') {
        text += this.escape(true);
      } else {
        // `[:alpha:]` has no meaning of its own in Python.
        text += unit === '[' ? '\\[' : unit;
        this.at += 1;
      }
    }
    this.at += 1;
    this.out += `${text}]`;
  }

  private escape(inClass: boolean): string {
    const next = this.pattern.codePointAt(this.at + 1);
    if (next === undefined) throw new Unsupported('bad escape (end of pattern)', SYNTAX_HINT);
    const letter = String.fromCodePoint(next);
    if (/[0-9]/.test(letter)) return this.digits(inClass);
    if (/[xuU]/.test(letter)) return this.codePoint(letter);
    this.at += 1 + letter.length;
    if (next > 127) return letter;
    if (!/[A-Za-z]/.test(letter)) return `\\${letter}`;
    const translated = this.letterEscape(letter, inClass);
    if (translated === undefined) throw new Unsupported(`bad escape \\${letter}`, SYNTAX_HINT);
    return translated;
  }

  private letterEscape(letter: string, inClass: boolean): string | undefined {
    if ('afnrtv'.includes(letter)) return `\\${letter}`;
    if (letter === 'b') return inClass ? '\\x08' : '\\b';
    if ('wWsSdD'.includes(letter)) return this.kind(letter, inClass);
    if (inClass) return undefined;
    if (letter === 'A' || letter === 'B') return `\\${letter}`;
    return letter === 'Z' ? '\\z' : undefined;
  }

  private kind(letter: string, inClass: boolean): string {
    if (this.ascii) return `\\${letter}`;
    if (letter === 'd') return '\\p{Nd}';
    if (letter === 'D') return '\\P{Nd}';
    const members = letter.toLowerCase() === 'w' ? WORD : SPACE;
    if (letter === 'w' || letter === 's') return inClass ? members : `[${members}]`;
    return inClass ? `\\${letter}` : `[^${members}]`;
  }

  private digits(inClass: boolean): string {
    const text = this.pattern.slice(this.at + 1, this.at + 4);
    const octal = /^(?:0[0-7]{0,2}|[0-3][0-7]{2})/.exec(text) ?? (inClass ? /^[0-7]{1,3}/.exec(text) : null);
    if (!octal) throw new Unsupported(`backreference \\${text[0]} is not supported`, LINEAR_HINT);
    this.at += 1 + octal[0].length;
    return `\\x{${parseInt(octal[0], 8).toString(16)}}`;
  }

  private codePoint(letter: string): string {
    const width = letter === 'x' ? 2 : letter === 'u' ? 4 : 8;
    const digits = this.pattern.slice(this.at + 2, this.at + 2 + width);
    if (digits.length !== width || !/^[0-9A-Fa-f]+$/.test(digits)) {
      throw new Unsupported(`incomplete escape \\${letter}${digits}`, SYNTAX_HINT);
    }
    this.at += 2 + width;
    return `\\x{${digits}}`;
  }
}
