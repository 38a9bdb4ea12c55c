import { answerQuestion, type EngineState, type Question, readSpan, type SpanQuestion } from '@wherefore/engine';
import { comparePositions, type Json } from '@wherefore/model';
import type { Archive, SnapshotReader } from '@wherefore/ports';
import { type Answered, engineMachine, Replayer, type SpanAnswered, spanFrom, type Target } from '@wherefore/runtime';

/** Told of the place in the log up to which entries have been read. */
export type ReplayProgress = (ordinal: number) => void;

/**
 * Answers questions by replaying a store in this thread, which does nothing else meanwhile. The last
 * state is kept: one answer is made of several questions about one moment.
 */
export class StoreHost {
  private readonly replayer: Replayer<EngineState>;
  private warnings: string[] = [];
  private state: EngineState | undefined;

  constructor(source: { readonly archive: Archive; readonly snapshots: SnapshotReader }, onProgress: ReplayProgress) {
    const archive = withProgress(source.archive, onProgress);
    const warn = (warning: Error): void => void this.warnings.push(warning.message);
    this.replayer = new Replayer(engineMachine, { archive, snapshots: source.snapshots }, warn);
  }

  async answer(target: Target, question: Json): Promise<Answered> {
    const { state, replayed } = await this.stateAt(target);
    const { position, ordinal, logTimeMs } = state;
    const answer = answerQuestion(state, question as unknown as Question);
    return { answer, moment: { position, ordinal, logTimeMs }, replayed, warnings: this.warnings };
  }

  async span(from: Target, to: Target, question: Json): Promise<SpanAnswered> {
    this.warnings = [];
    // The state leaves the moment that it was kept for.
    this.state = undefined;
    const { state } = await this.replayer.materialise(from);
    const answered = await spanFrom(this.replayer, state, {
      to,
      readSpan: (before, asked) => readSpan(before, asked as unknown as SpanQuestion),
      question,
    });
    return { ...answered, warnings: this.warnings };
  }

  private async stateAt(target: Target): Promise<{ readonly state: EngineState; readonly replayed: number }> {
    const { state } = this;
    const isAtHand =
      state !== undefined &&
      typeof target === 'object' &&
      'position' in target &&
      comparePositions(target.position, state.position) === 0;
    if (isAtHand) return { state, replayed: 0 };
    this.warnings = [];
    const reached = await this.replayer.materialise(target);
    this.state = reached.state;
    return reached;
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
