import { ENGINE_MODULE, type ReplayParts } from '@wherefore/runtime';

/**
 * What a replay host that answers the engine's questions is made of. `source` names the export that
 * opens the store for reading, such as `openReader` of an adapter.
 */
export function replayParts(source: ReplayParts['source']): ReplayParts {
  return {
    source,
    machine: ENGINE_MODULE,
    answer: { path: require.resolve('@wherefore/engine'), exportName: 'answerQuestion' },
    span: { path: require.resolve('@wherefore/engine'), exportName: 'readSpan' },
  };
}
