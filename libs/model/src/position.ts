import { WhereforeError } from './errors';

/**
 * Names a moment of the log. Positions are totally ordered by epoch, then offset, then index.
 *
 * `epoch` counts the streams the log has lived in, `offset` is the place in that stream (strictly
 * increasing, gaps allowed), `index` the place within a batch that shares one offset.
 */
export interface Position {
  readonly epoch: number;
  readonly offset: number;
  readonly index: number;
}

/** Before every entry. */
export const ORIGIN: Position = Object.freeze({ epoch: 0, offset: 0, index: 0 });

/** Negative when `a` comes before `b`, zero when they are the same moment. */
export function comparePositions(a: Position, b: Position): number {
  return a.epoch - b.epoch || a.offset - b.offset || a.index - b.index;
}

/** `1.1042.0`: epoch, offset, index. Not sortable as text; parse before comparing. */
export function formatPosition(position: Position): string {
  return `${position.epoch}.${position.offset}.${position.index}`;
}

/** Reads what `formatPosition` wrote. Throws `invalid-position`. */
export function parsePosition(text: string): Position {
  const match = /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})$/.exec(text);
  if (!match) {
    throw new WhereforeError('invalid-position', `"${text}" is not a position`, {
      hint: 'Positions look like 1.1042.0 (epoch.offset.index).',
    });
  }
  return { epoch: Number(match[1]), offset: Number(match[2]), index: Number(match[3]) };
}
