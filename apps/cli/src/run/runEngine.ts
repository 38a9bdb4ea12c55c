import { basename } from 'node:path';
import { initialState, parseEventLine, reportState, RunClock, type StateReport, step } from '@wherefore/engine';
import { type Rejection, type TemplateSource, WhereforeError } from '@wherefore/model';
import { type NumberedLine, linesOf } from './eventLines';

/** The state after one file. */
export interface RunState extends StateReport {
  /** The file's base name. */
  readonly step: string;
}

/** A line that changed nothing, and why. */
export interface RefusedLine {
  readonly file: string;
  readonly line: number;
  readonly rejection: Rejection;
}

export interface RunListener {
  readonly onState: (state: RunState) => void;
  readonly onRefused: (refused: RefusedLine) => void;
  readonly onProgress: (file: string, events: number) => void;
}

const EXCERPT_LENGTH = 200;

/**
 * Feeds files of driver events to an engine in memory, and tells its state after each file. It reads
 * no clock and no environment: the same input gives the same states. Throws `invalid-template`,
 * `file-unreadable`.
 */
export function runEngine(
  templates: readonly TemplateSource[],
  files: readonly string[],
  startMs: number,
  listener: RunListener,
): void {
  const state = initialState();
  const clock = new RunClock(startMs);
  if (templates.length > 0) {
    const { outcome } = step(state, clock.templates(templates));
    if (outcome.kind === 'rejected') throw new WhereforeError('invalid-template', outcome.rejection.message);
  }
  for (const file of files) {
    let events = 0;
    for (const line of linesOf(file)) {
      const rejection = feed(state, clock, line);
      if (rejection !== undefined) listener.onRefused({ file, line: line.number, rejection });
      events += 1;
      if (events % 256 === 0) listener.onProgress(file, events);
    }
    listener.onState({ step: basename(file), ...reportState(state) });
  }
}

function feed(state: ReturnType<typeof initialState>, clock: RunClock, { text }: NumberedLine): Rejection | undefined {
  const event = parseEventLine(text);
  const entry = typeof event === 'string' ? clock.unreadable(text.slice(0, EXCERPT_LENGTH), event) : clock.event(event);
  const { outcome } = step(state, entry);
  return outcome.kind === 'rejected' || outcome.kind === 'failed' ? outcome.rejection : undefined;
}
