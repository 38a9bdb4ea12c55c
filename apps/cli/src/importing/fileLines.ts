import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { WhereforeError } from '@wherefore/model';
import { unreadable } from '../run/templateFiles';

const CHUNK_BYTES = 1 << 20;
const NEW_LINE = 0x0a;
/** No message is that long; what is longer is not held in memory. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;
const KEPT_BYTES = 4096;

/** What files of messages are handed around as and are not read as, by how it begins. */
const FORMS: readonly { readonly bytes: Buffer; readonly name: string; readonly remedy: string }[] = [
  { bytes: Buffer.from([0x1f, 0x8b]), name: 'compressed with gzip', remedy: 'gunzip FILE' },
  { bytes: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), name: 'compressed with zstd', remedy: 'unzstd FILE' },
  { bytes: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), name: 'compressed with xz', remedy: 'unxz FILE' },
  { bytes: Buffer.from('BZh'), name: 'compressed with bzip2', remedy: 'bunzip2 FILE' },
  { bytes: Buffer.from('PK\x03\x04', 'latin1'), name: 'a ZIP archive', remedy: 'unzip FILE' },
  { bytes: Buffer.from('SQLite format 3\0', 'latin1'), name: 'a database', remedy: 'export its rows as JSON' },
  { bytes: Buffer.from([0xff, 0xfe]), name: 'in UTF-16', remedy: 'iconv -f UTF-16 -t UTF-8 FILE' },
  { bytes: Buffer.from([0xfe, 0xff]), name: 'in UTF-16', remedy: 'iconv -f UTF-16 -t UTF-8 FILE' },
];
const BEGINNING_BYTES = 16;

/** A line of a file that is not blank. */
export interface FileLine {
  /** From 1. */
  readonly number: number;
  /** Where it begins in the file. */
  readonly offset: number;
  /** Without its end; of a line that is too long, only the beginning. */
  readonly bytes: Buffer;
  readonly isTooLong: boolean;
}

/** A file of lines that are read in pieces, or by their place. Throws `file-unreadable`. */
export class LineFile {
  private constructor(
    readonly path: string,
    private readonly descriptor: number,
    readonly byteCount: number,
  ) {}

  static open(path: string): LineFile {
    const beginning = Buffer.alloc(BEGINNING_BYTES);
    let file: LineFile;
    try {
      const descriptor = openSync(path, 'r');
      // A folder can be opened, and is refused only when it is read.
      readSync(descriptor, beginning, 0, BEGINNING_BYTES, 0);
      file = new LineFile(path, descriptor, fstatSync(descriptor).size);
    } catch (cause) {
      throw unreadable(path, cause);
    }
    const form = FORMS.find(({ bytes }) => beginning.subarray(0, bytes.length).equals(bytes));
    if (form === undefined) return file;
    file.close();
    throw new WhereforeError('file-unreadable', `${path} cannot be read: it is ${form.name}`, {
      hint: `Lines of JSON in UTF-8 are read. Make them first: ${form.remedy}`,
    });
  }

  close(): void {
    closeSync(this.descriptor);
  }

  /** Every line in the order of the file, in memory of a few pieces. */
  *lines(): Generator<FileLine> {
    const splitter = new LineSplitter();
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let at = 0; ;) {
      const size = this.read(chunk, at);
      if (size === 0) break;
      // The splitter keeps what it was given: each piece has memory of its own.
      yield* splitter.split(Buffer.from(chunk.subarray(0, size)));
      at += size;
    }
    yield* splitter.end();
  }

  /** The bytes at a place, as many of them as there are. */
  bytesAt(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, this.read(bytes, offset));
  }

  private read(into: Buffer, at: number): number {
    try {
      return readSync(this.descriptor, into, 0, into.length, at);
    } catch (cause) {
      throw unreadable(this.path, cause);
    }
  }
}

/** Puts lines together from pieces. Lines longer than `LINE_BYTES_MAX` are dropped but for their beginning. */
class LineSplitter {
  private pieces: Buffer[] = [];
  private held = 0;
  private length = 0;
  private offset = 0;
  private number = 0;

  *split(piece: Buffer): Generator<FileLine> {
    let start = 0;
    for (let end = piece.indexOf(NEW_LINE); end >= 0; end = piece.indexOf(NEW_LINE, start)) {
      this.hold(piece.subarray(start, end));
      yield* this.finish(1);
      start = end + 1;
    }
    this.hold(piece.subarray(start));
  }

  *end(): Generator<FileLine> {
    if (this.length > 0) yield* this.finish(0);
  }

  private hold(part: Buffer): void {
    this.length += part.length;
    if (this.length > LINE_BYTES_MAX && this.held > KEPT_BYTES) {
      this.pieces = [Buffer.from(Buffer.concat(this.pieces).subarray(0, KEPT_BYTES))];
      this.held = KEPT_BYTES;
    }
    if (this.length > LINE_BYTES_MAX && this.held >= KEPT_BYTES) return;
    this.pieces.push(part);
    this.held += part.length;
  }

  private *finish(separator: number): Generator<FileLine> {
    const bytes = this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces);
    const line = { number: ++this.number, offset: this.offset, bytes, isTooLong: this.length > LINE_BYTES_MAX };
    this.offset += this.length + separator;
    this.pieces = [];
    this.held = 0;
    this.length = 0;
    if (!isBlank(bytes)) yield line;
  }
}

function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  return true;
}
