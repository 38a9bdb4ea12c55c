import { WhereforeError } from '@wherefore/model';
import { INSTANT_EXAMPLES } from './instantExamples';
import { endOf, type LocalFields, momentOfFields, type Precision } from './localMoment';

/** A moment as an expression named it. */
export interface ParsedInstant {
  /** The last millisecond of what the expression names: of the minute, the second, the day. */
  readonly atMs: number;
  /** The first millisecond of it. */
  readonly startMs: number;
  /** How finely the expression names a moment; `instant` for "now" and "10 minutes ago". */
  readonly precision: Precision;
  /** What a reader should know about how it was understood, such as a clock that was put back. */
  readonly note?: string;
}

/** The span that the fields name. Throws `invalid-time` where calendar or clock have no such time. */
export function resolve(
  expression: string,
  fields: LocalFields,
  precision: Precision,
  offset: number | undefined,
): ParsedInstant {
  const { month, day, hour, minute, second, year } = fields;
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth)
    throw unreadable(expression, 'the calendar has no such day');
  if (hour > 23 || minute > 59 || second > 59) throw unreadable(expression, 'the clock has no such time');
  const { ms, note } = endOf(fields, precision, offset);
  if (ms < 0) throw unreadable(expression, 'that is before 1970');
  const { ms: startMs } = momentOfFields(fields, offset);
  return {
    atMs: ms,
    startMs: precision === 'instant' ? ms : startMs,
    precision,
    ...(note === undefined ? {} : { note }),
  };
}

/** What is thrown of an expression that cannot be read. */
export function unreadable(expression: string, why: string): WhereforeError {
  return new WhereforeError('invalid-time', `"${expression}" cannot be read as a time: ${why}`, {
    hint: `Write for instance ${INSTANT_EXAMPLES.join(', ')}.`,
  });
}
