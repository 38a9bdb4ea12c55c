import type { EntityEvent, JsonObject } from '@wherefore/model';
import { compileValueTables, DATASOURCES, DEFAULT_VALUE_TABLES, toEntityEvent } from './index';

const AT = '2026-11-21T00:00:00Z';

function sampled(type: string, fields: JsonObject): JsonObject {
  return { vitrage_entity_type: type, vitrage_datasource_action: 'snapshot', vitrage_sample_date: AT, ...fields };
}

function converted(type: string, fields: JsonObject): EntityEvent {
  const answer = toEntityEvent(sampled(type, fields));
  if ('code' in answer) throw new Error(JSON.stringify(answer));
  return answer;
}

/** Neighbours as one reads them: `-label-> key`, or `<-label- key`. */
function edges({ neighbours }: EntityEvent): string[] {
  return neighbours.map(({ entity, label, direction }) =>
    direction === 'to-neighbour' ? `-${label}-> ${entity.key}` : `<-${label}- ${entity.key}`,
  );
}

describe('a database of Trove', () => {
  const row = {
    ...{ id: 't1', name: 'orders', status: 'ACTIVE', server_id: 'vm-1', tenant_id: 'p1' },
    updated: '2026-11-20T12:46:00',
  };

  it('runs on its server', () => {
    const event = converted('trove.instance', row);
    expect(event.entity).toEqual({
      key: 'RESOURCE:trove.instance:t1',
      category: 'RESOURCE',
      type: 'trove.instance',
      isPlaceholder: false,
      properties: {
        ...{ id: 't1', name: 'orders', state: 'ACTIVE', project_id: 'p1' },
        update_timestamp: '2026-11-20T12:46:00Z',
      },
    });
    expect(edges(event)).toEqual(['-contains-> RESOURCE:nova.instance:vm-1']);
    expect(edges(converted('trove.instance', { id: 't1', server_id: null }))).toEqual([]);
  });

  it('belongs to a cluster, whose state is the task at work on it', () => {
    const event = converted('trove.cluster', {
      ...{ id: 'c1', name: 'orders', task: { id: 2, name: 'GROWING' } },
      instances: [{ id: 't1' }, { id: 't2' }, {}, 7],
    });
    expect(event.entity).toMatchObject({ key: 'RESOURCE:trove.cluster:c1', properties: { state: 'GROWING' } });
    expect(edges(event)).toEqual(['-contains-> RESOURCE:trove.instance:t1', '-contains-> RESOURCE:trove.instance:t2']);
    expect(converted('trove.cluster', { id: 'c1', task: null }).entity.properties).not.toHaveProperty('state');
  });
});

describe('a cluster of containers', () => {
  it('of Kubernetes comprises the servers that are its nodes', () => {
    const resources = [{ uid: 'u', external_id: 'vm-1', name: 'node-1' }, { name: 'elsewhere' }, null];
    const event = converted('kubernetes', { name: 'prod', resources });
    expect(event.entity).toMatchObject({ key: 'RESOURCE:kubernetes:prod', properties: { id: 'prod', name: 'prod' } });
    expect(edges(event)).toEqual(['-comprised-> RESOURCE:nova.instance:vm-1']);
    expect(converted('kubernetes', { resources }).entity.key).toBe('RESOURCE:kubernetes:kubernetes');
  });

  it('of Cetus is on servers, which contain its pods', () => {
    const cluster = { id: 'c1', name: 'shop', state: 'active' };
    const nodes = [{ id: 'vm-1' }, { instance_id: 'vm-2' }, 'vm-3', {}];
    expect(edges(converted('cetus.cluster', { ...cluster, nodes }))).toEqual([
      '-contains-> RESOURCE:nova.instance:vm-1',
      '-contains-> RESOURCE:nova.instance:vm-2',
      '-contains-> RESOURCE:nova.instance:vm-3',
    ]);
    const pod = converted('cetus.pod', { id: 'p1', name: 'web', status: 'Running', node: { id: 'vm-1' } });
    expect(pod.entity).toMatchObject({ key: 'RESOURCE:cetus.pod:p1', properties: { name: 'web', state: 'Running' } });
    expect(edges(pod)).toEqual(['<-contains- RESOURCE:nova.instance:vm-1']);
    expect(edges(converted('cetus.pod', { id: 'p1', node_id: 'vm-9' }))).toEqual([
      '<-contains- RESOURCE:nova.instance:vm-9',
    ]);
  });
});

