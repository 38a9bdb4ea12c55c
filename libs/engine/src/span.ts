import type { Json, LogEntry } from '@wherefore/model';
import { ChangeReader } from './spanChanges';
import { EntryReader, type EntriesWanted } from './spanEntries';
import type { EngineState } from './state';
import type { StepResult } from './step';

/** A question about what happened between two moments. Plain JSON, so that it crosses threads. */
export type SpanQuestion =
  /** What is different after it: `SpanChanges`. */
  | { readonly ask: 'changes' }
  /** The entries in it: `SpanEntries`. */
  | ({ readonly ask: 'entries' } & EntriesWanted);

/** Reads a span step by step, and answers at its end. */
export interface SpanReader {
  /** To be called right after each step, with the state that it led to. */
  accept(state: EngineState, entry: LogEntry, result: StepResult): void;
  answer(): Json;
}

/** Begins to read a span at the state before it, which is then taken through it. */
export function readSpan(state: EngineState, question: SpanQuestion): SpanReader {
  if (question.ask === 'changes') {
    const reader = new ChangeReader(state);
    return {
      accept: ({ ordinal }, _entry, { effects }) => reader.accept(ordinal, effects),
      answer: () => reader.answer() as unknown as Json,
    };
  }
  const reader = new EntryReader(state, question);
  return {
    accept: ({ ordinal, logTimeMs }, entry, result) => reader.accept(ordinal, logTimeMs, entry, result),
    answer: () => reader.answer() as unknown as Json,
  };
}
