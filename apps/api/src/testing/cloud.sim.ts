import type { JsonObject } from '@wherefore/model';

/** A host without power is down, and its instances cannot be reached. */
export const POWER_TEMPLATE = `
metadata: {version: 3, name: power, type: standard, description: a host without power}
entities:
  power: {category: ALARM, type: zabbix, name: Power supply failure}
  down: {category: ALARM, type: vitrage, name: Host down}
  host: {category: RESOURCE, type: nova.host}
  instance: {category: RESOURCE, type: nova.instance}
scenarios:
  - condition: power [ on ] host
    actions:
      - raise_alarm: {target: host, alarm_name: Host down, severity: critical, causing_alarm: power}
  - condition: down [ on ] host AND host [ contains ] instance
    actions:
      - raise_alarm: {target: instance, alarm_name: Unreachable, severity: warning, causing_alarm: down}
`;

/** Driver-shaped, as every event here. */
export function host(id: string): JsonObject {
  return { vitrage_entity_type: 'nova.host', host: id, zone: 'nova' };
}

export function instance(id: string, on: string): JsonObject {
  return {
    'vitrage_entity_type': 'nova.instance',
    'id': id,
    'name': `name of ${id}`,
    'status': 'ACTIVE',
    'OS-EXT-SRV-ATTR:host': on,
  };
}

/** A trigger of Zabbix: raised with 1, cleared with 0. */
export function power(on: string, value: 0 | 1): JsonObject {
  return {
    vitrage_entity_type: 'zabbix',
    vitrage_event_type: value === 1 ? 'zabbix.alarm.problem' : 'zabbix.alarm.ok',
    description: 'Power supply failure',
    triggerid: '17',
    priority: '4',
    status: '0',
    value: String(value),
    resource_type: 'nova.host',
    resource_name: on,
  };
}
