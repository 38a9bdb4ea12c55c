import type { AnsweredAt } from '@wherefore/contract';
import { initialState, logTimeAfter } from '@wherefore/engine';
import { ORIGIN, WhereforeError, formatPosition } from '@wherefore/model';
import type { Answered } from '@wherefore/runtime';
import { lateArrivals } from './lateArrivals';
import type { AnswerSource } from './source';
import { isoTime } from './views';

/** Says which moment an answer is of, and what a reader should know about it. */
export async function describeMoment(
  source: AnswerSource,
  { moment, warnings }: Pick<Answered, 'moment' | 'warnings'>,
  atMs: number | undefined,
  nowMs: number,
  more: readonly string[],
): Promise<AnsweredAt> {
  const { position, ordinal, logTimeMs } = moment;
  const late = atMs === undefined ? [] : await lateArrivals(source, position, atMs);
  const ahead =
    atMs !== undefined && atMs > nowMs ? [`${isoTime(atMs)} is still to come: this is what is known now`] : [];
  return {
    at: isoTime(atMs ?? nowMs),
    knownAt: isoTime(logTimeMs),
    position: formatPosition(position),
    ordinal,
    warnings: [...ahead, ...warnings, ...late, ...more],
  };
}

/** Adds to the failure what the first moment is that can be asked for. */
export async function beforeFirstEntry({ archive }: AnswerSource, cause: WhereforeError): Promise<WhereforeError> {
  const [first] = await archive.readRange(ORIGIN, 1);
  if (first === undefined) return cause;
  const firstAt = isoTime(logTimeAfter(initialState(), first));
  return new WhereforeError('before-first-entry', cause.message, {
    hint: `The first entry is of ${firstAt}; ask for that time or a later one.`,
    data: { firstAt },
    cause,
  });
}
