import { WhereforeError, formatPosition, type LogEntry, type NewEntry, type Position } from '@wherefore/model';
import { encodeLine, LineReader, type LinePlace } from '@wherefore/ports';

/**
 * What a message of the stream is. Most are batches of entries. `hello` is the first message of every
 * stream and names it. A `mark` carries nothing: whoever published it waits for it to come by, and knows
 * then that everything confirmed before has come by as well.
 */
export type MessageKind = 'batch' | 'hello' | 'mark';

/** Headers of a message. AMQP gives them back as plain values. */
export interface MessageHeaders {
  readonly 'wherefore-kind': MessageKind;
  /** The stream's id for `hello`, the waiter's for `mark`. */
  readonly 'wherefore-id'?: string;
}

export const CONTENT_TYPE = 'application/x-ndjson';

const NEWLINE = 0x0a;
/** A word of a key that stands for several. */
const MIXED = 'mixed';

const PIECE_BYTES = 64 * 1024;

/** A body of entries: a line of JSON each. Throws `entry-too-large` if any of them is. */
export function encodeBody(entries: readonly NewEntry[]): Buffer {
  const lines = entries.map(encodeLine);
  let byteCount = Math.max(lines.length - 1, 0);
  for (const line of lines) byteCount += Buffer.byteLength(line);
  // Each is written where it belongs: one text of them all would be a copy more.
  const body = Buffer.allocUnsafe(byteCount);
  let at = 0;
  for (const line of lines) {
    if (at > 0) body[at++] = NEWLINE;
    at += body.write(line, at);
  }
  return body;
}

/**
 * The entries of a body, with their positions. It is made text in pieces: what is longer than 128 kB grows old in memory
 * at once. Throws `store-corrupt` for what this program never wrote.
 */
export function decodeBody(
  body: Uint8Array,
  epoch: number,
  offset: number,
  lines: LineReader = new LineReader(),
): LogEntry[] {
  const entries: LogEntry[] = [];
  if (body.length === 0) return entries;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  for (let begin = 0; begin <= bytes.length;) {
    const end = endOfPiece(bytes, begin);
    const text = bytes.toString('utf8', begin, end);
    // Where every character is a byte, as nearly everywhere, a line is known by its bytes, too.
    const plain = text.length === end - begin ? bytes : undefined;
    for (let from = 0; from <= text.length;) {
      const newline = text.indexOf('\n', from);
      const to = newline < 0 ? text.length : newline;
      const position: Position = { epoch, offset, index: entries.length };
      entries.push(readLine({ text, from, to, bytes: plain, textAt: begin }, position, lines));
      from = to + 1;
    }
    begin = end + 1;
  }
  return entries;
}

/** The end of the last line that fits into a piece, at least of one. */
function endOfPiece(bytes: Buffer, begin: number): number {
  if (bytes.length - begin <= PIECE_BYTES) return bytes.length;
  const last = bytes.lastIndexOf(NEWLINE, begin + PIECE_BYTES);
  if (last >= begin) return last;
  const next = bytes.indexOf(NEWLINE, begin + PIECE_BYTES);
  return next < 0 ? bytes.length : next;
}

function readLine(place: LinePlace, position: Position, lines: LineReader): LogEntry {
  try {
    return lines.readPart(place, position);
  } catch (cause) {
    throw new WhereforeError('store-corrupt', `the entry at ${formatPosition(position)} of the stream is no JSON`, {
      hint: 'Something other than Wherefore publishes to its exchange. Stop it, and open a new epoch.',
      cause,
    });
  }
}

/** `<source>.<kind>` when all entries agree in it; other consumers may bind to it. */
export function routingKeyOf(entries: readonly NewEntry[]): string {
  const [first] = entries;
  if (first === undefined) return 'none.none';
  const word = (of: (entry: NewEntry) => string): string => {
    const value = of(first);
    const isOne = entries.every((entry) => of(entry) === value);
    // A dot would be one word more. 255 bytes is what AMQP takes.
    return isOne ? value.replaceAll('.', '_').slice(0, 60) : MIXED;
  };
  return `${word(({ source }) => source)}.${word(({ kind }) => kind)}`;
}

/** The key of a message of several bodies, each of which has one of its own. At least one. */
export function commonKey(keys: readonly string[]): string {
  const [first, ...rest] = [...new Set(keys)].map((key) => key.split('.'));
  return first!.map((word, at) => (rest.every((words) => words[at] === word) ? word : MIXED)).join('.');
}
