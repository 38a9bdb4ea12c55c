import type { JsonObject } from '@wherefore/model';
import { type DriverFrame, driverEvent } from './driverEvent';
import type { ReadingOptions } from './readingOptions';

/** How one kind of answer is read as a poll of one datasource. */
export interface AnswerReader {
  readonly datasource: string;
  readonly category: 'RESOURCE' | 'ALARM';
  /** The field that holds the list; undefined when the answer is the list. */
  readonly list: string | undefined;
  /** The field of a row that names its entity, or the fields: then the id is the values with `@` between. */
  readonly id: string | readonly string[];
  /** The driver event of a row; undefined for a row that is no entity. */
  readonly read: (frame: DriverFrame, row: JsonObject, options: ReadingOptions) => JsonObject | undefined;
}

/** An answer's name, without the suffix of a microversion, and the polls that it amounts to, in order. */
export type NamedReaders = readonly [name: string, readers: readonly AnswerReader[]];

/** A reader of resources. */
export function reader(
  datasource: string,
  list: string | undefined,
  id: AnswerReader['id'],
  read: AnswerReader['read'],
): AnswerReader {
  return { datasource, category: 'RESOURCE', list, id, read };
}

/** Reads a row by copying the named fields. */
export function only(names: readonly string[]): AnswerReader['read'] {
  return (frame, row) => driverEvent(frame, row, names);
}
