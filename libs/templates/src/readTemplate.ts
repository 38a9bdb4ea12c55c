import type { Json, JsonObject, TemplateSource } from '@wherefore/model';
import { isJsonObject } from '@wherefore/model';
import {
  type Alias,
  Composer,
  type CST,
  type Document,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  visit,
} from 'yaml';
import { type Path, type TemplateFault, type TextPlace, reportFinding, shapeFinding } from './fault';

const TEXT_LENGTH_MAX = 256 * 1024;
const DEPTH_MAX = 64;
// Blanks, line ends and indicators count too: as people write them, the longest template allowed has 60,000.
const LEXEMES_MAX = 100_000;
// Aliases are expanded, so this bounds what a "billion laughs" text can grow to.
const NODES_MAX = 50_000;

/** A template's content with the places it was read from. */
export interface TemplateDocument {
  readonly path: string;
  /** Every scalar is a string; null and empty scalars are ''. */
  readonly content: JsonObject;
  /**
   * The place of the value at a path, of its key, or of an offset in it; else of the nearest thing
   * above that exists. O(path).
   */
  readonly locate: (path: Path, offset?: number | 'key') => TextPlace;
}

/** What reading gave: the document, or why the text is none. */
export type ReadOutcome =
  | { readonly kind: 'read'; readonly document: TemplateDocument }
  | { readonly kind: 'fault'; readonly fault: TemplateFault };

interface Span extends TextPlace {
  /** How far the first character of the value is from `column`; negative when offsets do not map. */
  readonly textStart: number;
}

class Unreadable extends Error {
  constructor(
    readonly detail: string,
    readonly offset: number,
    readonly hint: string,
  ) {
    super(detail);
  }
}

/**
 * Reads a template's text as YAML (of which JSON is a part) without giving scalars a type: `on`,
 * `3` and `false` are strings. Answers code 5 for text that is not YAML, has more than one document,
 * or is larger, deeper or more aliased than a template can sensibly be. O(text).
 */
export function readTemplate(source: TemplateSource): ReadOutcome {
  const lines = new LineCounter();
  try {
    const document = parseText(source.text, lines);
    const spans = new Map<string, Span>();
    const content = new ContentReader(document, lines, spans).read();
    const locate = (path: Path, offset?: number | 'key'): TextPlace => place(spans, path, offset);
    if (isJsonObject(content)) return { kind: 'read', document: { path: source.path, content, locate } };
    const finding = shapeFinding('expected a dictionary', [], 'A template starts with `metadata:`.');
    return { kind: 'fault', fault: reportFinding(finding, 'Template syntax validation', locate) };
  } catch (error) {
    // The YAML library is foreign code: whatever it throws on odd text is the text's fault.
    const unreadable =
      error instanceof Unreadable
        ? error
        : new Unreadable('the text cannot be parsed', 0, 'Check it with a YAML linter.');
    return { kind: 'fault', fault: unreadableFault(unreadable, lines) };
  }
}

function unreadableFault(error: Unreadable, lines: LineCounter): TemplateFault {
  const finding = { code: 5, path: [], detail: error.detail, hint: error.hint } as const;
  return reportFinding(finding, 'Template syntax validation', () => placeAt(lines, error.offset));
}

function placeAt(lines: LineCounter, offset: number): TextPlace {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function parseText(text: string, lines: LineCounter): Document {
  if (text.length > TEXT_LENGTH_MAX) {
    throw new Unreadable(
      `the text has ${text.length} characters, more than ${TEXT_LENGTH_MAX}`,
      0,
      'Split the template; definitions can be included.',
    );
  }
  const tokens = tokensOf(text, lines);
  refuseDepth(tokens);
  const composer = new Composer({ schema: 'failsafe', prettyErrors: false, keepSourceTokens: false });
  const documents = [...composer.compose(tokens, true, text.length)];
  const [document, second] = documents;
  if (document === undefined) throw emptyText();
  const error = document.errors[0];
  if (!error && document.contents === null) throw emptyText();
  if (error) throw new Unreadable(error.message, error.pos[0], hintFor(error.code));
  if (second !== undefined) {
    throw new Unreadable('more than one document', second.range[0], 'Give each template a text of its own.');
  }
  return document;
}

function emptyText(): Unreadable {
  return new Unreadable('the text is empty', 0, 'A template starts with `metadata:`.');
}

function hintFor(code: string): string {
  if (code === 'DUPLICATE_KEY') return 'A key can be given only once; one of the two would be lost.';
  if (code === 'TAB_AS_INDENT') return 'Indent with blanks, not with tabs.';
  return 'Check the indentation and the quotes around this place.';
}

/** As the parser itself goes about it, but no further than a template can sensibly go: a text of brackets alone takes seconds. */
function tokensOf(text: string, lines: LineCounter): CST.Token[] {
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  let openBrackets = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') openBrackets += 1;
    else if (lexeme === ']' || lexeme === '}') openBrackets -= 1;
    if (openBrackets > DEPTH_MAX) throw tooDeep();
    if (++lexemes > LEXEMES_MAX) {
      const detail = `more than ${LEXEMES_MAX} words and signs`;
      throw new Unreadable(detail, parser.offset, 'Split the template; definitions can be included.');
    }
    for (const token of parser.next(lexeme)) tokens.push(token);
  }
  return [...tokens, ...parser.end()];
}

