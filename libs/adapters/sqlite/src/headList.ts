import type { NewEntry, RowHead } from '@wherefore/model';

/** What stands between two bodies of a list. No body has a line of its own end in it: it was written by `JSON.stringify`. */
export const BODY_SEPARATOR = ',\n';

/** An entry, or one of a row, with its sample date in place of the event. */
export type Head = NewEntry | RowHead;

/** The rows of a poll differ in their ids: what all others share. */
interface Pattern {
  /** The text before the id, and after it. */
  readonly before: string;
  readonly after: string;
  readonly head: RowHead;
}

/**
 * Parses the bodies of a list, of which `isRow` tells those of rows. A row that differs from one before it in
 * nothing but its id, as those of a poll do, is recognised by its text and shares everything else with that one. Throws
 * what `JSON.parse` throws.
 */
export class HeadList {
  private pattern: Pattern | undefined;

  parse(text: string, count: number, isRow: (at: number) => boolean): Head[] {
    // An id with an escape in it does not end at the next quotation mark.
    if (text.includes('\\')) return JSON.parse(`[${text}]`) as Head[];
    const heads: Head[] = [];
    let unparsedFrom = -1;
    const parseBefore = (end: number): void => {
      if (unparsedFrom < 0) return;
      for (const head of JSON.parse(`[${text.slice(unparsedFrom, end)}]`) as Head[]) heads.push(head);
      unparsedFrom = -1;
    };
    let start = 0;
    for (let at = 0; at < count; at++) {
      const id = isRow(at) ? this.idAt(text, start) : undefined;
      if (id !== undefined) {
        parseBefore(start - BODY_SEPARATOR.length);
        const { head, before, after } = this.pattern!;
        heads.push({ ...head, id });
        start += before.length + id.length + after.length + BODY_SEPARATOR.length;
        continue;
      }
      const found = text.indexOf(BODY_SEPARATOR, start);
      const end = found < 0 ? text.length : found;
      if (unparsedFrom < 0) unparsedFrom = start;
      if (isRow(at)) this.pattern = patternOf(text.slice(start, end));
      start = end + BODY_SEPARATOR.length;
    }
    parseBefore(text.length);
    return heads;
  }

  /** The id of the body that begins here, if it is of the pattern. */
  private idAt(text: string, start: number): string | undefined {
    if (this.pattern === undefined) return undefined;
    const { before, after } = this.pattern;
    if (!text.startsWith(before, start)) return undefined;
    const idStart = start + before.length;
    const idEnd = text.indexOf('"', idStart);
    if (idEnd < 0 || !text.startsWith(after, idEnd)) return undefined;
    const end = idEnd + after.length;
    if (end < text.length && !text.startsWith(BODY_SEPARATOR, end)) return undefined;
    return text.slice(idStart, idEnd);
  }
}

const ID = '"id":"';

/** The pattern of a body, if its id can be told by its text: tried on another id. */
function patternOf(body: string): Pattern | undefined {
  const idStart = body.indexOf(ID) + ID.length;
  const idEnd = body.indexOf('"', idStart);
  if (idStart < ID.length || idEnd < 0) return undefined;
  const [before, after] = [body.slice(0, idStart), body.slice(idEnd)];
  const [own, head] = JSON.parse(`[${body},${before}?${after}]`) as [RowHead, RowHead];
  return head.id === '?' && own.id === body.slice(idStart, idEnd) ? { before, after, head } : undefined;
}
