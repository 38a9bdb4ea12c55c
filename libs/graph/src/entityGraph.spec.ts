import fc from 'fast-check';
import { formatDigest } from '@wherefore/model';
import { at, FedGraph, update, VALUES, within } from './graph.sim';
import { EntityGraph, isMatchable, readProperty, UndoLog, type Vertex } from './index';

function seed(id: string, ordinal = 1) {
  const key = `RESOURCE:thing:${id}`;
  return {
    id,
    key,
    category: 'RESOURCE' as const,
    type: 'thing',
    isPlaceholder: false,
    sampleTimestamp: at(1),
    ordinal,
  };
}

describe('looking for entities', () => {
  it('finds by indexed and other names, bookkeeping included', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1, { name: 'web', project_id: 'p' }));
    fed.feed(update('server', 's2', 1, { name: 'web', project_id: 'q' }));
    const ids = (where: { [name: string]: string }): unknown[] =>
      fed.graph
        .find(where)
        .map(({ properties }) => properties['id'])
        .sort();
    expect(ids({ name: 'web' })).toEqual(['s1', 's2']);
    expect(ids({ name: 'web', project_id: 'q' })).toEqual(['s2']);
    expect(ids({ vitrage_type: 'server', id: 's1' })).toEqual(['s1']);
    expect(ids({ project_id: 'p' })).toEqual(['s1']);
    expect(ids({ name: 'none' })).toEqual([]);
    expect(ids({})).toEqual([]);
  });

  it('keeps its indexes in step with every change, and with its undoing', () => {
    const change = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      name: fc.constantFrom('x', 'y', null),
      isGone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), fc.nat(3), (changes, undone) => {
        const fed = new FedGraph();
        fed.graph.find({ name: 'x' });
        changes.forEach(({ id, name, isGone }, seconds) => {
          const before = fed.graph.find({ name: 'x' }).length;
          const event = update('server', id, seconds, { name }, [], isGone ? { action: 'delete-entity' } : {});
          if (seconds % 4 !== undone) fed.feed(event);
          else {
            const { commit } = fed.undo;
            fed.undo.commit = () => fed.undo.rollback();
            fed.feed(event);
            fed.undo.commit = commit;
            expect(fed.graph.find({ name: 'x' }).length).toBe(before);
          }
          const expected = [...fed.graph.vertices()].filter(({ properties }) => properties['name'] === 'x');
          expect(new Set(fed.graph.find({ name: 'x' }))).toEqual(new Set(expected));
        });
      }),
      { seed: 4, numRuns: 100 },
    );
  });
});

describe('a vertex', () => {
  it('is matchable when it is live and no stub', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1, {}, [within('host', 'h1')]));
    expect(isMatchable(fed.vertex('server', 's1'))).toBe(true);
    expect(isMatchable(fed.vertex('host', 'h1'))).toBe(false);
  });

  it('shows the higher of its own state and the deduced one, its own on a tie', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1, { state: 'ACTIVE' }));
    const vertex = fed.vertex('server', 's1');
    fed.graph.setVitrageState(vertex, 'suboptimal');
    expect([vertex.aggregated, vertex.operational]).toEqual(['SUBOPTIMAL', 'SUBOPTIMAL']);
    fed.feed(update('server', 's1', 2, { state: 'error' }));
    expect(vertex.aggregated).toBe('ERROR');
    fed.graph.setVitrageState(vertex, 'ERROR');
    expect(readProperty(vertex, 'vitrage_aggregated_state')).toBe('ERROR');
    fed.graph.setVitrageState(vertex, undefined);
    expect(readProperty(vertex, 'vitrage_state')).toBeUndefined();
    expect(vertex.aggregated).toBe('ERROR');
  });

  it('shows the deduced state when it has none of its own', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1));
    const vertex = fed.vertex('server', 's1');
    expect(vertex.aggregated).toBeUndefined();
    fed.graph.setVitrageState(vertex, 'suboptimal');
    expect(vertex.aggregated).toBe('SUBOPTIMAL');
    fed.graph.setVitrageState(vertex, 'a word that means nothing');
    expect([vertex.aggregated, vertex.operational]).toEqual([undefined, 'N/A']);
  });

  it('has no two live ones of a key', () => {
    const graph = new EntityGraph(new UndoLog(), VALUES);
    graph.addVertex(seed('a'));
    expect(() => graph.addVertex({ ...seed('b'), key: 'RESOURCE:thing:a' })).toThrow('two live vertices');
  });
});

