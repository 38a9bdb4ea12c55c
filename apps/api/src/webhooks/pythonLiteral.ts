import type { Json } from '@wherefore/model';

/**
 * Reads a flat dictionary as clients of Vitrage send it, in the notation of JSON or of Python:
 * `{"a": "b"}`, `{'a': 'b', 'c': 1}`. Values that are numbers or words become text. Throws an `Error`
 * that says what cannot be read.
 */
export function readDictionary(text: string): { readonly [name: string]: string } {
  const reader = new Reader(text);
  reader.expect('{');
  const found = new Map<string, string>();
  while (!reader.take('}')) {
    const name = reader.scalar();
    reader.expect(':');
    found.set(name, reader.scalar());
    if (!reader.take(',')) {
      reader.expect('}');
      break;
    }
  }
  reader.end();
  return Object.fromEntries(found);
}

/** The same, from a value of JSON: an object of scalars, or a text. */
export function dictionaryOf(value: Json): { readonly [name: string]: string } {
  if (typeof value === 'string') return readDictionary(value);
  return readDictionary(JSON.stringify(value));
}

/** As Python writes a dictionary of texts in JSON: with a blank behind colon and comma. */
export function writeDictionary(dictionary: { readonly [name: string]: string }): string {
  const members = Object.entries(dictionary).map(
    ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  );
  return `{${members.join(', ')}}`;
}

const ESCAPES: { readonly [letter: string]: string } = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '0': '\0' };

class Reader {
  private place = 0;

  constructor(private readonly text: string) {}

  take(letter: string): boolean {
    this.skipBlanks();
    if (this.text[this.place] !== letter) return false;
    this.place += 1;
    return true;
  }

  expect(letter: string): void {
    if (!this.take(letter)) throw new Error(`"${letter}" is expected at character ${this.place + 1}`);
  }

  end(): void {
    this.skipBlanks();
    if (this.place < this.text.length) throw new Error(`something follows at character ${this.place + 1}`);
  }

  scalar(): string {
    this.skipBlanks();
    const quote = this.text[this.place];
    if (quote === '"' || quote === "'") return this.quoted(quote);
    const match = /^(?:-?\d+(?:\.\d+)?|True|False|None|true|false|null)/.exec(
      this.text.slice(this.place, this.place + 40),
    );
    if (match === null) throw new Error(`a text is expected at character ${this.place + 1}`);
    this.place += match[0].length;
    return match[0];
  }

  private quoted(quote: string): string {
    let read = '';
    for (this.place += 1; this.place < this.text.length; this.place++) {
      const letter = this.text[this.place]!;
      if (letter === quote) {
        this.place += 1;
        return read;
      }
      read += letter === '\\' ? this.escaped() : letter;
    }
    throw new Error('a text is not closed');
  }

  /** Stands on the backslash, and leaves on the last letter of what it means. */
  private escaped(): string {
    const letter = this.text[(this.place += 1)] ?? '';
    if (letter === 'u') {
      const digits = /^[0-9a-fA-F]{4}/.exec(this.text.slice(this.place + 1, this.place + 5));
      if (digits === null) throw new Error(`"\\u" is not followed by four digits at character ${this.place + 1}`);
      this.place += 4;
      return String.fromCharCode(parseInt(digits[0], 16));
    }
    if (letter === '\\' || letter === '"' || letter === "'" || letter === '/') return letter;
    // As in Python, where a backslash that means nothing stands for itself: `\d` of a pattern.
    return ESCAPES[letter] ?? `\\${letter}`;
  }

  private skipBlanks(): void {
    while (/\s/.test(this.text[this.place] ?? '')) this.place += 1;
  }
}
