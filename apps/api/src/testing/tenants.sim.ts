import type { JsonObject } from '@wherefore/model';

/** An instance of a project. */
export function instanceOf(id: string, on: string, project: string): JsonObject {
  return {
    'vitrage_entity_type': 'nova.instance',
    'id': id,
    'name': id,
    'status': 'ACTIVE',
    'tenant_id': project,
    'OS-EXT-SRV-ATTR:host': on,
  };
}

/** An alarm of Zabbix, of no project itself. Priorities: 2 warning, 3 severe, 4 critical. */
export function zabbixAlarm(name: string, type: string, on: string, priority: number): JsonObject {
  return {
    vitrage_entity_type: 'zabbix',
    vitrage_event_type: 'zabbix.alarm.problem',
    description: name,
    triggerid: name,
    priority: String(priority),
    status: '0',
    value: '1',
    resource_type: type,
    resource_name: on,
  };
}

/** An alarm of Aodh, which is of a project. Severities: low, moderate, critical. */
export function aodhAlarm(name: string, on: string, project: string, severity: string): JsonObject {
  return {
    vitrage_entity_type: 'aodh',
    vitrage_event_type: 'creation',
    alarm_id: `aodh-${name}`,
    name,
    state: 'alarm',
    severity,
    resource_id: on,
    project_id: project,
  };
}

/** Whatever alarm is on a host causes those on its instances. */
export const CAUSES_TEMPLATE = `
metadata: {version: 3, name: causes, type: standard}
entities:
  below_host: {category: ALARM, name: alarm_on_host}
  on_instance: {category: ALARM, name.regex: 'alarm_on_instance.*'}
  host: {category: RESOURCE, type: nova.host}
  instance: {category: RESOURCE, type: nova.instance}
scenarios:
  - condition: below_host [ on ] host AND host [ contains ] instance AND on_instance [ on ] instance
    actions:
      - add_causal_relationship: {source: below_host, target: on_instance}
`;
