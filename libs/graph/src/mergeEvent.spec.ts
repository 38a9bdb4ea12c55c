import type { EntityEvent } from '@wherefore/model';
import { at, FedGraph, update, within } from './graph.sim';
import { describeVertex } from './index';

describe('an update', () => {
  it('makes the entity, and a stub for what it refers to', () => {
    const fed = new FedGraph();
    expect(fed.feed(update('server', 's1', 1, { state: 'ACTIVE' }, [within('host', 'h1')]))).toBe('merged');
    expect(fed.edges()).toEqual(['h1 -contains-> s1']);
    expect(fed.vertex('host', 'h1').isPlaceholder).toBe(true);
    expect(describeVertex(fed.vertex('server', 's1'))).toMatchObject({
      vitrage_is_placeholder: false,
      vitrage_aggregated_state: 'ACTIVE',
      vitrage_operational_state: 'OK',
      vitrage_datasource_name: 'server',
      vitrage_sample_timestamp: at(1),
    });
  });

  it('merges properties: what it does not name stays, what it sets to null goes', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1, { name: 'one', project_id: 'p' }));
    fed.feed(update('server', 's1', 2, { name: 'two', project_id: null }));
    expect(fed.vertex('server', 's1').properties).toEqual({ id: 's1', name: 'two' });
  });

  it('older than what is known changes nothing', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 5, { name: 'new' }));
    expect(fed.feed(update('server', 's1', 4, { name: 'old' }, [within('host', 'h1')]))).toBe('outdated');
    expect(fed.vertex('server', 's1').properties['name']).toBe('new');
    expect(fed.edges()).toEqual([]);
  });

  it('of the same time is merged', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 5, { name: 'first' }));
    fed.feed(update('server', 's1', 5, { name: 'second' }));
    expect(fed.vertex('server', 's1').properties['name']).toBe('second');
  });

  it('replaces the edges to kinds of neighbours that it names, and the stubs that nothing else refers to', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1, {}, [within('host', 'h1'), within('group', 'g1')]));
    fed.feed(update('server', 's1', 2, {}, [within('host', 'h2')]));
    expect(fed.edges()).toEqual(['g1 -contains-> s1', 'h2 -contains-> s1']);
    expect(fed.vertex('host', 'h1')).toBeUndefined();
  });

  it.each([2, 16, 17, 300])('replaces edges in the same way when it names %i neighbours', (count) => {
    const fed = new FedGraph();
    const hosts = (from: number) => Array.from({ length: count }, (_, i) => within('host', `h${from + i}`));
    const attached = hosts(0).map((each) => ({ ...each, label: 'attached' }));
    fed.feed(update('server', 's1', 1, {}, [...hosts(0), ...attached, within('group', 'g1'), within('zone', 'z1')]));
    fed.feed(update('server', 's1', 2, {}, [...hosts(1), within('group', 'g1')], { without: ['zone'] }));
    const expected = ['g1 -contains-> s1', ...hosts(1).map(({ entity }) => `${entity.key.slice(14)} -contains-> s1`)];
    expect(fed.edges()).toEqual(expected.sort());
    expect(fed.vertex('host', 'h0')).toBeUndefined();
    expect(fed.vertex('zone', 'z1')).toBeUndefined();
  });

  it('keeps a neighbour that it leaves, when that has been seen itself', () => {
    const fed = new FedGraph();
    fed.feed(update('host', 'h1', 1));
    fed.feed(update('server', 's1', 1, {}, [within('host', 'h1')]));
    fed.feed(update('server', 's1', 2, {}, [within('host', 'h2')]));
    expect(fed.vertex('host', 'h1').isDeleted).toBe(false);
    expect(fed.edges()).toEqual(['h2 -contains-> s1']);
  });

  it('that names no neighbours keeps all edges', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1, {}, [within('host', 'h1')]));
    fed.feed(update('server', 's1', 2));
    expect(fed.edges()).toEqual(['h1 -contains-> s1']);
  });

  it('drops the edges to a kind of which it says that there is none', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1, {}, [within('host', 'h1'), within('group', 'g1')]));
    fed.feed(update('server', 's1', 2, {}, [], { without: ['host'] }));
    expect(fed.edges()).toEqual(['g1 -contains-> s1']);
  });

  it('does not touch a neighbour that is known from a newer sample', () => {
    const fed = new FedGraph();
    fed.feed(update('host', 'h1', 9, { name: 'known' }));
    fed.feed(update('server', 's1', 5, {}, [within('host', 'h1')]));
    expect(fed.edges()).toEqual([]);
    expect(fed.vertex('host', 'h1').sampleTimestamp).toBe(at(9));
  });

  it('makes its edges all the same, if it owns them', () => {
    const fed = new FedGraph();
    fed.feed(update('host', 'h1', 9, { name: 'known' }));
    fed.feed(update('server', 's1', 5, {}, [within('host', 'h1')], { ownsEdges: true }));
    expect(fed.edges()).toEqual(['h1 -contains-> s1']);
    expect(fed.vertex('host', 'h1')).toMatchObject({ sampleTimestamp: at(9), properties: { name: 'known' } });
  });

  it('keeps a value while another one stays as it is, if it says so', () => {
    const fed = new FedGraph();
    const keep = { keep: { property: 'update_timestamp', whileUnchanged: 'state' } };
    const time = (): unknown => fed.vertex('server', 's1').properties['update_timestamp'];
    fed.feed(update('server', 's1', 1, { state: 'ACTIVE', update_timestamp: 'a' }, [], keep));
    fed.feed(update('server', 's1', 2, { state: 'ACTIVE', update_timestamp: 'b' }, [], keep));
    expect(time()).toBe('a');
    fed.feed(update('server', 's1', 3, { state: 'ERROR', update_timestamp: 'c' }, [], keep));
    expect(time()).toBe('c');
  });
});

