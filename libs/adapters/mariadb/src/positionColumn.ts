import { ORIGIN, assert, parsePosition, type Position } from '@wherefore/model';

const EPOCH_DIGITS = 10;
const OFFSET_DIGITS = 15;
const INDEX_DIGITS = 10;

/** Type of a column that holds a position: one value to compare and to index, readable in any client. */
export const POSITION_COLUMN = `CHAR(${EPOCH_DIGITS + OFFSET_DIGITS + INDEX_DIGITS + 2}) CHARACTER SET ascii COLLATE ascii_bin NOT NULL`;

/** `0000000001.000000000001042.0000000000`: of one length, so that the order of texts is the order of positions. */
export function positionText({ epoch, offset, index }: Position): string {
  return `${digits(epoch, EPOCH_DIGITS)}.${digits(offset, OFFSET_DIGITS)}.${digits(index, INDEX_DIGITS)}`;
}

/** Reads what `positionText` wrote. */
export function positionOf(text: unknown): Position {
  return parsePosition(String(text));
}

export const ORIGIN_TEXT = positionText(ORIGIN);

function digits(value: number, count: number): string {
  const text = String(value);
  assert(/^\d+$/.test(text) && text.length <= count, `${text} is no part of a position`);
  return text.padStart(count, '0');
}
