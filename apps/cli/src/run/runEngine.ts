import { basename } from 'node:path';
import { VITRAGE_VALUE_TABLES } from '@wherefore/datasources';
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

/** A scenario whose deductions do not come to an end, and the line that showed it. */
export interface SuspendedScenario {
  readonly file: string;
  readonly line: number;
  readonly scenarioId: string;
  readonly reason: string;
}

export interface RunListener {
  readonly onState: (state: RunState) => void;
  readonly onRefused: (refused: RefusedLine) => void;
  /** A scenario was taken out of service: what it deduced is gone. */
  readonly onSuspended: (suspended: SuspendedScenario) => void;
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
  // What a rule does in Vitrage is the question here, so words mean what they mean there.
  const state = initialState(VITRAGE_VALUE_TABLES);
  const clock = new RunClock(startMs);
  if (templates.length > 0) {
    const { outcome } = step(state, clock.templates(templates));
    if (outcome.kind === 'rejected') throw new WhereforeError('invalid-template', outcome.rejection.message);
  }
  for (const file of files) {
    let events = 0;
    for (const line of linesOf(file)) {
      const suspendedBefore = state.suspensions.length;
      const rejection = feed(state, clock, line);
      for (const { scenarioId, reason } of state.suspensions.slice(suspendedBefore)) {
        listener.onSuspended({ file, line: line.number, scenarioId, reason });
      }
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
