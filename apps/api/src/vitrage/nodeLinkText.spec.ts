import type { GraphEdgeView } from '@wherefore/contract';
import type { Properties } from '@wherefore/model';
import fc from 'fast-check';
import { liveNodeLinkSlices, nodeLinkSlices } from './nodeLinkText';

/** Things that may be in a graph; each is the same object every time. */
const NODES: readonly Properties[] = Array.from({ length: 300 }, (_, at) => ({
  vitrage_id: `v${at}`,
  name: at % 7 === 0 ? 'größer "als" \u2028' : `n${at}`,
  ...(at % 3 === 0 ? {} : { id: `id-${at}` }),
}));

const text = (slices: Iterable<Uint8Array>): string => Buffer.concat([...slices]).toString('utf8');

/** One graph after the other, each with some of the things, and edges among all that it once had. */
const graphs = fc.array(
  fc.record({
    left: fc.uniqueArray(fc.nat({ max: NODES.length - 1 }), { maxLength: 4 }),
    size: fc.integer({ min: 0, max: NODES.length }),
    hidden: fc.nat({ max: 5 }),
    labels: fc.array(fc.constantFrom('on', 'contains', 'causes'), { maxLength: 200 }),
  }),
  { minLength: 2, maxLength: 6 },
);

describe('the text of a live graph', () => {
  it('is that of the same graph written anew, whatever was written before', () => {
    fc.assert(
      fc.property(graphs, (each) => {
        const made = new Map<string, GraphEdgeView>();
        for (const { left, size, hidden, labels } of each) {
          const nodes = NODES.slice(0, size).filter((_, at) => !left.includes(at));
          const indexes = Int32Array.from(nodes, (_, at) => (at < hidden ? -1 : at - hidden));
          const edges = nodes.length === 0 ? [] : labels.map((label, at) => edgeOf(made, label, at % nodes.length));
          const graph = { nodes: nodes.slice(hidden), edges, indexes };
          const written = text(liveNodeLinkSlices(graph));
          expect(written).toBe(text(nodeLinkSlices(graph)));
          expect(JSON.parse(written)).toMatchObject({ nodes: graph.nodes.map(({ vitrage_id }) => ({ vitrage_id })) });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is the same bytes where nothing changed', () => {
    const graph = { nodes: NODES, edges: [], indexes: Int32Array.from(NODES, (_, at) => at) };
    const first = [...liveNodeLinkSlices(graph)];
    const changed = [...NODES.slice(0, 100), { ...NODES[100]! }, ...NODES.slice(101)];
    const again = [...liveNodeLinkSlices({ ...graph, nodes: changed })];
    expect(again.map((slice, at) => slice.buffer === first[at]!.buffer && slice.length > 100)).toEqual([
      ...[false, true, false, true, true, true],
      ...[false, false],
    ]);
  });
});

/** The same object for the same edge, as the live state gives it. */
function edgeOf(made: Map<string, GraphEdgeView>, label: string, source: number): GraphEdgeView {
  const key = `${label} ${source}`;
  const edge = made.get(key) ?? {
    source,
    target: Math.floor(source / 2),
    label,
    updateTimestamp: '2026-01-01T00:00:00Z',
  };
  made.set(key, edge);
  return edge;
}
