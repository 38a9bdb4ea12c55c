import type { JsonObject } from '@wherefore/model';
import { toEntityEvent } from '../index';
import { converted, SAMPLED_AT as AT } from '../reading/reading.sim';

function entity(fields: JsonObject): JsonObject {
  return { vitrage_entity_type: 'static', vitrage_datasource_action: 'snapshot', vitrage_sample_date: AT, ...fields };
}

const SWITCH = { static_id: 's1', type: 'switch', id: 12345, name: 'switch-1', state: 'available' };
const HOST = { static_id: 'h1', type: 'nova.host', id: '1' };

describe('an entity of a hand-written file', () => {
  it('has what the file says, its metadata too, and belongs to static', () => {
    const metadata = { rack: 'B4', name: 'other', state: 'other', vitrage_id: 'x', is_marked_down: true };
    expect(converted(entity({ ...SWITCH, metadata, relationships: [] }))).toMatchObject({
      action: 'update-entity',
      datasource: 'static',
      entity: {
        key: 'RESOURCE:switch:12345',
        isPlaceholder: false,
        properties: { id: '12345', name: 'switch-1', state: 'available', rack: 'B4', update_timestamp: AT },
      },
    });
  });

  it('does not let metadata write what belongs to the graph', () => {
    const metadata = JSON.parse(
      '{"vitrage_id":"x","is_marked_down":true,"id":"y","__proto__":{"a":1},"ok":1}',
    ) as JsonObject;
    const { properties } = converted(entity({ ...SWITCH, metadata })).entity;
    expect(Object.keys(properties).sort()).toEqual(['id', 'name', 'ok', 'state', 'update_timestamp']);
    expect(Object.getPrototypeOf(properties)).toBe(Object.prototype);
  });

  it('is related to others as source and as target', () => {
    const relationships = [
      { source: 's1', relationship_type: 'attached', target: HOST },
      {
        source: { static_id: 'r1', type: 'router', id: 45678, name: 'router-1' },
        relationship_type: 'feeds',
        target: 's1',
      },
      { source: 's1', relationship_type: 'backup', target: { ...SWITCH } },
      { source: 'a', relationship_type: 'attached', target: 'b' },
    ];
    const { neighbours } = converted(entity({ ...SWITCH, relationships }));
    expect(neighbours).toEqual([
      {
        entity: {
          key: 'RESOURCE:nova.host:1',
          category: 'RESOURCE',
          type: 'nova.host',
          isPlaceholder: true,
          properties: { id: '1' },
        },
        label: 'attached',
        direction: 'to-neighbour',
      },
      {
        entity: {
          key: 'RESOURCE:router:45678',
          category: 'RESOURCE',
          type: 'router',
          isPlaceholder: true,
          properties: { id: '45678', name: 'router-1' },
        },
        label: 'feeds',
        direction: 'from-neighbour',
      },
    ]);
  });

  it.each(['init_snapshot', 'snapshot', 'update'])('of a type of another datasource is a stub, on %s too', (action) => {
    const event = converted({ ...entity({ ...HOST, state: 'error', name: 'h' }), vitrage_datasource_action: action });
    expect(event).toMatchObject({
      action: 'update-entity',
      // Vitrage's rule: it exists, it can be matched, and its state is for the other datasource to say.
      entity: { key: 'RESOURCE:nova.host:1', isPlaceholder: false, properties: { id: '1' } },
      datasource: '',
    });
  });

  it('is deleted with its line in the file, unless another datasource vouches for it', () => {
    const deletion = { vitrage_event_type: 'delete_entity' };
    expect(converted(entity({ ...SWITCH, ...deletion })).action).toBe('delete-entity');
    expect(converted(entity({ ...HOST, ...deletion })).action).toBe('update-entity');
  });

  it('may be an alarm', () => {
    expect(converted(entity({ ...SWITCH, category: 'ALARM' })).entity.key).toBe('ALARM:switch:12345');
  });

  it.each([
    [{ id: 1 }, 'malformed-event', 'type'],
    [{ type: 'switch' }, 'missing-id', 'id'],
    [{ ...SWITCH, metadata: [] }, 'malformed-event', 'metadata'],
    [{ ...SWITCH, relationships: {} }, 'malformed-event', 'relationships'],
    [{ ...SWITCH, relationships: [7] }, 'malformed-event', 'relationships[0]'],
    [{ ...SWITCH, relationships: [{ target: HOST }] }, 'malformed-event', 'relationships[0].relationship_type'],
    [{ ...SWITCH, relationships: [{ relationship_type: 'on' }] }, 'malformed-event', 'relationships[0]'],
    [
      { ...SWITCH, relationships: [{ relationship_type: 'on', target: {} }] },
      'malformed-event',
      'relationships[0].target.type',
    ],
  ])('rejects %j', (fields, code, where) => {
    expect(toEntityEvent(entity(fields as unknown as JsonObject))).toMatchObject({ code, where });
  });
});
