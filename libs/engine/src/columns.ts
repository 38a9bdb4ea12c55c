import { type ByteReader, ByteWriter, corrupt } from './byteCodec';

/** One column of numbers under way: written as differences, which are small where neighbours are alike. */
export class Column {
  private readonly bytes = new ByteWriter(256);
  private before = 0;
  count = 0;

  push(number: number): void {
    this.bytes.signed(number - this.before);
    this.before = number;
    this.count += 1;
  }

  finish(): Uint8Array {
    return this.bytes.finish();
  }
}

/** Columns by name, in the order in which they were first written to. */
export class Columns {
  private readonly columns = new Map<string, Column>();

  of(name: string): Column {
    let column = this.columns.get(name);
    if (column === undefined) this.columns.set(name, (column = new Column()));
    return column;
  }

  write(writer: ByteWriter): void {
    writer.unsigned(this.columns.size);
    for (const [name, column] of this.columns) {
      writer.text(name);
      writer.unsigned(column.count);
      writer.raw(column.finish());
    }
  }
}

/** Reads a column number by number, straight from the bytes. */
export class ColumnReader {
  private at = 0;
  private left: number;
  private before = 0;

  constructor(
    private readonly bytes: Uint8Array,
    readonly count: number,
  ) {
    this.left = count;
  }

  next(): number {
    if (--this.left < 0) throw corrupt('a column is too short');
    const { bytes } = this;
    if (this.at >= bytes.length) throw corrupt('a number runs beyond the end');
    const byte = bytes[this.at++]!;
    // One byte, mostly: an even one is a difference up, an odd one down.
    if (byte < 0x80) return (this.before += (byte & 1) === 0 ? byte >> 1 : -((byte + 1) >> 1));
    return (this.before += this.longer(byte));
  }

  /** All numbers that are left. */
  rest(): Float64Array {
    const numbers = new Float64Array(this.left);
    for (let i = 0; i < numbers.length; i++) numbers[i] = this.next();
    return numbers;
  }

  /** The same column from its beginning. */
  again(): ColumnReader {
    return new ColumnReader(this.bytes, this.count);
  }

  private longer(first: number): number {
    let folded = first & 0x7f;
    let scale = 0x80;
    for (;;) {
      const byte = this.bytes[this.at++];
      if (byte === undefined || scale > 2 ** 56) throw corrupt('a number runs beyond the end');
      folded += (byte & 0x7f) * scale;
      if (byte < 0x80) return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
      scale *= 0x80;
    }
  }
}

/** The columns of a snapshot by name. One that was never written to is empty. */
export class ColumnsReader {
  private readonly columns = new Map<string, ColumnReader>();

  constructor(reader: ByteReader) {
    for (let count = reader.unsigned(); count > 0; count--) {
      const name = reader.text();
      const length = reader.unsigned();
      this.columns.set(name, new ColumnReader(reader.raw(), length));
    }
  }

  of(name: string): ColumnReader {
    return this.columns.get(name) ?? new ColumnReader(NOTHING, 0);
  }
}

const NOTHING = new Uint8Array(0);
