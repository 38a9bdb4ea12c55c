import type { Json, JsonObject } from '@wherefore/model';
import type { Converter } from '../reading/entity';
import { malformed, missingId, PropertyDraft, readId } from '../reading/properties';
import { normaliseTimestamp, timestampOfEpoch } from '../reading/timestamp';
import { alarmEvent, alarmState, isOkWord, isRemoval, namedResource } from './alarmEvent';

export const NAGIOS = 'nagios';
export const ZABBIX = 'zabbix';

/** Zabbix numbers its severities. */
const ZABBIX_SEVERITIES = ['NOT CLASSIFIED', 'INFORMATION', 'WARNING', 'AVERAGE', 'HIGH', 'DISASTER'] as const;

/**
 * A service of Nagios on a resource. The severity is the status as Nagios words it; `OK` clears the
 * alarm. `UP` does not, as in Vitrage: it makes an alarm that is in order.
 */
export const convertNagios: Converter = (sample) => {
  const { event } = sample;
  const resource = readId(event['resource_name']);
  if (resource === undefined) return missingId('resource_name');
  const service = readId(event['service']);
  if (service === undefined) return missingId('service');
  const status = readId(event['status']);
  if (status === undefined && !isRemoval(sample.action)) return malformed('status', 'The event has no status.');

  const isActive = status !== undefined && !isOkWord(status) && !isRemoval(sample.action);
  const draft = new PropertyDraft()
    .set('name', service)
    .set('state', alarmState(isActive))
    .set('severity', isActive ? status : undefined)
    .text('info', event['status_info'], 'status_info')
    .set('resource_id', resource)
    .set('update_timestamp', normaliseTimestamp(event['last_check']) ?? sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;
  return alarmEvent(sample, {
    type: NAGIOS,
    key: `ALARM:nagios:${resource}:${service}`,
    isActive,
    properties: draft.patch,
    neighbours: namedResource(event),
  });
};

/**
 * A trigger of Zabbix on a resource. It holds while its value is 1 and it is enabled (status 0); the
 * severity is the word for its priority.
 */
export const convertZabbix: Converter = (sample) => {
  const { event } = sample;
  const resource = readId(event['resource_name']);
  if (resource === undefined) return missingId('resource_name');
  const trigger = readId(event['triggerid']);
  if (trigger === undefined) return missingId('triggerid');

  const isActive = holds(event) && !isRemoval(sample.action);
  const severity = zabbixSeverity(event);
  if (severity === undefined && isActive) return malformed('priority', 'priority is not a number from 0 to 5.');
  const draft = new PropertyDraft()
    .text('name', zabbixName(event, resource), 'description')
    .set('state', alarmState(isActive))
    .set('severity', isActive ? severity : undefined)
    .text('rawtext', event['rawtext'], 'rawtext')
    .set('resource_id', resource)
    .set('update_timestamp', zabbixTime(event) ?? sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;
  return alarmEvent(sample, {
    type: ZABBIX,
    key: `ALARM:zabbix:${resource}:${trigger}`,
    isActive,
    properties: draft.patch,
    neighbours: namedResource(event),
  });
};

function holds(event: JsonObject): boolean {
  return !isOne(event['status']) && isOne(event['value']);
}

function isOne(value: unknown): boolean {
  return value === '1' || value === 1;
}

function zabbixSeverity(event: JsonObject): string | undefined {
  const priority = event['priority'];
  const digit = typeof priority === 'number' ? String(priority) : priority;
  if (typeof digit !== 'string' || digit.length !== 1) return undefined;
  return ZABBIX_SEVERITIES[digit.charCodeAt(0) - 48];
}

/** A name may grow to so many characters when hosts in it are called as their resources. */
const NAME_CHARS_MAX = 65_536;

/** The trigger's description, in which the host is called as its resource is. */
function zabbixName(event: JsonObject, resource: string): Json | undefined {
  const name = event['description'] ?? event['name'];
  const host = readId(event['zabbix_resource_name']);
  if (typeof name !== 'string' || host === undefined) return name;
  const parts = name.split(host);
  const length = name.length + (parts.length - 1) * (resource.length - host.length);
  // A letter for a host, and a long name for a resource: what that would come to helps nobody.
  return length > NAME_CHARS_MAX ? name : parts.join(resource);
}

/** When the trigger last changed: seconds since 1970, or Zabbix's own `YYYY.MM.DD hh:mm:ss`. */
function zabbixTime(event: JsonObject): string | undefined {
  const known = timestampOfEpoch(event['lastchange']);
  if (known !== undefined) return known;
  const text = event['timestamp'];
  if (typeof text !== 'string' || text.charAt(4) !== '.') return normaliseTimestamp(text);
  return normaliseTimestamp(`${text.slice(0, 4)}-${text.slice(5, 7)}-${text.slice(8)}`);
}
