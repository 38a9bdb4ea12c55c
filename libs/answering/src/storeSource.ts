import type { Archive, HistoryQueries, SnapshotReader } from '@wherefore/ports';
import type { ReplayHost } from '@wherefore/runtime';
import type { AnswerSource } from './source';

/** A store that is open for reading, and the host that replays it. */
export interface StoreParts {
  readonly host: Pick<ReplayHost, 'answer' | 'span'>;
  readonly archive: Archive;
  readonly history: HistoryQueries;
  readonly snapshots: SnapshotReader;
}

/** Answers from a store that nobody follows here: also what is true now is found by a replay. */
export function storeSource({ host, archive, history, snapshots }: StoreParts): AnswerSource {
  return {
    ask: (moment, question) => host.answer(moment === 'now' ? 'newest' : moment, { ...question }),
    aside: (moment, question) => host.answer(moment === 'now' ? 'newest' : moment, question),
    span: (from, to, question) => host.span(from, to === 'now' ? 'newest' : to, { ...question }),
    archive,
    history,
    snapshots,
    historyReady: async () => undefined,
  };
}
