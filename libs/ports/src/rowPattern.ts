import type { RowHead } from '@wherefore/model';

/**
 * How the line of a row begins: with its label, a member `row` of hash, length of the event's text, and sample date.
 * The name is written with an escape, as no `JSON.stringify` writes it: a program that parses the entry, alters it and
 * writes it anew leaves a member that is no label any more.
 */
export const OPENING = '{"\\u0072ow":["';

/** Before the values of these members, in the text of an entry. */
const ID = ',"id":"';
const EVENT = ',"event":';

/** The rows of a poll differ in their hashes, ids and events: what all others of them share. */
export interface Pattern {
  /** From the end of the number to the beginning of the id. */
  readonly beforeId: string;
  /** From the end of the id to the event. */
  readonly beforeEvent: string;
  readonly afterEvent: string;
  readonly head: RowHead;
}

/** Nothing where the head is not of the form. */
export function patternOf(head: RowHead): Pattern | undefined {
  const text = JSON.stringify(head);
  const [dateText, idText] = [JSON.stringify(head.event), JSON.stringify(head.id)];
  const idAt = text.indexOf(ID) + ID.length;
  const eventAt = text.indexOf(EVENT) + EVENT.length;
  if (idAt < ID.length || eventAt < idAt + idText.length) return undefined;
  return {
    beforeId: `,${dateText}],${text.slice(1, idAt)}`,
    beforeEvent: text.slice(idAt + idText.length - 2, eventAt),
    afterEvent: text.slice(eventAt + dateText.length),
    head,
  };
}
