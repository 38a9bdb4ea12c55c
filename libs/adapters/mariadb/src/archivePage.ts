import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { WhereforeError, type LogEntry, type Position } from '@wherefore/model';
import { lineOf, type ArchivedEntry, type LineReader } from '@wherefore/ports';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** A page holds so many entries, or so many bytes before compression, whichever comes first. */
export const PAGE_ENTRIES_MAX = 256;
export const PAGE_RAW_BYTES_MAX = 1024 * 1024;

const FORMAT = 1;
const COMPRESSION_LEVEL = 1;

/** A page of 256 rows is opened in one piece: for each piece another thread has to be woken, and wake this one. */
const OPENED_AT_ONCE_BYTES = 256 * 1024;

/** An entry on its way into a page, or out of one without being read. */
export interface PackedEntry {
  readonly position: Position;
  readonly line: string;
  /** Of the line in UTF-8. */
  readonly byteCount: number;
}

/** Entries that follow one another, as they are stored together. */
export interface Page {
  readonly entries: readonly PackedEntry[];
  readonly rawBytes: number;
}

/** Rejects `entry-too-large`. */
export function packEntry(entry: LogEntry): PackedEntry {
  const line = lineOf(entry);
  return { position: entry.position, line, byteCount: Buffer.byteLength(line) };
}

/** Cuts entries into pages, each as full as may be. */
export function cutPages(entries: readonly PackedEntry[]): Page[] {
  const pages: Page[] = [];
  let open: PackedEntry[] = [];
  let rawBytes = 0;
  const finish = () => {
    if (open.length > 0) pages.push({ entries: open, rawBytes });
    open = [];
    rawBytes = 0;
  };
  for (const entry of entries) {
    if (open.length === PAGE_ENTRIES_MAX || rawBytes + entry.byteCount > PAGE_RAW_BYTES_MAX) finish();
    open.push(entry);
    rawBytes += entry.byteCount;
  }
  finish();
  return pages;
}

/**
 * The bytes of a page: the format; then, compressed, the number of entries; for each the epoch, the
 * offset and the index of its position, and its length; then the entries. Numbers are of variable
 * length; an offset is told as the step from the one before while the epoch stays.
 */
export async function encodePage({ entries, rawBytes }: Page): Promise<Buffer> {
  const numbers = new NumberWriter();
  numbers.write(entries.length);
  let before: Position = { epoch: 0, offset: 0, index: 0 };
  for (const { position, byteCount } of entries) {
    numbers.write(position.epoch - before.epoch);
    numbers.write(position.epoch === before.epoch ? position.offset - before.offset : position.offset);
    numbers.write(position.index);
    numbers.write(byteCount);
    before = position;
  }
  const head = numbers.bytes();
  // One text and one piece of memory: a buffer for each entry costs more than everything else here.
  const raw = Buffer.allocUnsafeSlow(head.length + rawBytes);
  head.copy(raw);
  raw.write(entries.map(({ line }) => line).join(''), head.length);
  return Buffer.concat([Buffer.of(FORMAT), await deflate(raw, { level: COMPRESSION_LEVEL })]);
}

/** Reads what `encodePage` wrote. Rejects `store-corrupt`, and `store-newer` for an unknown format. */
export async function decodePage(page: Buffer): Promise<PackedEntry[]> {
  if (page[0] !== FORMAT) {
    throw new WhereforeError('store-newer', `a page of the archive has format ${page[0]}`, {
      hint: `This program reads format ${FORMAT}. Use the newer one that wrote it.`,
    });
  }
  try {
    return unpack(await inflate(page.subarray(1), { chunkSize: OPENED_AT_ONCE_BYTES }));
  } catch (cause) {
    throw new WhereforeError('store-corrupt', 'a page of the archive cannot be read', {
      hint: 'Restore the database from a backup, or switch over to a replica.',
      cause,
    });
  }
}

/** The entry itself, with its place in the count. */
export function unpackEntry({ position, line }: PackedEntry, ordinal: number, lines: LineReader): ArchivedEntry {
  return lines.read(line, position, ordinal);
}

function unpack(raw: Buffer): PackedEntry[] {
  const numbers = new NumberReader(raw);
  const count = numbers.read();
  const places: { position: Position; length: number }[] = [];
  let before: Position = { epoch: 0, offset: 0, index: 0 };
  for (let i = 0; i < count; i++) {
    const epoch = before.epoch + numbers.read();
    const step = numbers.read();
    const offset = epoch === before.epoch ? before.offset + step : step;
    before = { epoch, offset, index: numbers.read() };
    places.push({ position: before, length: numbers.read() });
  }
  const begin = numbers.at;
  const end = places.reduce((at, { length }) => at + length, begin);
  if (end !== raw.length) throw new RangeError(`${raw.length - end} bytes are left over`);
  const text = raw.toString('utf8', begin);
  // Where every character is a byte, as nearly everywhere, the lines are parts of one text.
  const isPlain = text.length === raw.length - begin;
  let start = begin;
  return places.map(({ position, length: byteCount }) => {
    const at = start;
    start += byteCount;
    const line = isPlain ? text.slice(at - begin, start - begin) : raw.toString('utf8', at, start);
    return { position, line, byteCount };
  });
}

/** Numbers up to 2⁵³, seven bits a byte, the low ones first. */
class NumberWriter {
  private readonly written: number[] = [];

  write(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.written.push((rest % 128) + 128);
    this.written.push(rest);
  }

  bytes(): Buffer {
    return Buffer.from(this.written);
  }
}

class NumberReader {
  at = 0;

  constructor(private readonly bytes: Buffer) {}

  read(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new RangeError('a number is cut off');
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  }
}
