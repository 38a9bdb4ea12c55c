import type { Amendment, EntityEvent, NeighbourImage, PropertyPatch } from '@wherefore/model';
import { at, FedGraph, update, within } from './graph.sim';
import { mergeEvent } from './index';

const AMENDED = 'vitrage_amended';

function attachedTo(id: string): NeighbourImage {
  return { ...within('server', id), label: 'attached', direction: 'to-neighbour' };
}

function ofPorts(properties: PropertyPatch, unless?: Amendment['unless']): Partial<EntityEvent> {
  const amendment: Amendment = { of: { type: 'port', label: 'attached' }, properties };
  return { amends: [unless === undefined ? amendment : { ...amendment, unless }] };
}

/** A server with a port that its own datasource told to be down, at second 2. */
function serverWithPort(): FedGraph {
  const fed = new FedGraph();
  fed.feed(update('server', 's1', 1));
  fed.feed(update('port', 'p1', 2, { state: 'DOWN', host_id: 'h1' }, [attachedTo('s1')]));
  return fed;
}

describe('what an event says of other entities', () => {
  it('changes those of the named type that hang on its own entity, and aggregates them', () => {
    const fed = serverWithPort();
    fed.feed(update('port', 'p2', 2, { state: 'DOWN' }, [attachedTo('s2')]));
    fed.feed(update('server', 's1', 3, {}, [], ofPorts({ state: 'ACTIVE' })));
    expect(fed.vertex('port', 'p1')).toMatchObject({
      properties: { state: 'ACTIVE', host_id: 'h1' },
      aggregated: 'ACTIVE',
      sampleTimestamp: at(2),
      changedAt: fed.ordinal,
    });
    expect(fed.vertex('port', 'p2').properties['state']).toBe('DOWN');
  });

  it('changes one entity by its key, and makes none', () => {
    const fed = serverWithPort();
    const of = (key: string) => ({ amends: [{ of: { key }, properties: { state: 'ACTIVE' } }] });
    fed.feed(update('server', 's1', 3, {}, [], of('RESOURCE:port:p1')));
    fed.feed(update('server', 's1', 4, {}, [], of('RESOURCE:port:p9')));
    expect([fed.vertex('port', 'p1').properties['state'], fed.vertex('port', 'p9')]).toEqual(['ACTIVE', undefined]);
  });

  it('leaves stubs alone: nothing has been seen of them', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1, {}, [within('host', 'h1')]));
    fed.feed(
      update('server', 's1', 2, {}, [], {
        amends: [{ of: { key: 'RESOURCE:host:h1' }, properties: { state: 'ACTIVE' } }],
      }),
    );
    expect(fed.vertex('host', 'h1')).toMatchObject({ isPlaceholder: true, properties: { id: 'h1' } });
  });

  it('gives way to the same row again, when that was taken later', () => {
    const fed = new FedGraph();
    const row = (second: number) => update('volume', 'v1', second, { state: 'available' });
    fed.feed(row(1), 'hash of the row');
    const reserved: Amendment = { of: { key: 'RESOURCE:volume:v1' }, properties: { state: 'reserved' } };
    fed.feed(update('server', 's1', 5, {}, [], { amends: [reserved] }));
    const stateAfter = (second: number): unknown => {
      fed.feed(row(second), 'hash of the row');
      return fed.vertex('volume', 'v1').properties['state'];
    };
    expect([stateAfter(4), stateAfter(6), stateAfter(7)]).toEqual(['reserved', 'available', 'available']);
    expect(fed.vertex('volume', 'v1')).toMatchObject({ sampleTimestamp: at(7), rowHash: 'hash of the row' });
  });

  it('leaves alone an entity that is excepted', () => {
    const fed = serverWithPort();
    fed.feed(update('port', 'p1', 2, { on: false }));
    fed.feed(update('server', 's1', 3, {}, [], ofPorts({ state: 'ACTIVE' }, { property: 'on', value: false })));
    expect(fed.vertex('port', 'p1').properties['state']).toBe('DOWN');
  });

  it('comes to the same whichever of two sources is heard first', () => {
    const own = update('port', 'p1', 3, { state: 'DOWN', name: 'named' });
    const other = update('server', 's1', 4, {}, [], ofPorts({ state: 'ACTIVE' }));
    const orders = [
      [own, other],
      [other, own],
    ].map((events) => {
      const fed = serverWithPort();
      for (const event of events) fed.feed(event);
      return fed.vertex('port', 'p1').properties;
    });
    expect(orders[0]).toEqual({ id: 'p1', host_id: 'h1', state: 'ACTIVE', name: 'named', [AMENDED]: { state: at(4) } });
    expect(orders[1]).toEqual(orders[0]);
  });

  it('does not count when something newer is known of the entity', () => {
    const fed = serverWithPort();
    fed.feed(update('port', 'p1', 5, { state: 'DOWN' }));
    fed.feed(update('server', 's1', 4, {}, [], ofPorts({ state: 'ACTIVE' })));
    expect(fed.vertex('port', 'p1').properties).toEqual({ id: 'p1', host_id: 'h1', state: 'DOWN' });
  });

  it('counts although something newer is known of the entity that it came with', () => {
    const fed = serverWithPort();
    fed.feed(update('server', 's1', 6));
    expect(fed.feed(update('server', 's1', 4, {}, [], ofPorts({ state: 'ACTIVE' })))).toBe('outdated');
    expect(fed.vertex('port', 'p1').properties['state']).toBe('ACTIVE');
  });

  it('gives way to the newer of two such sayings, property by property', () => {
    const fed = serverWithPort();
    fed.feed(update('server', 's1', 5, {}, [], ofPorts({ state: 'ACTIVE' })));
    fed.feed(update('server', 's1', 4, {}, [], ofPorts({ state: 'ERROR', host_id: 'h2' })));
    expect(fed.vertex('port', 'p1').properties).toMatchObject({ state: 'ACTIVE', host_id: 'h2' });
  });

  it('is over once the datasource of the entity tells the property anew', () => {
    const fed = serverWithPort();
    fed.feed(update('server', 's1', 3, {}, [], ofPorts({ state: 'ACTIVE', host_id: 'h2' })));
    fed.feed(update('port', 'p1', 4, { state: 'DOWN' }));
    expect(fed.vertex('port', 'p1').properties).toEqual({
      id: 'p1',
      state: 'DOWN',
      host_id: 'h2',
      [AMENDED]: { host_id: at(3) },
    });
    fed.feed(update('port', 'p1', 5, { host_id: 'h1' }));
    expect(fed.vertex('port', 'p1').properties).toEqual({ id: 'p1', state: 'DOWN', host_id: 'h1' });
  });

  it('makes a polled row stand for the entity no more', () => {
    const fed = serverWithPort();
    fed.graph.setRowHash(fed.vertex('port', 'p1'), 'row');
    fed.feed(update('server', 's1', 3, {}, [], ofPorts({ state: 'DOWN' })));
    expect(fed.vertex('port', 'p1').rowHash).toBe('row');
    fed.feed(update('server', 's1', 4, {}, [], ofPorts({ state: 'ACTIVE' })));
    expect(fed.vertex('port', 'p1').rowHash).toBeUndefined();
  });

  it('is undone with the rest', () => {
    const fed = serverWithPort();
    const moment = { ordinal: 9, entryId: 'e', nowMs: 9_000 };
    fed.graph.beginStep();
    mergeEvent(fed.graph, update('server', 's1', 3, {}, [], ofPorts({ state: 'ACTIVE' })), moment);
    fed.undo.rollback();
    expect(fed.vertex('port', 'p1').properties).toEqual({ id: 'p1', state: 'DOWN', host_id: 'h1' });
  });
});

