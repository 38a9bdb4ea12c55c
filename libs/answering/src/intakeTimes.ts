import type { Archive } from '@wherefore/ports';
import { EntryBook } from './entryBook';

const REMEMBERED_MAX = 200_000;

/**
 * When entries were taken in, by their number. The archive is never rewritten, so what was looked up once
 * is remembered: a list of alarms asks for the same entries again and again.
 */
export class IntakeTimes {
  private readonly remembered = new Map<number, string>();

  constructor(private readonly archive: Archive) {}

  /** Times of all of these, empty where an entry is not archived. O(those not asked for before). */
  async of(ordinals: readonly number[]): Promise<(ordinal: number) => string> {
    const unknown = ordinals.filter((ordinal) => !this.remembered.has(ordinal));
    if (unknown.length === 0) return this.timeOf;
    const book = await EntryBook.open(this.archive, unknown);
    if (this.remembered.size + unknown.length > REMEMBERED_MAX) this.remembered.clear();
    for (const ordinal of unknown) {
      const time = book.timeOf(ordinal);
      // One that is not there yet may come.
      if (time !== '') this.remembered.set(ordinal, time);
    }
    const known = this.timeOf;
    return (ordinal) => known(ordinal) || book.timeOf(ordinal);
  }

  private readonly timeOf = (ordinal: number): string => this.remembered.get(ordinal) ?? '';
}
