import type { JsonObject } from '@wherefore/model';
import { toEntityEvent } from '../index';
import { AODH, COLLECTD, DOCTOR, KAPACITOR, NAGIOS, PROMETHEUS, ZABBIX, converted, sampleOf } from './alarmSamples.sim';

/** For each source: an event that raises its alarm, and what clears it. */
const SOURCES: readonly [string, JsonObject, JsonObject][] = [
  ['nagios', NAGIOS, { status: 'OK' }],
  ['zabbix', ZABBIX, { value: '0' }],
  ['zabbix', ZABBIX, { status: '1' }],
  ['doctor', DOCTOR, { details: { ...DOCTOR.details, status: 'up' } }],
  ['prometheus', PROMETHEUS, { status: 'resolved' }],
  ['aodh', AODH, { state: 'ok' }],
  ['aodh', AODH, { state: 'insufficient data' }],
  ['aodh', AODH, { vitrage_event_type: 'alarm.deletion' }],
  ['collectd', COLLECTD, { severity: 'OK' }],
  ['kapacitor', KAPACITOR, { priority: 'ok' }],
];

describe('an alarm of any source', () => {
  it.each(SOURCES)(
    'of %s is Active when raised, and deleted under the same key when cleared (%#)',
    (source, raised, cleared) => {
      const raise = converted(sampleOf(source, raised));
      expect(raise).toMatchObject({
        action: 'update-entity',
        datasource: source,
        entity: { category: 'ALARM', type: source },
      });
      expect(raise.entity.properties['state']).toBe('Active');
      expect(raise.neighbours.length + raise.lookups.length).toBe(1);
      const clear = converted(sampleOf(source, { ...raised, ...cleared }));
      expect(clear).toMatchObject({ action: 'delete-entity', neighbours: [], lookups: [] });
      expect(clear.entity.key).toBe(raise.entity.key);
      expect(clear.entity.properties['state']).toBe('Inactive');
    },
  );

  it.each(SOURCES.filter(([, , cleared]) => !('vitrage_event_type' in cleared)))(
    'of %s that is in order is not raised by a first poll either (%#)',
    (source, raised, cleared) => {
      for (const action of ['init_snapshot', 'snapshot']) {
        expect(converted(sampleOf(source, { ...raised, ...cleared }, action)).action).toBe('delete-entity');
      }
      expect(converted(sampleOf(source, raised, 'init_snapshot')).action).toBe('create-entity');
    },
  );

  it.each(SOURCES)('of %s goes when its driver says that it is no longer listed (%#)', (source, raised) => {
    const event = converted(sampleOf(source, { ...raised, vitrage_event_type: 'delete_entity' }));
    expect([event.action, event.entity.properties['state']]).toEqual(['delete-entity', 'Inactive']);
  });
});

describe('alarms are rejected when they', () => {
  it.each([
    ['nagios', { ...NAGIOS, resource_name: null }, 'missing-id', 'resource_name'],
    ['nagios', { ...NAGIOS, service: '' }, 'missing-id', 'service'],
    ['nagios', { ...NAGIOS, status: {} }, 'malformed-event', 'status'],
    ['zabbix', { ...ZABBIX, triggerid: null }, 'missing-id', 'triggerid'],
    ['zabbix', { ...ZABBIX, priority: '9' }, 'malformed-event', 'priority'],
    ['zabbix', { ...ZABBIX, rawtext: [] }, 'malformed-event', 'rawtext'],
    ['doctor', { ...DOCTOR, details: 'x' }, 'malformed-event', 'details'],
    ['doctor', { ...DOCTOR, details: { status: 'up' } }, 'missing-id', 'details.hostname'],
    ['doctor', { ...DOCTOR, details: { hostname: 'h', status: 'meh' } }, 'malformed-event', 'details.status'],
    ['doctor', { ...DOCTOR, type: null }, 'missing-id', 'type'],
    ['prometheus', { ...PROMETHEUS, labels: [] }, 'malformed-event', 'labels'],
    ['prometheus', { ...PROMETHEUS, labels: {} }, 'missing-id', 'labels.alertname'],
    ['prometheus', { ...PROMETHEUS, status: 1 }, 'malformed-event', 'status'],
    [
      'prometheus',
      { ...PROMETHEUS, vitrage_entity_unique_props: 'x' },
      'malformed-event',
      'vitrage_entity_unique_props',
    ],
    ['aodh', { ...AODH, alarm_id: null }, 'missing-id', 'alarm_id'],
    ['aodh', { ...AODH, state: null }, 'malformed-event', 'state'],
    ['collectd', { severity: 'OK' }, 'missing-id', 'id'],
    ['collectd', { ...COLLECTD, severity: null }, 'malformed-event', 'severity'],
    ['kapacitor', { ...KAPACITOR, id: null }, 'missing-id', 'id'],
    ['kapacitor', { ...KAPACITOR, priority: {} }, 'malformed-event', 'priority'],
  ])('of %s are such as %j', (source, fields, code, where) => {
    expect(toEntityEvent(sampleOf(source, fields as unknown as JsonObject))).toMatchObject({ code, where });
  });
});