describe('what is told of an entity in passing', () => {
  const failure = (seconds: number) => update('server', 's1', seconds, { state: 'ERROR' }, [], { inPassing: true });
  const whole = (seconds: number) => update('server', 's1', seconds, { state: 'ACTIVE', name: 'named' });

  it('makes the entity, and any sample of it tells the rest, even one that was taken before', () => {
    const fed = new FedGraph();
    expect(fed.feed(failure(5))).toBe('merged');
    expect(fed.vertex('server', 's1')).toMatchObject({
      aggregated: 'ERROR',
      datasource: 'server',
      isPlaceholder: false,
    });
    expect(fed.feed(whole(4))).toBe('merged');
    expect(fed.vertex('server', 's1').properties).toMatchObject({ state: 'ERROR', name: 'named' });
    fed.feed(whole(6));
    expect(fed.vertex('server', 's1').properties).toEqual({ id: 's1', state: 'ACTIVE', name: 'named' });
  });

  it('turns a stub into the entity', () => {
    const fed = new FedGraph();
    fed.feed(update('port', 'p1', 1, {}, [attachedTo('s1')]));
    fed.feed(failure(5));
    expect(fed.vertex('server', 's1')).toMatchObject({ isPlaceholder: false, aggregated: 'ERROR' });
  });

  it('does not count when something newer is known', () => {
    const fed = new FedGraph();
    fed.feed(whole(6));
    expect(fed.feed(failure(5))).toBe('outdated');
    expect(fed.vertex('server', 's1').properties['state']).toBe('ACTIVE');
  });
});

describe('a message that may be late', () => {
  const late = { mayBeLate: true } as const;
  const deletion = (seconds: number): EntityEvent =>
    update('server', 's1', seconds, {}, [], { action: 'delete-entity', ...late });

  it('does not bring back what was deleted after it was sent', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1, {}, [], late));
    fed.feed(deletion(5));
    expect(fed.feed(update('server', 's1', 4, {}, [], late))).toBe('outdated');
    expect(fed.vertex('server', 's1')).toBeUndefined();
    expect(fed.feed(update('server', 's1', 6, {}, [], late))).toBe('merged');
    expect(fed.vertex('server', 's1').isDeleted).toBe(false);
  });

  it('does not, although something still refers to it', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1, {}, [], late));
    fed.feed(deletion(5));
    fed.feed(update('port', 'p1', 3, {}, [attachedTo('s1')]));
    expect(fed.feed(update('server', 's1', 4, {}, [], late))).toBe('outdated');
    expect(fed.vertex('server', 's1').isPlaceholder).toBe(true);
  });

  it('knows the deletion no more once its mark has been purged', () => {
    const fed = new FedGraph();
    fed.feed(update('server', 's1', 1, {}, [], late));
    fed.feed(deletion(5));
    fed.graph.purge(Number.MAX_SAFE_INTEGER);
    fed.undo.commit();
    expect(fed.feed(update('server', 's1', 4, {}, [], late))).toBe('merged');
  });
});
