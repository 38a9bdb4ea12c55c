import { visibleGraph, type Viewer } from '@wherefore/answering';
import { answerQuestion, type EngineState, type GraphAnswer, type Question } from '@wherefore/engine';
import type { Json } from '@wherefore/model';
import { AnswerBytes } from '@wherefore/runtime';
import { JsonText, slicesOf } from '../http/jsonText';
import { graphSlices, liveNodeLinkSlices } from './nodeLinkText';
import { topologyOf, type TopologyQuestion } from './topology';

/** Asks for a graph as text: Vitrage's topology, or all of it in the shape of our own answers. Plain JSON. */
export type GraphJob =
  | { readonly ask: 'topology'; readonly viewer: Viewer; readonly question: TopologyQuestion }
  | { readonly ask: 'graph-text'; readonly viewer: Viewer };

/** The part of the graph that the job's viewer may see, in the shape that it asks for. Throws `bad-request`. */
export function graphText(graph: GraphAnswer, job: GraphJob): JsonText {
  const visible = visibleGraph(graph, job.viewer);
  return job.ask === 'topology' ? topologyOf(visible, job.question) : new JsonText(graphSlices(visible));
}

/** The same of the graph of `Listings`. Its bytes are kept for the next time: nobody gives them away. */
export function liveGraphText(graph: GraphAnswer, job: GraphJob): JsonText {
  if (job.ask !== 'topology') return graphText(graph, job);
  return topologyOf(visibleGraph(graph, job.viewer), job.question, liveNodeLinkSlices);
}

/** Answers in the thread of replays: the engine's questions, and graphs as the bytes that are sent. */
export function answerAside(state: EngineState, question: Json): Json | AnswerBytes {
  const job = question as unknown as GraphJob | Question;
  if (job.ask !== 'topology' && job.ask !== 'graph-text') return answerQuestion(state, job);
  const graph = answerQuestion(state, { ask: 'graph' }) as unknown as GraphAnswer;
  return new AnswerBytes([...slicesOf(graphText(graph, job))]);
}
