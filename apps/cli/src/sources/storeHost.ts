import { answerQuestion, type EngineState, type Question, readSpan, type SpanQuestion } from '@wherefore/engine';
import type { Json } from '@wherefore/model';
import type { Archive } from '@wherefore/ports';
import {
  type Answered,
  engineMachine,
  ReplayJobs,
  type ReplaySource,
  type SpanAnswered,
  type Target,
} from '@wherefore/runtime';

/** States kept. */
const STATES_MAX = 2;

/** Told of the place in the log up to which entries have been read. */
export type ReplayProgress = (ordinal: number) => void;

/**
 * Answers questions by replaying a store in this thread, which does nothing else meanwhile. The last states are kept:
 * one answer is made of several questions about one moment, and the next question is often about one near it.
 */
export class StoreHost {
  private readonly jobs: ReplayJobs<EngineState>;

  constructor(source: ReplaySource, onProgress: ReplayProgress) {
    const archive = withProgress(source.archive, onProgress);
    const answer = (state: EngineState, question: Json): Json => answerQuestion(state, question as unknown as Question);
    this.jobs = new ReplayJobs(engineMachine, { ...source, archive }, answer, STATES_MAX, (before, question) =>
      readSpan(before, question as unknown as SpanQuestion),
    );
  }

  answer(target: Target, question: Json): Promise<Answered> {
    return this.jobs.answer(target, question);
  }

  span(from: Target, to: Target, question: Json): Promise<SpanAnswered> {
    return this.jobs.span(from, to, question);
  }
}

/** An archive that tells how far it has been read: replays take long exactly where they read much. */
export function withProgress(archive: Archive, onProgress: ReplayProgress): Archive {
  return {
    cursor: () => archive.cursor(),
    horizon: () => archive.horizon(),
    count: () => archive.count(),
    lookup: (ordinals) => archive.lookup(ordinals),
    readRange: async (after, limit) => {
      const entries = await archive.readRange(after, limit);
      const last = entries.at(-1);
      if (last !== undefined) onProgress(last.ordinal);
      return entries;
    },
  };
}
