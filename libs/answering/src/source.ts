import type { Question, SpanQuestion } from '@wherefore/engine';
import type { Json, Position } from '@wherefore/model';
import type { Archive, HistoryQueries, SnapshotReader } from '@wherefore/ports';
import type { Answered, SpanAnswered } from '@wherefore/runtime';

/** A moment that a question is about: a time, a place in the log, or the newest there is. */
export type Moment = { readonly atMs: number } | { readonly position: Position } | 'now';

/** Where answers come from. There are two: a live follower, and a store that is only read. */
export interface AnswerSource {
  /** Rejects as `Replayer.materialise` does, and `server-failed` when too many questions wait. */
  ask(moment: Moment, question: Question): Promise<Answered>;
  /**
   * Asks the module that the host of replays answers by, also about now, off this thread: for answers so large
   * that nobody else should wait for them. Rejects as `ask` does.
   */
  aside(moment: Moment, question: Json): Promise<Answered>;
  /** What happened after `from`, up to `to`. Rejects as `ask` does. */
  span(from: Exclude<Moment, 'now'>, to: Moment, question: SpanQuestion): Promise<SpanAnswered>;
  readonly archive: Archive;
  readonly history: HistoryQueries;
  readonly snapshots: SnapshotReader;
  /**
   * The live state, as far as it decides what ever caused what among alarms that are active: the same token for as long as
   * that is so. Absent where the history may be behind all the same when `historyReady` settles.
   */
  causes?(): { readonly token: object; readonly position: Position };
  /** Settles once the history holds everything that an answer about `now` has shown. */
  historyReady(): Promise<void>;
}
