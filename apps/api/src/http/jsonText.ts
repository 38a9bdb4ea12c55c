/** A body that is JSON already, in pieces that are made when they are sent. */
export class JsonText {
  constructor(readonly pieces: Iterable<string>) {}
}

/** A list of what is JSON already. */
export function listText(items: readonly string[]): JsonText {
  return new JsonText([`[${items.join(',')}]`]);
}

/** A slice takes a few milliseconds to make. */
const SLICE_CHARS = 256 * 1024;

/** The pieces, joined to slices that are worth a write. */
export function* slicesOf({ pieces }: JsonText): Generator<string> {
  let slice: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    slice.push(piece);
    length += piece.length;
    if (length < SLICE_CHARS) continue;
    yield slice.join('');
    slice = [];
    length = 0;
  }
  yield slice.join('');
}

export function* beginning(first: string, rest: Iterable<string>): Generator<string> {
  yield first;
  yield* rest;
}
