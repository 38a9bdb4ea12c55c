/** Fields of a calendar and a clock; months count from 1. */
export interface LocalFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

/** The span that an expression names; `instant` is a millisecond. */
export type Precision = 'day' | 'minute' | 'second' | 'instant';

export interface Moment {
  readonly ms: number;
  /** Present where the clock of this zone was changed around that time. */
  readonly note?: string;
}

const SPAN_MS = { minute: 60_000, second: 1_000, instant: 1 } as const;

/** The last millisecond of the span that begins at the fields. */
export function endOf(fields: LocalFields, precision: Precision, offsetMinutes?: number): Moment {
  if (precision === 'day') return { ms: endOfDay(fields, offsetMinutes) };
  const start = momentOfFields(fields, offsetMinutes);
  return { ...start, ms: start.ms + SPAN_MS[precision] - 1 };
}

/** The instant at which a clock shows the fields: in the zone of the offset, else in the caller's. */
export function momentOfFields(fields: LocalFields, offsetMinutes?: number): Moment {
  const { year, month, day, hour, minute, second, millisecond } = fields;
  if (offsetMinutes !== undefined) {
    return { ms: Date.UTC(year, month - 1, day, hour, minute, second, millisecond) - offsetMinutes * 60_000 };
  }
  const ms = new Date(year, month - 1, day, hour, minute, second, millisecond).getTime();
  const date = new Date(ms);
  if (date.getHours() !== hour || date.getMinutes() !== minute) {
    return { ms, note: `The clock was put forward that day and skipped that time: ${formatClock(date)} is meant.` };
  }
  const later = sameReadingLater(date);
  if (later === undefined) return { ms };
  return {
    ms,
    note: `The clock was put back that day and showed that time twice: the first is meant; the second is ${later.toISOString()}.`,
  };
}

/** The day ends where the next one begins, which is not always after 24 hours nor at midnight. */
function endOfDay(fields: LocalFields, offsetMinutes: number | undefined): number {
  const { year, month, day } = fields;
  if (offsetMinutes !== undefined) return Date.UTC(year, month - 1, day + 1) - offsetMinutes * 60_000 - 1;
  return new Date(year, month - 1, day + 1).getTime() - 1;
}

/** The other instant of that day at which the clock shows the same; clocks go back by half an hour at least. */
function sameReadingLater(date: Date): Date | undefined {
  const inThreeHours = new Date(date.getTime() + 3 * 3_600_000);
  const putBackMinutes = inThreeHours.getTimezoneOffset() - date.getTimezoneOffset();
  if (putBackMinutes <= 0) return undefined;
  const later = new Date(date.getTime() + putBackMinutes * 60_000);
  return later.getHours() === date.getHours() && later.getMinutes() === date.getMinutes() ? later : undefined;
}

function formatClock(date: Date): string {
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
}