describe('a stub', () => {
  it('becomes the entity when that is seen itself, with its edges', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1, {}, [within('host', 'h1')]));
    const { id } = fed.vertex('host', 'h1');
    fed.feed(update('host', 'h1', 2, { state: 'ACTIVE' }));
    expect(fed.vertex('host', 'h1')).toMatchObject({ id, isPlaceholder: false, aggregated: 'ACTIVE' });
    expect(fed.edges()).toEqual(['h1 -contains-> s1']);
  });

  it('overwrites nothing of what has been seen', () => {
    const fed = new FedGraph();
    fed.feed(update('host', 'h1', 1, { name: 'seen' }));
    const stub = within('host', 'h1');
    const named = { ...stub, entity: { ...stub.entity, properties: { id: 'h1', name: 'stub' } } };
    fed.feed(update('server', 's1', 2, {}, [named]));
    expect(fed.vertex('host', 'h1')).toMatchObject({ isPlaceholder: false, properties: { name: 'seen' } });
    expect(fed.vertex('host', 'h1').sampleTimestamp).toBe(at(1));
  });
});

describe('a creation', () => {
  it('overwrites what is known, even from a newer sample', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 9, { name: 'before' }));
    fed.feed(update('server', 's1', 2, { name: 'created' }, [], { action: 'create-entity' }));
    expect(fed.vertex('server', 's1').properties['name']).toBe('created');
  });
});

describe('a deletion', () => {
  const deletion = (seconds: number): EntityEvent =>
    update('server', 's1', seconds, {}, [], { action: 'delete-entity' });

  it('marks the entity and its edges, and the stubs that nothing else refers to', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1, {}, [within('host', 'h1')]));
    const vertex = fed.vertex('server', 's1');
    expect(fed.feed(deletion(2))).toBe('merged');
    expect(vertex.isDeleted).toBe(true);
    expect(fed.graph.vertexById(vertex.id)).toBe(vertex);
    expect([fed.graph.vertexCount, fed.graph.edgeCount]).toEqual([0, 0]);
  });

  it('is ignored when it is older than what is known, or nothing is', () => {
    const fed = new FedGraph();
    expect(fed.feed(deletion(2))).toBe('no-such-entity');
    fed.feed(update('server', 's1', 5));
    expect(fed.feed(deletion(4))).toBe('outdated');
    expect(fed.graph.vertexCount).toBe(1);
  });

  it('lets the entity come back as another incarnation', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1));
    const { id } = fed.vertex('server', 's1');
    fed.feed(deletion(2));
    fed.feed(update('server', 's1', 3));
    expect(fed.vertex('server', 's1').id).not.toBe(id);
    expect([...fed.graph.graves()].length).toBe(1);
  });
});

describe('relationships', () => {
  it('are added and taken away without touching the entity', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1, { name: 'as it was' }));
    fed.feed(
      update('server', 's1', 2, { name: 'not read' }, [within('host', 'h1')], { action: 'update-relationship' }),
    );
    expect(fed.edges()).toEqual(['h1 -contains-> s1']);
    fed.feed(update('server', 's1', 3, {}, [within('host', 'h1')], { action: 'delete-relationship' }));
    expect(fed.edges()).toEqual([]);
    expect(fed.vertex('server', 's1').properties['name']).toBe('as it was');
  });

  it('of an entity that is not known make it known; their end does not', () => {
    const fed = new FedGraph();
    const neighbours = [within('host', 'h1')];
    expect(fed.feed(update('server', 's1', 2, {}, neighbours, { action: 'delete-relationship' }))).toBe(
      'no-such-entity',
    );
    expect(fed.graph.vertexCount).toBe(0);
    expect(fed.feed(update('server', 's1', 2, {}, neighbours, { action: 'update-relationship' }))).toBe('merged');
    expect(fed.edges()).toEqual(['h1 -contains-> s1']);
  });
});

describe('an alarm', () => {
  const alarm = (lookup: { readonly [name: string]: string }): EntityEvent => ({
    action: 'update-entity',
    entity: { key: 'ALARM:a:x', category: 'ALARM', type: 'a', isPlaceholder: false, properties: { name: 'x' } },
    neighbours: [],
    lookups: [{ where: lookup, label: 'on', direction: 'to-neighbour' }],
    sampleTimestamp: at(9),
    datasource: 'a',
  });

  it('is put on every resource that its look-up finds, and carries the details of one', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1, { name: 'web', project_id: 'p' }));
    fed.feed(update('server', 's2', 1, { name: 'web', project_id: 'p' }));
    fed.feed(update('server', 's3', 1, { name: 'db', project_id: 'p' }));
    fed.feed(alarm({ name: 'web', vitrage_type: 'server' }));
    const vertex = fed.graph.liveVertexByKey('ALARM:a:x')!;
    expect(vertex.outgoing.map(({ target }) => target.properties['id']).sort()).toEqual(['s1', 's2']);
    // The last by id, whatever the order in which an index lists them.
    const last = [fed.vertex('server', 's1').id, fed.vertex('server', 's2').id].sort()[1];
    expect(vertex.properties).toMatchObject({
      vitrage_resource_id: last,
      vitrage_resource_type: 'server',
      vitrage_resource_project_id: 'p',
    });
  });

  it('is on nothing when its look-up finds nothing', () => {
    const fed = new FedGraph();
    fed.feed(alarm({ name: 'web' }));
    expect(fed.graph.edgeCount).toBe(0);
    expect(fed.graph.vertexCount).toBe(1);
  });
});
