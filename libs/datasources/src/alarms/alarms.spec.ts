import type { EntityEvent, JsonObject } from '@wherefore/model';
import { toEntityEvent } from '../index';

const AT = '2026-11-21T00:00:00Z';

function sampleOf(datasource: string, fields: JsonObject, action = 'update'): JsonObject {
  return { vitrage_entity_type: datasource, vitrage_datasource_action: action, vitrage_sample_date: AT, ...fields };
}

function converted(event: JsonObject): EntityEvent {
  const answer = toEntityEvent(event);
  if ('code' in answer) throw new Error(JSON.stringify(answer));
  return answer;
}

const ON_HOST = { resource_type: 'nova.host', resource_name: 'host-1' };
const NAGIOS = {
  ...ON_HOST,
  service: 'CPU load',
  status: 'WARNING',
  status_info: 'WARNING - 6',
  last_check: '2026-11-20 00:00:00',
};
const ZABBIX = {
  ...ON_HOST,
  description: 'Processor load',
  rawtext: 'Processor load on {HOST}',
  triggerid: 13491,
  lastchange: '1763683200',
  status: '0',
  value: '1',
  priority: '2',
};
const DOCTOR = {
  time: '2026-04-12T08:00:00.12345',
  type: 'compute.host.down',
  details: { hostname: 'host-1', status: 'down', source: 'monitor', cause: 'link-down', state: 'x', vitrage_id: 'x' },
};
const PROMETHEUS = {
  status: 'firing',
  labels: { alertname: 'HighCpu', severity: 'critical' },
  startsAt: '2026-11-20T00:00:00.90694368Z',
  endsAt: '0001-01-01T00:00:00Z',
  vitrage_entity_unique_props: { instance_name: 'instance-2', host_id: 'host-1' },
};
const AODH = {
  alarm_id: 'a-1',
  name: 'cpu',
  severity: 'low',
  state: 'alarm',
  type: 'event',
  description: 'd',
  enabled: true,
  resource_id: 'vm-1',
  state_timestamp: '2026-11-11T01:58:36.054090',
};
const COLLECTD = {
  ...{ ...ON_HOST, host: 'compute-1', plugin: 'ovs', id: '46c7', message: 'link down' },
  ...{ severity: 'WARNING', time: '1482409029.062524' },
};
const KAPACITOR = {
  ...{ ...ON_HOST, id: 'mem high', message: 'mem high', priority: 'critical' },
  ...{ details: 'DETAIL', time: '2026-04-22T08:11:00Z' },
};

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
