import type { JsonObject } from '@wherefore/model';
import { fromNotification, toEntityEvent } from '../index';
import { AT, meanings, message, neighboursOf, pollsOf, rowMeaning, told, versioned } from '../openstack/openstack.sim';

const metadata = { availability_zone: 'az-1', rack: 'r-1' };
const row: JsonObject = {
  id: 1,
  uuid: '0d32d0f7-cb1d-4cf6-93d4-248b59756f87',
  name: 'agg-az1',
  hosts: ['compute-01', 'compute-02', 'compute-01'],
  metadata,
  created_at: '2026-11-21T23:56:18.000000',
  updated_at: null,
  availability_zone: 'az-1',
};

describe('a host aggregate', () => {
  it('is known by its number, and contains its hosts', () => {
    const event = rowMeaning('nova-aggregates', { aggregates: [row] });
    expect([event.entity.key, event.entity.properties]).toEqual([
      'RESOURCE:nova.aggregate:1',
      { id: '1', name: 'agg-az1', availability_zone: 'az-1', metadata, update_timestamp: AT },
    ]);
    expect(neighboursOf(event)).toEqual([
      '–contains→ RESOURCE:nova.host:compute-01',
      '–contains→ RESOURCE:nova.host:compute-02',
    ]);
  });

  it('without hosts says that it has none', () => {
    const event = rowMeaning('nova-aggregates', { aggregates: [{ ...row, hosts: [] }] });
    expect([event.neighbours, event.without]).toEqual([[], ['nova.host']]);
  });

  it.each([
    [{ name: 'x' }, 'missing-id', 'id'],
    [{ id: 1, hosts: 'h' }, 'malformed-event', 'hosts'],
    [{ id: 1, metadata: [] }, 'malformed-event', 'metadata'],
    [{ id: 1, name: {} }, 'malformed-event', 'name'],
  ])('%j is refused', (fields, code, where) => {
    const frame = { vitrage_entity_type: 'nova.aggregate', vitrage_datasource_action: 'update' };
    expect(toEntityEvent({ ...frame, vitrage_sample_date: AT, ...fields } as JsonObject)).toMatchObject({
      code,
      where,
    });
  });
});

describe('messages of a host aggregate', () => {
  const whole = versioned({ id: 1, uuid: 'u', name: 'agg-az1', hosts: ['compute-01', 'compute-02'], metadata });

  it.each(['create', 'add_host', 'remove_host', 'update_metadata', 'update_prop', 'cache_images'])(
    'in the versioned format carry it whole, as aggregate.%s.end does',
    (what) => {
      const [event] = meanings(`aggregate.${what}.end`, whole);
      const polled = rowMeaning('nova-aggregates', { aggregates: [row] });
      expect(event).toEqual({ ...polled, mayBeLate: true });
    },
  );

  it('in the versioned format tell that it is no zone any more', () => {
    const data = versioned({ id: 1, name: 'agg', hosts: [], metadata: {} });
    const [event] = meanings('aggregate.update_metadata.end', data);
    expect(event!.entity.properties).toMatchObject({ availability_zone: null, metadata: {} });
  });

  it('in the older format create it with its metadata, and no word of hosts', () => {
    const [event] = meanings('aggregate.create.end', { name: 'agg-az1', meta_data: metadata, aggregate_id: 1 });
    expect(event!.entity.properties).toMatchObject({ id: '1', name: 'agg-az1', availability_zone: 'az-1', metadata });
    expect([event!.neighbours, event!.without]).toEqual([[], undefined]);
  });

  it('in the older format add one host, after saying that the aggregate was heard of', () => {
    const events = meanings('aggregate.addhost.end', { aggregate_id: '1', host_name: 'compute-03', name: 'agg-az1' });
    expect(events.map(({ action }) => action)).toEqual(['update-entity', 'update-relationship']);
    expect(events.map(neighboursOf)).toEqual([[], ['–contains→ RESOURCE:nova.host:compute-03']]);
    expect(events.map(({ entity }) => entity.key)).toEqual(Array(2).fill('RESOURCE:nova.aggregate:1'));
    expect(events.every(({ sampleTimestamp }) => sampleTimestamp === AT)).toBe(true);
  });

  it('in the older format take one host away', () => {
    const events = meanings('aggregate.removehost.end', { aggregate_id: '1', host_name: 'compute-03' });
    expect(events.map(({ action }) => action)).toEqual(['update-entity', 'delete-relationship']);
    expect(neighboursOf(events[1]!)).toEqual(['–contains→ RESOURCE:nova.host:compute-03']);
  });

  it('in the older format tell only those keys of the metadata that change, and ask for a poll', () => {
    const rack = fromNotification(
      message('aggregate.updatemetadata.end', { aggregate_id: 1, meta_data: { rack: 'r' } }),
    );
    expect(rack).toEqual({ ignored: expect.stringContaining('whole') as string, poll: 'nova.aggregate' });
    const zone = { aggregate_id: 1, meta_data: { availability_zone: null } };
    expect(told('aggregate.updatemetadata.end', zone).poll).toBe('nova.aggregate');
    expect(meanings('aggregate.updatemetadata.end', zone)[0]!.entity.properties).toEqual({
      id: '1',
      availability_zone: null,
      update_timestamp: AT,
    });
  });

  it('delete it, in both formats', () => {
    for (const payload of [whole, { aggregate_id: 1 }]) {
      const [event] = meanings('aggregate.delete.end', payload);
      expect([event!.action, event!.entity.key]).toEqual(['delete-entity', 'RESOURCE:nova.aggregate:1']);
    }
  });

  it('of an intention are ignored', () => {
    expect(fromNotification(message('aggregate.create.start', { name: 'x' }))).toHaveProperty('ignored');
    expect(fromNotification(message('aggregate.cache_images.progress', whole))).toHaveProperty('ignored');
  });

  it.each([
    [{}, 'missing-id', 'payload.aggregate_id'],
    [versioned({ id: null }), 'missing-id', 'payload.nova_object.data.id'],
    [{ 'nova_object.data': 1 }, 'malformed-event', 'payload.nova_object.data'],
    [{ aggregate_id: 1 }, 'missing-id', 'payload.host_name'],
  ])('%j is refused', (payload, code, where) => {
    expect(fromNotification(message('aggregate.addhost.end', payload as JsonObject))).toMatchObject({ code, where });
  });

  it('with metadata that are none are refused', () => {
    const answer = fromNotification(message('aggregate.updatemetadata.end', { aggregate_id: 1, meta_data: 'x' }));
    expect(answer).toMatchObject({ code: 'malformed-event', where: 'payload.meta_data' });
  });

  it('are the same poll as one that is read twice', () => {
    expect(pollsOf('nova-aggregates', { aggregates: [{ ...row, updated_at: 'later' }] })).toEqual(
      pollsOf('nova-aggregates', { aggregates: [row] }),
    );
  });
});
