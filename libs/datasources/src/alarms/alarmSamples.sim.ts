import type { EntityEvent, JsonObject } from '@wherefore/model';
import { toEntityEvent } from '../index';

/** When the samples were taken. */
export const AT = '2026-11-21T00:00:00Z';

/** A driver event with the fields that every driver adds. */
export function sampleOf(datasource: string, fields: JsonObject, action = 'update'): JsonObject {
  return { vitrage_entity_type: datasource, vitrage_datasource_action: action, vitrage_sample_date: AT, ...fields };
}

/** What the event means; fails the test where it is refused. */
export function converted(event: JsonObject): EntityEvent {
  const answer = toEntityEvent(event);
  if ('code' in answer) throw new Error(JSON.stringify(answer));
  return answer;
}

export const ON_HOST = { resource_type: 'nova.host', resource_name: 'host-1' };
/** An alarm of each source, as its driver hands it on. */
export const NAGIOS = {
  ...ON_HOST,
  service: 'CPU load',
  status: 'WARNING',
  status_info: 'WARNING - 6',
  last_check: '2026-11-20 00:00:00',
};
export const ZABBIX = {
  ...ON_HOST,
  description: 'Processor load',
  rawtext: 'Processor load on {HOST}',
  triggerid: 13491,
  lastchange: '1763683200',
  status: '0',
  value: '1',
  priority: '2',
};
export const DOCTOR = {
  time: '2026-04-12T08:00:00.12345',
  type: 'compute.host.down',
  details: { hostname: 'host-1', status: 'down', source: 'monitor', cause: 'link-down', state: 'x', vitrage_id: 'x' },
};
export const PROMETHEUS = {
  status: 'firing',
  labels: { alertname: 'HighCpu', severity: 'critical' },
  startsAt: '2026-11-20T00:00:00.90694368Z',
  endsAt: '0001-01-01T00:00:00Z',
  vitrage_entity_unique_props: { instance_name: 'instance-2', host_id: 'host-1' },
};
export const AODH = {
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
export const COLLECTD = {
  ...{ ...ON_HOST, host: 'compute-1', plugin: 'ovs', id: '46c7', message: 'link down' },
  ...{ severity: 'WARNING', time: '1482409029.062524' },
};
export const KAPACITOR = {
  ...{ ...ON_HOST, id: 'mem high', message: 'mem high', priority: 'critical' },
  ...{ details: 'DETAIL', time: '2026-04-22T08:11:00Z' },
};