describe('a resource of an inventory', () => {
  it('is available, and related to others as the inventory says', () => {
    const related = (type: string, id: string) => ({ type, resource: { id } });
    const event = converted('tmfapi639', {
      ...{ id: 'r1', name: 'switch 1' },
      resourceRelationship: [related('feeds', 'r2'), related('partOf', 'r1')],
    });
    expect(event.entity.properties).toMatchObject({ name: 'switch 1', state: 'available' });
    expect(edges(event)).toEqual(['-feeds-> RESOURCE:tmfapi639:r2']);
  });
});

describe('an alarm of Monasca', () => {
  const alarm = {
    id: 'm1',
    state: 'ALARM',
    alarm_definition: { id: 'd', name: 'cpu is high', severity: 'LOW' },
    metrics: [{ name: 'cpu', dimensions: { resource_type: 'nova.host', resource_id: 'host-1' } }],
    state_updated_timestamp: '2026-11-20T12:46:00Z',
  };

  it('is as severe as its state, on what its first metric is of', () => {
    const event = converted('monasca', alarm);
    expect(event).toMatchObject({
      action: 'update-entity',
      entity: {
        key: 'ALARM:monasca:m1',
        category: 'ALARM',
        properties: { name: 'cpu is high', severity: 'ALARM', state: 'Active', resource_id: 'host-1' },
      },
    });
    expect(edges(event)).toEqual(['-on-> RESOURCE:nova.host:host-1']);
    expect(edges(converted('monasca', { ...alarm, metrics: [], resource_type: 'switch', resource_id: 's' }))).toEqual([
      '-on-> RESOURCE:switch:s',
    ]);
    expect(edges(converted('monasca', { ...alarm, metrics: [] }))).toEqual([]);
  });

  it('is cleared by OK, and not by not knowing', () => {
    expect(converted('monasca', { ...alarm, state: 'OK' }).action).toBe('delete-entity');
    expect(converted('monasca', { ...alarm, state: 'UNDETERMINED' }).action).toBe('update-entity');
  });
});

describe('what these sources get wrong', () => {
  it.each<[string, JsonObject, string, string]>([
    ['trove.instance', {}, 'missing-id', 'id'],
    ['trove.instance', { id: 't', status: {} }, 'malformed-event', 'status'],
    ['trove.cluster', { id: '' }, 'missing-id', 'id'],
    ['trove.cluster', { id: 'c', task: 'NONE' }, 'malformed-event', 'task'],
    ['trove.cluster', { id: 'c', task: { name: [] } }, 'malformed-event', 'task.name'],
    ['kubernetes', { resources: {} }, 'malformed-event', 'resources'],
    ['cetus.cluster', {}, 'missing-id', 'id'],
    ['cetus.pod', { id: 'p', state: [] }, 'malformed-event', 'state'],
    ['tmfapi639', {}, 'missing-id', 'id'],
    ['tmfapi639', { id: 'r', resourceRelationship: {} }, 'malformed-event', 'resourceRelationship'],
    ['tmfapi639', { id: 'r', resourceRelationship: [1] }, 'malformed-event', 'resourceRelationship[0]'],
    ['tmfapi639', { id: 'r', resourceRelationship: [{}] }, 'malformed-event', 'resourceRelationship[0].type'],
    [
      'tmfapi639',
      { id: 'r', resourceRelationship: [{ type: 'x' }] },
      'missing-id',
      'resourceRelationship[0].resource.id',
    ],
    ['monasca', { state: 'OK' }, 'missing-id', 'id'],
    ['monasca', { id: 'm' }, 'malformed-event', 'state'],
  ])('%s: %j is rejected', (type, fields, code, where) => {
    expect(toEntityEvent(sampled(type, fields))).toMatchObject({ code, where });
  });
});

describe('their words', () => {
  it.each([
    ['trove.instance', 'SHUTDOWN', 'SUBOPTIMAL'],
    ['trove.cluster', 'none', 'OK'],
    ['cetus.cluster', 'Removing', 'TRANSIENT'],
    ['cetus.pod', 'crashing', 'ERROR'],
    ['tmfapi639', 'available', 'OK'],
    ['monasca', 'ALARM', 'CRITICAL'],
  ])('of %s: %s means %s', (type, word, operational) => {
    expect(compileValueTables(DEFAULT_VALUE_TABLES).lookup(type, word).operational).toBe(operational);
  });

  it('come from datasources that are listed in order, each once', () => {
    const names = DATASOURCES.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
  });
});
