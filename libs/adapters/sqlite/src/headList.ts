import type { NewEntry, RowHead } from '@wherefore/model';

/** What stands between two bodies of a list. No body has a line of its own end in it: it was written by `JSON.stringify`. */
export const BODY_SEPARATOR = ',\n';

/** An entry, or one of a row, with its sample date in place of the event. */
export type Head = NewEntry | RowHead;

/** The rows of a poll differ in their ids: what all others share. */
interface Pattern {
  /** The text before the id. */
  readonly before: string;
  /** From the end of an id to the next body. */
  readonly after: string;
  /** From the end of one id to the beginning of the next. */
  readonly between: string;
  readonly head: RowHead;
}

/**
 * Parses the bodies of a list, of which `isRow` tells those of rows. Rows that differ from one before them in nothing
 * but their ids, as those of a poll do, are told apart by one search for the text between two ids, and share everything
 * else with that one. Throws what `JSON.parse` throws.
 */
export class HeadList {
  private pattern: Pattern | undefined;

  parse(text: string, count: number, isRow: (at: number) => boolean): Head[] {
    // An id with an escape in it does not end at the next quotation mark.
    if (text.includes('\\')) return JSON.parse(`[${text}]`) as Head[];
    // As if another body followed, so that the last one ends as all others do.
    const closed = text + BODY_SEPARATOR;
    const heads: Head[] = [];
    let unparsedFrom = -1;
    const parseBefore = (end: number): void => {
      if (unparsedFrom < 0) return;
      for (const head of JSON.parse(`[${text.slice(unparsedFrom, end)}]`) as Head[]) heads.push(head);
      unparsedFrom = -1;
    };
    for (let [at, start] = [0, 0]; at < count;) {
      const ids = isRow(at) ? this.idsAt(closed, start, count - at) : NONE;
      if (ids.length > 0) {
        parseBefore(start - BODY_SEPARATOR.length);
        const { head, between } = this.pattern!;
        for (let i = 0; i < ids.length && isRow(at); i++, at++) {
          const id = ids[i]!;
          heads.push({ ...head, id });
          start += id.length + between.length;
        }
        continue;
      }
      const end = closed.indexOf(BODY_SEPARATOR, start);
      if (unparsedFrom < 0) unparsedFrom = start;
      if (isRow(at)) this.pattern = patternOf(text.slice(start, end));
      start = end + BODY_SEPARATOR.length;
      at += 1;
    }
    parseBefore(text.length);
    return heads;
  }

  /** The ids of the bodies of the pattern that stand here one after another, at most so many. */
  private idsAt(text: string, start: number, countMax: number): readonly string[] {
    if (this.pattern === undefined) return NONE;
    const { before, between } = this.pattern;
    if (!text.startsWith(before, start)) return NONE;
    const ids: string[] = [];
    let idStart = start + before.length;
    // A search of the whole text is worth it where at least two stand together.
    for (let end = this.endOfId(text, idStart); end >= 0; end = this.endOfId(text, idStart)) {
      ids.push(text.slice(idStart, end));
      idStart = end + between.length;
      if (ids.length === countMax || !text.startsWith(before, idStart - before.length)) return ids;
      if (ids.length === 2) break;
    }
    if (ids.length < 2) return ids;
    for (const piece of text.slice(idStart).split(between, countMax - 2)) {
      const end = text.indexOf('"', idStart);
      const isId = end === idStart + piece.length || this.endOfId(text, idStart) >= 0;
      if (!isId) return ids;
      ids.push(text.slice(idStart, end));
      idStart = end + between.length;
    }
    return ids;
  }

  /** Where the id ends that begins here, if its body is of the pattern; else -1. */
  private endOfId(text: string, idStart: number): number {
    const { after } = this.pattern!;
    const end = text.indexOf('"', idStart);
    return end >= 0 && text.startsWith(after, end) ? end : -1;
  }
}

const NONE: readonly string[] = [];

const ID = '"id":"';

/** The pattern of a body, if its id can be told by its text: tried on another id. */
function patternOf(body: string): Pattern | undefined {
  const idStart = body.indexOf(ID) + ID.length;
  const idEnd = body.indexOf('"', idStart);
  if (idStart < ID.length || idEnd < 0) return undefined;
  const [before, after] = [body.slice(0, idStart), body.slice(idEnd)];
  const between = after + BODY_SEPARATOR + before;
  const [own, head] = JSON.parse(`[${body},${before}?${after}]`) as [RowHead, RowHead];
  return head.id === '?' && own.id === body.slice(idStart, idEnd)
    ? { before, after: after + BODY_SEPARATOR, between, head }
    : undefined;
}
