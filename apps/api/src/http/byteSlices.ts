/** A slice takes about a millisecond to make, and is worth a write. */
const SLICE_BYTES = 256 * 1024;
/** Of one UTF-16 unit at most. */
const BYTES_PER_UNIT = 3;

/**
 * Text that is written as the bytes it is sent as, into slices: what is bytes already is copied, and no long text is
 * ever put together. Each slice has its memory for itself, so that it may move to another thread.
 */
export class ByteSlices {
  private slice = Buffer.allocUnsafeSlow(SLICE_BYTES);
  private length = 0;
  private readonly full: Uint8Array[] = [];

  bytes(bytes: Uint8Array): void {
    if (!this.hasRoom(bytes.length)) return void this.full.push(Uint8Array.from(bytes));
    this.slice.set(bytes, this.length);
    this.length += bytes.length;
  }

  text(text: string): void {
    if (!this.hasRoom(text.length * BYTES_PER_UNIT)) return void this.full.push(Uint8Array.from(Buffer.from(text)));
    this.length += this.slice.write(text, this.length);
  }

  /** Whether there is something to take. */
  get hasFull(): boolean {
    return this.full.length > 0;
  }

  /** The slices that are full by now; each is given once. */
  *taken(): Generator<Uint8Array> {
    yield* this.full.splice(0);
  }

  /** What is left. */
  *rest(): Generator<Uint8Array> {
    this.flush();
    yield* this.taken();
  }

  /** Makes room; says no to what is larger than a slice. What was written before then goes first. */
  private hasRoom(bytes: number): boolean {
    if (this.length + bytes > SLICE_BYTES) this.flush();
    return bytes <= SLICE_BYTES;
  }

  private flush(): void {
    if (this.length === 0) return;
    this.full.push(Uint8Array.prototype.slice.call(this.slice, 0, this.length));
    this.length = 0;
  }
}
