/** Of so many items the text is kept together: few enough that a change costs little, many enough that a copy does. */
const CHUNK = 64;

interface Kept<T> {
  readonly items: readonly T[];
  readonly marks: readonly number[];
  readonly bytes: Uint8Array;
}

/**
 * The text of lists that come again and again with few of their items changed, as bytes: what was written of a run of
 * items is sent again while it is the same objects, with the same marks, at the same place. It is kept as long as the
 * first of them is.
 */
export class KeptChunks<T extends object> {
  private readonly kept = new WeakMap<T, Kept<T>>();

  /**
   * `text` gives the text of an item, beginning with a comma; `marks` have so many numbers for each item, which is
   * everything else that the text depends on.
   */
  constructor(
    private readonly marksEach: number,
    private readonly text: (item: T, marks: readonly number[], at: number) => string,
  ) {}

  /** The items as bytes in order, separated by commas. Nobody changes the bytes, nor gives them away. */
  *slices(items: readonly T[], marks: readonly number[]): Generator<Uint8Array> {
    for (let from = 0; from < items.length; from += CHUNK) {
      const bytes = this.chunk(items, marks, from, Math.min(items.length, from + CHUNK));
      yield from === 0 ? bytes.subarray(1) : bytes;
    }
  }

  private chunk(items: readonly T[], marks: readonly number[], from: number, to: number): Uint8Array {
    const { marksEach } = this;
    const known = this.kept.get(items[from]!);
    if (known !== undefined && isSameRun(known.items, items, from, to)) {
      if (isSameRun(known.marks, marks, from * marksEach, to * marksEach)) return known.bytes;
    }
    let text = '';
    for (let at = from; at < to; at++) text += this.text(items[at]!, marks, at * marksEach);
    const bytes = Buffer.from(text);
    const ofMarks = marks.slice(from * marksEach, to * marksEach);
    this.kept.set(items[from]!, { items: items.slice(from, to), marks: ofMarks, bytes });
    return bytes;
  }
}

/** Whether `run` is what stands in `all` from one place to before another. */
function isSameRun<T>(run: ArrayLike<T>, all: ArrayLike<T>, from: number, to: number): boolean {
  if (run.length !== to - from) return false;
  for (let at = from; at < to; at++) if (all[at] !== run[at - from]) return false;
  return true;
}
