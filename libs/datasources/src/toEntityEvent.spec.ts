import type { Json, JsonObject, Rejection } from '@wherefore/model';
import fc from 'fast-check';
import { DATASOURCES, toEntityEvent } from './index';
import { converted, sampleOf } from './reading/reading.sim';

const HOST = { host: 'compute-01', zone: 'az-1' };

describe('the envelope of a driver event', () => {
  it.each([
    ['init_snapshot', 'create-entity'],
    ['snapshot', 'update-entity'],
    ['update', 'update-entity'],
  ])('turns the action %s into %s', (given, expected) => {
    expect(converted(sampleOf('nova.host', HOST, given)).action).toBe(expected);
  });

  it.each([
    ['create_entity', 'create-entity'],
    ['update_entity', 'update-entity'],
    ['delete_entity', 'delete-entity'],
    ['update_relationship', 'update-relationship'],
    ['delete_relationship', 'delete-relationship'],
    ['remove_deleted_entity', 'remove-deleted-entity'],
  ])('takes the event type %s as the action it names', (given, expected) => {
    const event = sampleOf('nova.host', { ...HOST, vitrage_event_type: given }, 'snapshot');
    expect(converted(event).action).toBe(expected);
  });

  it('does not take any other event type for an action', () => {
    expect(converted(sampleOf('nova.host', { ...HOST, vitrage_event_type: 'entity_update' })).action).toBe(
      'update-entity',
    );
  });

  it('names no neighbours when it deletes, and does so when it only changes relationships', () => {
    const deletion = converted(sampleOf('nova.host', { ...HOST, vitrage_event_type: 'delete_entity' }));
    const relation = converted(sampleOf('nova.host', { ...HOST, vitrage_event_type: 'delete_relationship' }));
    expect([deletion.neighbours.length, relation.neighbours.length]).toEqual([0, 1]);
  });

  it('rejects a datasource that is not known, and says where to find those that are', () => {
    const answer = toEntityEvent(sampleOf('consistency', {})) as Rejection;
    expect(answer).toMatchObject({ code: 'unknown-datasource', where: 'vitrage_entity_type' });
    expect(answer.hint).toContain('libs/datasources/README.md');
  });

  it('is not fooled by a datasource named like a member of Object', () => {
    expect(toEntityEvent(sampleOf('constructor', {}))).toMatchObject({ code: 'unknown-datasource' });
  });

  it.each([undefined, 'sometimes', 3, null])('rejects the action %p', (action) => {
    const event = { ...sampleOf('nova.host', HOST), vitrage_datasource_action: action as Json };
    expect(toEntityEvent(event)).toMatchObject({ code: 'malformed-event', where: 'vitrage_datasource_action' });
  });

  it.each(['2026-02-29T00:00:00Z', '2016-08-2515:23:23.150274+00:00', 'yesterday', 12, null, ''])(
    'rejects the sample date %p',
    (date) => {
      const event = { ...sampleOf('nova.host', HOST), vitrage_sample_date: date };
      expect(toEntityEvent(event)).toMatchObject({ code: 'impossible-timestamp', where: 'vitrage_sample_date' });
    },
  );

  it('brings the sample date to the form whose order as text is that in time', () => {
    const event = { ...sampleOf('nova.host', HOST), vitrage_sample_date: '2026-11-22 00:06:31.45+00:00' };
    expect(converted(event).sampleTimestamp).toBe('2026-11-22T00:06:31.450000Z');
  });

  it('rejects what is no object', () => {
    expect(toEntityEvent(null as unknown as JsonObject)).toMatchObject({ code: 'malformed-event' });
    expect(toEntityEvent([] as unknown as JsonObject)).toMatchObject({ code: 'malformed-event' });
  });
});

describe('the list of datasources', () => {
  it('is in order of names, and says of alarms that they are', () => {
    const names = DATASOURCES.map((facts) => facts.name);
    expect(names).toEqual([...names].sort());
    expect(DATASOURCES.filter((facts) => facts.alarm).every((facts) => facts.category === 'ALARM')).toBe(true);
    expect(DATASOURCES.filter((facts) => !facts.deletesOutdated).map((facts) => facts.name)).toEqual([
      'doctor',
      'kubernetes',
      'nova.zone',
      'tmfapi639',
    ]);
  });

  it.each(DATASOURCES.map((facts) => facts.name))('%s rejects an event without an id', (name) => {
    const answer = toEntityEvent(sampleOf(name, {})) as Rejection;
    expect(['missing-id', 'malformed-event']).toContain(answer.code);
    expect(answer.where).toBeDefined();
    expect(answer.hint).toBeDefined();
  });
});

describe('whatever it is given', () => {
  const fieldNames = fc.constantFrom(
    ...['id', 'host', 'zone', 'zoneName', 'zoneState', 'hosts', 'name', 'status', 'state', 'labels', 'details', 'type'],
    ...['nova_object.data', 'uuid', 'instance_id', 'volume_id', 'attachments', 'volume_attachment', 'resources'],
    ...['relationships', 'metadata', 'resource_name', 'resource_type', 'service', 'triggerid', 'priority', 'value'],
    ...['alarm_id', 'vitrage_id', 'port', 'network', 'fixed_ips', 'device_id', 'vitrage_entity_unique_props'],
    ...['binary', 'hypervisor_hostname', 'disabled_reason', 'instance_uuid', 'migration_type', 'source_compute'],
    ...['enabled', 'domain_id', 'owner', 'size', 'updated_at', 'availability_zone'],
    ...['source', 'target', 'relationship_type', 'hostname', 'time', 'lastchange', 'severity', 'message', '__proto__'],
  );
  const json = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, true, false, 0, -1, 1e300, '', 'OK', 'up', 'down', 'alarm', 'resolved', '1', 'a b'),
      fc.string({ maxLength: 6 }),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fieldNames, tie('value'), { maxKeys: 6 }),
    ),
  })).value;
  const datasource = fc.constantFrom(...DATASOURCES.map((facts) => facts.name));
  const action = fc.constantFrom('init_snapshot', 'snapshot', 'update');

  it('never throws, and answers with an event of the contract or a rejection', () => {
    fc.assert(
      fc.property(datasource, action, fc.dictionary(fieldNames, json, { maxKeys: 9 }), (name, how, fields) => {
        const answer = toEntityEvent(sampleOf(name, fields as JsonObject, how));
        if ('code' in answer) expect(answer.message.length).toBeGreaterThan(0);
        else {
          expect(answer.entity.key.startsWith(`${answer.entity.category}:`)).toBe(true);
          expect(Object.values(answer.entity.properties)).not.toContain(undefined);
          for (const lookup of answer.lookups) expect(Object.keys(lookup.where).length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('never throws on JSON of any shape', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        toEntityEvent(value as JsonObject);
      }),
    );
  });
});