describe('edges', () => {
  it('are told apart by source, target and label', () => {
    const graph = new EntityGraph(new UndoLog(), VALUES);
    const [a, b] = [graph.addVertex(seed('a')), graph.addVertex(seed('b'))];
    const on = graph.addEdge(a, b, 'on', 1, at(1));
    graph.addEdge(a, b, 'causes', 1, at(1));
    graph.addEdge(b, a, 'on', 1, at(1));
    expect(graph.edgeCount).toBe(3);
    expect(graph.edgeBetween(a, b, 'on')).toBe(on);
    graph.deleteEdge(on, 5);
    graph.deleteEdge(on, 5);
    expect(graph.edgeBetween(a, b, 'on')).toBeUndefined();
    expect(graph.edgeCount).toBe(2);
  });

  it('go with either end', () => {
    const graph = new EntityGraph(new UndoLog(), VALUES);
    const [a, b, c] = ['a', 'b', 'c'].map((id) => graph.addVertex(seed(id))) as [Vertex, Vertex, Vertex];
    graph.addEdge(a, b, 'on', 1, at(1));
    graph.addEdge(b, c, 'on', 1, at(1));
    graph.deleteVertex(b, 5, 2);
    expect([graph.edgeCount, a.outgoing, c.incoming]).toEqual([0, [], []]);
  });
});

describe('deletion marks', () => {
  it('expire oldest first, and those alone that are old enough', () => {
    const graph = new EntityGraph(new UndoLog(), VALUES);
    for (const [i, id] of ['a', 'b', 'c'].entries()) graph.deleteVertex(graph.addVertex(seed(id)), 100 + i, 2);
    expect(graph.purge(102)).toBe(2);
    expect([graph.vertexById('a'), graph.vertexById('b')]).toEqual([undefined, undefined]);
    expect(graph.vertexById('c')).toMatchObject({ isDeleted: true });
    expect(graph.purge(102)).toBe(0);
  });

  it('are taken back when the vertex is revived as the same incarnation', () => {
    const graph = new EntityGraph(new UndoLog(), VALUES);
    const vertex = graph.addVertex(seed('a'));
    const digest = formatDigest(graph.digest);
    graph.deleteVertex(vertex, 100, 1);
    expect(formatDigest(graph.digest)).not.toBe(digest);
    graph.reviveVertex(vertex);
    expect(formatDigest(graph.digest)).toBe(digest);
    expect([...graph.graves()]).toEqual([]);
    expect(graph.liveVertexByKey(vertex.key)).toBe(vertex);
    expect(() => graph.reviveVertex(vertex)).toThrow('cannot revive');
  });
});

describe('the digest', () => {
  it('does not depend on the way that led to a graph', () => {
    const build = (order: readonly number[]): string => {
      const graph = new EntityGraph(new UndoLog(), VALUES);
      const vertices = new Map(order.map((i) => [i, graph.addVertex(seed(`v${i}`))]));
      for (const i of order) graph.setProperty(vertices.get(i)!, 'name', `n${i}`);
      for (const i of order) graph.addEdge(vertices.get(i)!, vertices.get((i + 1) % order.length)!, 'on', 1, at(1));
      return formatDigest(graph.digest);
    };
    expect(build([0, 1, 2, 3])).toBe(build([2, 0, 3, 1]));
  });

  it('sees every kind of change, and is back when that is undone', () => {
    const undo = new UndoLog();
    const graph = new EntityGraph(undo, VALUES);
    const [a, b] = [graph.addVertex(seed('a')), graph.addVertex({ ...seed('b'), isPlaceholder: true })];
    const edge = graph.addEdge(a, b, 'on', 1, at(1));
    undo.commit();
    const before = { ...graph.digest };
    const changes: readonly (() => void)[] = [
      () => graph.setProperty(a, 'name', 'x'),
      () => graph.setProperty(a, 'list', ['x', { y: 1 }]),
      () => graph.setSampleTimestamp(a, at(2)),
      () => graph.setDatasource(a, 'd'),
      () => graph.setRowHash(a, 'r'),
      () => graph.setVitrageState(a, 'ERROR'),
      () => graph.setMarkedDown(a, true),
      () => graph.promote(b),
      () => graph.setChangedAt(a, 9),
      () => graph.setConfirmedAt(a, 9),
      () => graph.deleteEdge(edge, 5),
      () => graph.deleteVertex(b, 5, 9),
      () => graph.addVertex(seed('c', 9)),
      () => graph.addEdge(b, a, 'on', 9, at(2)),
    ];
    const digests = changes.map((change) => {
      graph.beginStep();
      change();
      const digest = formatDigest(graph.digest);
      undo.rollback();
      graph.resetDigest(before.high, before.low);
      return digest;
    });
    expect(new Set([...digests, formatDigest(before)]).size).toBe(changes.length + 1);
    expect([graph.vertexCount, graph.edgeCount, a.properties, b.isPlaceholder]).toEqual([2, 1, {}, true]);
  });
});
