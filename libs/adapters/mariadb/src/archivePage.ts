import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { BOUNDARY_LIMITS, WhereforeError, type LogEntry, type Position } from '@wherefore/model';
import { bytesOf, lineOf, type ArchivedEntry, type LineBytes, type LineReader } from '@wherefore/ports';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** A page holds so many entries, or so many bytes before compression, whichever comes first. */
export const PAGE_ENTRIES_MAX = 256;
export const PAGE_RAW_BYTES_MAX = 1024 * 1024;

const FORMAT = 1;
const COMPRESSION_LEVEL = 1;

/** A page of 256 rows is opened in one piece: for each piece another thread has to be woken, and wake this one. */
const OPENED_AT_ONCE_BYTES = 256 * 1024;

/** What stands before the entries takes less for each. */
const PLACE_BYTES = 16;

/** Entries that follow one another, as they are stored together: each by its bytes, on its way in or out unread. */
export interface Page {
  readonly entries: readonly LineBytes[];
  readonly rawBytes: number;
}

/** Rejects `entry-too-large`. */
export function packEntry(entry: LogEntry): LineBytes {
  const read = bytesOf(entry);
  if (read !== undefined && read.to - read.from <= BOUNDARY_LIMITS.entryBytesMax) return read;
  const bytes = Buffer.from(lineOf(entry));
  return { position: entry.position, bytes, from: 0, to: bytes.length };
}

/** Cuts entries into pages, each as full as may be. */
export function cutPages(entries: readonly LineBytes[]): Page[] {
  const pages: Page[] = [];
  let open: LineBytes[] = [];
  let rawBytes = 0;
  const finish = () => {
    if (open.length > 0) pages.push({ entries: open, rawBytes });
    open = [];
    rawBytes = 0;
  };
  for (const entry of entries) {
    const byteCount = entry.to - entry.from;
    if (open.length === PAGE_ENTRIES_MAX || rawBytes + byteCount > PAGE_RAW_BYTES_MAX) finish();
    open.push(entry);
    rawBytes += byteCount;
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
  for (const { position, from, to } of entries) {
    numbers.write(position.epoch - before.epoch);
    numbers.write(position.epoch === before.epoch ? position.offset - before.offset : position.offset);
    numbers.write(position.index);
    numbers.write(to - from);
    before = position;
  }
  const head = numbers.bytes();
  const raw = Buffer.allocUnsafeSlow(head.length + rawBytes);
  let at = head.copy(raw);
  for (const { bytes, from, to } of entries) {
    raw.set(bytes.subarray(from, to), at);
    at += to - from;
  }
  return Buffer.concat([Buffer.of(FORMAT), await deflate(raw, { level: COMPRESSION_LEVEL })]);
}

/** A page that was opened: its entries are read one by one. */
export class OpenPage {
  /** Where every character is a byte, as nearly everywhere, the lines are parts of one text. */
  private readonly text: string | undefined;

  constructor(
    readonly entries: readonly LineBytes[],
    private readonly raw: Buffer,
    /** Where the entries begin. */
    private readonly begin: number,
  ) {
    const text = raw.toString('utf8', begin);
    this.text = text.length === raw.length - begin ? text : undefined;
  }

  /** The entry at that place, with its place in the count. */
  read(index: number, ordinal: number, lines: LineReader): ArchivedEntry {
    const { position, from, to } = this.entries[index]!;
    const { text, raw, begin } = this;
    if (text === undefined) return lines.read(raw.toString('utf8', from, to), position, ordinal);
    return lines.readPart({ text, from: from - begin, to: to - begin }, position, ordinal);
  }
}

/** Reads what `encodePage` wrote. Rejects `store-corrupt`, and `store-newer` for an unknown format. */
export async function openPage(page: Buffer): Promise<OpenPage> {
  const { entries, raw, begin } = await unpacked(page);
  return new OpenPage(entries, raw, begin);
}

/** The same of entries that nobody is going to read. Small pages take little memory where it is known how long they are. */
export async function unpackPage(page: Buffer, count: number, rawBytes: number): Promise<readonly LineBytes[]> {
  const wholeBytes = rawBytes + (count + 1) * PLACE_BYTES;
  return (await unpacked(page, Math.min(wholeBytes, OPENED_AT_ONCE_BYTES))).entries;
}

interface Unpacked {
  readonly entries: readonly LineBytes[];
  readonly raw: Buffer;
  readonly begin: number;
}

async function unpacked(page: Buffer, chunkSize = OPENED_AT_ONCE_BYTES): Promise<Unpacked> {
  if (page[0] !== FORMAT) {
    throw new WhereforeError('store-newer', `a page of the archive has format ${page[0]}`, {
      hint: `This program reads format ${FORMAT}. Use the newer one that wrote it.`,
    });
  }
  try {
    return unpack(await inflate(page.subarray(1), { chunkSize }));
  } catch (cause) {
    throw new WhereforeError('store-corrupt', 'a page of the archive cannot be read', {
      hint: 'Restore the database from a backup, or switch over to a replica.',
      cause,
    });
  }
}

function unpack(raw: Buffer): Unpacked {
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
  let to = begin;
  const entries = places.map(({ position, length }) => {
    const from = to;
    to += length;
    return { position, bytes: raw, from, to };
  });
  if (to !== raw.length) throw new RangeError(`${raw.length - to} bytes are left over`);
  return { entries, raw, begin };
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
