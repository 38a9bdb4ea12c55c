import type { AnsweredAt, AskedMoment } from '@wherefore/contract';
import { initialState, logTimeAfter } from '@wherefore/engine';
import { ORIGIN, WhereforeError, formatPosition } from '@wherefore/model';
import type { Answered } from '@wherefore/runtime';
import { lateArrivals } from './lateArrivals';
import type { AnswerSource } from './source';
import type { Viewer } from './viewer';
import { isoTime } from './views';

/** Says which moment an answer is of, and what its reader should know about it and may. */
export async function describeMoment(
  source: AnswerSource,
  { moment, warnings }: Pick<Answered, 'moment' | 'warnings'>,
  { atMs, position: asked }: AskedMoment,
  nowMs: number,
  viewer: Viewer,
  more: readonly string[],
): Promise<AnsweredAt> {
  const { position, ordinal, logTimeMs } = moment;
  const isTime = atMs !== undefined && asked === undefined;
  const late = isTime ? await lateArrivals(source, position, atMs, viewer) : [];
  const ahead = isTime && atMs > nowMs ? [`${isoTime(atMs)} is still to come: this is what is known now`] : [];
  // How the store and the sources are is for those who operate them.
  const operational = viewer.sees === 'everything' ? [...warnings, ...late, ...more] : late;
  return {
    at: isoTime(asked !== undefined ? logTimeMs : (atMs ?? nowMs)),
    knownAt: isoTime(logTimeMs),
    position: formatPosition(position),
    ordinal,
    warnings: [...ahead, ...operational],
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
