import { ENGINE_MODULE, type ReplayParts } from '@wherefore/runtime';

const ENGINE_ANSWERS = { path: require.resolve('@wherefore/engine'), exportName: 'answerQuestion' };

/**
 * What a replay host that answers the engine's questions is made of. `source` names the export that
 * opens the store for reading, such as `openReader` of an adapter; `answer` one that answers more than them.
 */
export function replayParts(
  source: ReplayParts['source'],
  answer: ReplayParts['answer'] = ENGINE_ANSWERS,
): ReplayParts {
  return {
    source,
    machine: ENGINE_MODULE,
    answer,
    span: { path: require.resolve('@wherefore/engine'), exportName: 'readSpan' },
  };
}
