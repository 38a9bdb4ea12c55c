/**
 * Brings the times of the recording to yesterday.
 *
 * The story is told on a clock of its own, from 16:50 to 18:00; what the recording did in nine minutes
 * is stretched over it, piece by piece. Within a piece time runs evenly, so that whatever happened first
 * stays first. The stack's piece was recorded after the failure and is told before it.
 */

/** When the host dies on the story's clock, in local time. */
export const FAILURE_CLOCK = '17:24:12';
/** When the story begins and ends. */
export const BEGIN_CLOCK = '16:50:00';
export const END_CLOCK = '18:00:30';

const DAY_SECONDS = 86_400;
const MICROS = 1_000_000;

/** Recorded instant, and the time on the story's clock that it becomes. */
type Anchor = readonly [recorded: string, clock: string];

const STORY: readonly Anchor[] = [
  ['2026-11-21T23:56:11.850Z', BEGIN_CLOCK],
  ['2026-11-21T23:56:39.573Z', '16:52:00'], // the first server is booted
  ['2026-11-21T23:58:00.241Z', '16:58:00'], // everything runs
  ['2026-11-21T23:59:19.895Z', '17:05:00'], // the work of an ordinary day is done
  ['2026-11-21T23:59:47.600Z', '17:10:00'], // the errors are cleared away
  ['2026-11-21T23:59:47.725Z', FAILURE_CLOCK],
  ['2026-11-22T00:00:05.253Z', '17:24:29.528'], // nova-api first shows the service as down, in real pace
  ['2026-11-22T00:00:11.680Z', '17:27:20'], // forced down
  ['2026-11-22T00:00:13.401Z', '17:28:00'], // evacuated
  ['2026-11-22T00:00:16.600Z', '17:28:12'],
  ['2026-11-22T00:00:31.050Z', '17:38:10'], // the service is back
  ['2026-11-22T00:00:36.100Z', '17:38:15'],
];

const STACK: readonly Anchor[] = [
  ['2026-11-22T00:03:46.500Z', '17:12:00'],
  ['2026-11-22T00:03:59.000Z', '17:13:00'],
];

interface Piece {
  readonly fromMicros: number;
  readonly toMicros: number;
  /** Offset from the failure. */
  readonly startMicros: number;
  readonly pace: number;
}

const PIECES: readonly Piece[] = [...pieces(STORY), ...pieces(STACK)];

/** Milliseconds from the failure to a time `HH:MM:SS` or `HH:MM:SS.fff` on the story's clock. */
export function clockOffsetMs(clock: string): number {
  return Math.round((secondsOf(clock) - secondsOf(FAILURE_CLOCK)) * 1000);
}

/** Hours, minutes and seconds of a time on the story's clock. */
export function clockParts(clock: string): readonly [hours: number, minutes: number, seconds: number] {
  const [hours, minutes, seconds] = clock.split(':').map(Number);
  if (hours === undefined || minutes === undefined || seconds === undefined) throw new Error(`"${clock}" is no time.`);
  return [hours, minutes, seconds];
}

/** A recorded instant as Unix time in milliseconds, in the story that fails at `failureAtMs`. */
export function toldAtMs(recorded: string, failureAtMs: number): number {
  return Math.floor(toldAtMicros(recorded, failureAtMs) / 1000);
}

const RECORDED = /2026-11-2[12][T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?/g;

/**
 * Replaces every recorded instant in a text. Each keeps its form: blank or `T`, as many digits of the
 * second, with or without zone, always UTC. O(length).
 */
export function retold(text: string, failureAtMs: number): string {
  return text.replace(RECORDED, (recorded) => {
    const micros = toldAtMicros(recorded, failureAtMs);
    const seconds = new Date(Math.floor(micros / 1000)).toISOString().slice(0, 19);
    const digits = recorded.length - seconds.length;
    const fraction =
      digits > 0
        ? `.${String(micros % MICROS)
            .padStart(6, '0')
            .slice(0, digits - 1)}`
        : '';
    return `${seconds.slice(0, 10)}${recorded.charAt(10)}${seconds.slice(11)}${fraction}`;
  });
}

function toldAtMicros(recorded: string, failureAtMs: number): number {
  const micros = microsOf(recorded);
  const piece = PIECES.find((each) => micros < each.toMicros) ?? PIECES[PIECES.length - 1]!;
  const offset = piece.startMicros + Math.floor((micros - piece.fromMicros) * piece.pace);
  return failureAtMs * 1000 + offset;
}

/** A piece reaches to the next anchor. What was recorded before the first one runs at the first one's pace. */
function pieces(anchors: readonly Anchor[]): Piece[] {
  return anchors.slice(1).map(([to, endClock], index) => {
    const [from, startClock] = anchors[index]!;
    const fromMicros = microsOf(from);
    const toMicros = microsOf(to);
    const startMicros = clockOffsetMs(startClock) * 1000;
    const pace = (clockOffsetMs(endClock) * 1000 - startMicros) / (toMicros - fromMicros);
    return { fromMicros, toMicros, startMicros, pace };
  });
}

function secondsOf(clock: string): number {
  const [hours, minutes, seconds] = clockParts(clock);
  const value = hours * 3600 + minutes * 60 + seconds;
  if (!(value >= 0 && value < DAY_SECONDS)) throw new Error(`"${clock}" is no time of day.`);
  return value;
}

/** Microseconds since 1970 of `YYYY-MM-DD?HH:MM:SS[.ffffff]`, UTC. */
function microsOf(recorded: string): number {
  const seconds = Date.parse(`${recorded.slice(0, 10)}T${recorded.slice(11, 19)}Z`) / 1000;
  const fraction = recorded.slice(20).replace('Z', '').padEnd(6, '0');
  return seconds * MICROS + Number(fraction);
}
