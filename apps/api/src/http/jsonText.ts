/** A body that is JSON already, in pieces that are made when they are sent: texts, or the bytes of texts. */
export class JsonText {
  constructor(readonly pieces: Iterable<string | Uint8Array>) {}
}

/** A list of what is JSON already. */
export function listText(items: readonly string[]): JsonText {
  return new JsonText([`[${items.join(',')}]`]);
}

/** A slice takes a few milliseconds to make. */
const SLICE_CHARS = 256 * 1024;

/** The pieces as bytes; texts are joined to slices that are worth a write. */
export function* slicesOf({ pieces }: JsonText): Generator<Uint8Array> {
  let slice: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    const isText = typeof piece === 'string';
    if (isText) {
      slice.push(piece);
      length += piece.length;
    }
    if (length >= SLICE_CHARS || (!isText && length > 0)) {
      yield Buffer.from(slice.join(''));
      slice = [];
      length = 0;
    }
    if (!isText) yield piece;
  }
  if (length > 0) yield Buffer.from(slice.join(''));
}

export function* beginning(first: string, rest: Iterable<string | Uint8Array>): Generator<string | Uint8Array> {
  yield first;
  yield* rest;
}
