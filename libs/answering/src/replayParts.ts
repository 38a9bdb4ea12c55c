import type { ReplayParts } from '@wherefore/runtime';

/**
 * What a replay host that answers the engine's questions is made of. `source` names the export that
 * opens the store for reading, such as `openReader` of an adapter.
 */
export function replayParts(source: ReplayParts['source']): ReplayParts {
  return {
    source,
    machine: { path: require.resolve('@wherefore/runtime'), exportName: 'engineMachine' },
    answer: { path: require.resolve('@wherefore/engine'), exportName: 'answerQuestion' },
  };
}