function tooDeep(): Unreadable {
  return new Unreadable(`nested deeper than ${DEPTH_MAX} levels`, 0, 'Templates nest about eight levels deep.');
}

// The parser keeps its own stack but the composer recurses: look at the depth before it does.
function refuseDepth(tokens: readonly CST.Token[]): void {
  let level: readonly unknown[] = tokens;
  for (let depth = 0; level.length > 0; depth++) {
    // A node of the content is two levels of tokens: the collection and its items.
    if (depth > DEPTH_MAX * 2) throw tooDeep();
    const next: unknown[] = [];
    for (const token of level) {
      const { value, items, key } = token as { value?: unknown; items?: unknown; key?: unknown };
      if (Array.isArray(items)) for (const item of items) next.push(item);
      if (typeof value === 'object' && value !== null) next.push(value);
      if (typeof key === 'object' && key !== null) next.push(key);
    }
    level = next;
  }
}

/** What every alias stands for: the last node before it that is anchored so. One walk, where each alias by itself would take one. */
function anchoredNodes(document: Document): ReadonlyMap<Alias, Node | undefined> {
  const anchored = new Map<string, Node>();
  const found = new Map<Alias, Node | undefined>();
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) found.set(node, anchored.get(node.source));
      else if (node.anchor !== undefined) anchored.set(node.anchor, node);
    },
  });
  return found;
}

class ContentReader {
  private nodes = 0;
  private readonly anchored: ReadonlyMap<Alias, Node | undefined>;

  constructor(
    private readonly document: Document,
    private readonly lines: LineCounter,
    private readonly spans: Map<string, Span>,
  ) {
    this.anchored = anchoredNodes(document);
  }

  read(): Json {
    return this.value(this.document.contents, [], 0);
  }

  private value(node: Node | null, path: Path, depth: number): Json {
    const offset = node?.range?.[0] ?? 0;
    this.nodes += 1;
    if (this.nodes > NODES_MAX || depth > DEPTH_MAX) {
      throw new Unreadable(
        this.nodes > NODES_MAX ? `more than ${NODES_MAX} values` : `nested deeper than ${DEPTH_MAX} levels`,
        offset,
        'Aliases count as often as they are used.',
      );
    }
    if (node === null) return '';
    if (isAlias(node)) {
      const anchored = this.anchored.get(node);
      if (anchored) return this.value(anchored, path, depth + 1);
      throw new Unreadable(`nothing is anchored as "${node.source}"`, offset, 'Define the anchor before the alias.');
    }
    this.mark(path, node, offset);
    if (isScalar(node)) return scalarText(node);
    if (isSeq<Node>(node)) return node.items.map((item, index) => this.value(item, [...path, index], depth + 1));
    if (!isMap<Node, Node | null>(node)) return '';
    const entries = node.items.map((pair): [string, Json] => {
      if (!isScalar(pair.key)) throw new Unreadable('a key is not a scalar', offset, 'Keys are plain words.');
      const key = scalarText(pair.key);
      const keyPath = [...path, key];
      this.mark([...keyPath, KEY], pair.key, pair.key.range?.[0] ?? offset);
      return [key, this.value(pair.value, keyPath, depth + 1)];
    });
    return Object.fromEntries(entries);
  }

  private mark(path: Path, node: Node, offset: number): void {
    let textStart = -1;
    if (isScalar(node)) {
      const source = node.source ?? '';
      const singleLine = !source.includes('\n') && node.value === source;
      if (singleLine && node.type === 'PLAIN') textStart = 0;
      else if (singleLine && (node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE')) textStart = 1;
    }
    this.spans.set(spanKey(path), { ...placeAt(this.lines, offset), textStart });
  }
}

function scalarText(node: { readonly value: unknown; readonly type?: string }): string {
  const text = typeof node.value === 'string' ? node.value : '';
  return node.type === 'PLAIN' && /^(?:~|null|Null|NULL)$/.test(text) ? '' : text;
}

// Follows a path whose key is meant. No path ends in it: no key has a control character in front.
const KEY = '\u0000key';

function spanKey(path: Path): string {
  return path.join('\u0000');
}

function place(spans: ReadonlyMap<string, Span>, path: Path, offset?: number | 'key'): TextPlace {
  const key = offset === 'key' ? spans.get(spanKey([...path, KEY])) : undefined;
  if (key) return { line: key.line, column: key.column };
  for (let length = path.length; length >= 0; length--) {
    const span = spans.get(spanKey(path.slice(0, length)));
    if (!span) continue;
    const inside = length === path.length && typeof offset === 'number' && span.textStart >= 0;
    return { line: span.line, column: span.column + (inside ? span.textStart + offset : 0) };
  }
  return { line: 1, column: 1 };
}
