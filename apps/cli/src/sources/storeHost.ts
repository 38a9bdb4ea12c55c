import { answerQuestion, type EngineState, type Question } from '@wherefore/engine';
import type { Json } from '@wherefore/model';
import type { Archive } from '@wherefore/ports';
import { type Answered, engineMachine, ReplayJobs, type ReplaySource, type Target } from '@wherefore/runtime';

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
    this.jobs = new ReplayJobs(engineMachine, { ...source, archive }, answer);
  }

  answer(target: Target, question: Json): Promise<Answered> {
    return this.jobs.answer(target, question);
  }
}

/** An archive that tells how far it has been read: replays take long exactly where they read much. */
export function withProgress(archive: Archive, onProgress: ReplayProgress): Archive {
  return {
    cursor: () => archive.cursor(),
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
