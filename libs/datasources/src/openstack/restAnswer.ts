import { type Json, type JsonObject, type Rejection, isJsonObject } from '@wherefore/model';
import { AODH } from '../alarms/aodh';
import { CINDER_VOLUME } from '../cinder/volume';
import { entityTypeOf, HEAT_STACK } from '../heat/stack';
import { NEUTRON_NETWORK } from '../neutron/network';
import { isComputeOwner, NEUTRON_PORT } from '../neutron/port';
import { NOVA_HOST, NOVA_ZONE } from '../nova/host';
import { NOVA_INSTANCE } from '../nova/instance';
import { kindOf, malformed, missingId, readId } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { alarmRow } from './aodhNotice';
import { type DriverFrame, driverEvent, pickFields, pickFromEach } from './driverEvent';
import * as fields from './sourceFields';

/** One entity of a poll. */
export interface PollRow {
  /** The key of the entity, `CATEGORY:type:id`. */
  readonly key: string;
  /** Driver-shaped, action `snapshot`. Equal, but for the sample date, while nothing that matters changes. */
  readonly event: JsonObject;
}

/** What an answer says of one datasource: the rows of a poll of it. */
export interface PollRows {
  readonly datasource: string;
  readonly rows: readonly PollRow[];
  /** Rows that name no entity. A poll with any is not complete. */
  readonly rejected: readonly Rejection[];
}

/** What one answer contains: a poll for each datasource that it tells of, never none. */
export interface AnswerPolls {
  readonly polls: readonly PollRows[];
}

/** How one kind of answer is read. */
interface AnswerReader {
  readonly datasource: string;
  readonly category: 'RESOURCE' | 'ALARM';
  /** The field that holds the list; undefined when the answer is the list. */
  readonly list: string | undefined;
  readonly id: string;
  /** The driver event of a row; undefined for a row that is no entity. */
  readonly read: (frame: DriverFrame, row: JsonObject) => JsonObject | undefined;
}

const READERS: ReadonlyMap<string, AnswerReader> = new Map<string, AnswerReader>([
  ['nova-servers', reader(NOVA_INSTANCE, 'servers', 'id', only(fields.SERVER_ROW_FIELDS))],
  ['nova-services', reader(NOVA_HOST, 'services', 'host', readService)],
  ['nova-availability-zones', reader(NOVA_ZONE, 'availabilityZoneInfo', 'zoneName', readZone)],
  ['neutron-networks', reader(NEUTRON_NETWORK, 'networks', 'id', only(fields.NETWORK_FIELDS))],
  ['neutron-ports', reader(NEUTRON_PORT, 'ports', 'id', readPort)],
  ['cinder-volumes', reader(CINDER_VOLUME, 'volumes', 'id', readVolume)],
  ['heat-stacks', reader(HEAT_STACK, 'stacks', 'id', readStack)],
  ['aodh-alarms', { ...reader(AODH, undefined, 'alarm_id', alarmRow), category: 'ALARM' }],
]);

/** The answers that `fromRestAnswer` can read. */
export const REST_ANSWERS: readonly string[] = Object.freeze([...READERS.keys()]);

/**
 * Turns the body of a successful answer of an OpenStack API into the polls that it amounts to, taken at `at`.
 *
 * Reads only what matters to entities, so that a row changes when its entity does. Rejections:
 * `unknown-datasource` (no such answer), `impossible-timestamp`, `malformed-event` (the list is not
 * there, as in an error's body). Single rows that are wrong are in `rejected`. Never throws. O(body).
 */
export function fromRestAnswer(name: string, body: Json, at: string): AnswerPolls | Rejection {
  const answer = READERS.get(name);
  if (answer === undefined) return unknownAnswer(name);
  const timestamp = normaliseTimestamp(at);
  if (timestamp === undefined) return { code: 'impossible-timestamp', message: `"${at}" is no time.`, where: 'at' };
  const list = answer.list === undefined ? body : isJsonObject(body) ? body[answer.list] : undefined;
  if (!Array.isArray(list)) {
    const where = answer.list ?? 'body';
    return malformed(where, `${where} is ${kindOf(list)}, not a list: is this the body of an error?`);
  }
  return { polls: [readRows(answer, list as readonly Json[], timestamp)] };
}

function readRows(answer: AnswerReader, list: readonly Json[], at: string): PollRows {
  const { datasource, category } = answer;
  const frame: DriverFrame = { datasource, action: 'snapshot', at };
  const rows: PollRow[] = [];
  const rejected: Rejection[] = [];
  for (const [index, row] of list.entries()) {
    const path = `${answer.list ?? ''}[${index}]`;
    const id = isJsonObject(row) ? readId(row[answer.id]) : undefined;
    if (!isJsonObject(row)) rejected.push(malformed(path, `${path} is ${kindOf(row)}, not an object.`));
    else if (id === undefined) rejected.push(missingId(`${path}.${answer.id}`));
    else {
      const event = answer.read(frame, row);
      if (event !== undefined) rows.push({ key: `${category}:${datasource}:${id}`, event });
    }
  }
  return { datasource, rows, rejected };
}

function readService(frame: DriverFrame, row: JsonObject): JsonObject | undefined {
  return row['binary'] === 'nova-compute' ? driverEvent(frame, row, fields.SERVICE_FIELDS) : undefined;
}

/** The zone `internal` holds Nova's own services. */
function readZone(frame: DriverFrame, row: JsonObject): JsonObject | undefined {
  if (row['zoneName'] === 'internal') return undefined;
  const event = driverEvent(frame, row, ['zoneName', 'zoneState']);
  return row['hosts'] === undefined ? event : { ...event, hosts: withoutHeartbeats(row['hosts']) };
}

function withoutHeartbeats(hosts: Json): Json {
  if (!isJsonObject(hosts)) return hosts;
  const kept: Record<string, Json> = {};
  for (const host of Object.keys(hosts)) {
    const services = hosts[host];
    const compute = isJsonObject(services) ? services['nova-compute'] : undefined;
    if (isJsonObject(compute) && host !== '__proto__') {
      kept[host] = { 'nova-compute': pickFields(compute, ['available', 'active']) };
    }
  }
  return kept;
}

function readPort(frame: DriverFrame, row: JsonObject): JsonObject | undefined {
  if (!isComputeOwner(row['device_owner'])) return undefined;
  const event = driverEvent(frame, row, fields.PORT_FIELDS);
  const addresses = fields.fixedIps(row);
  return addresses === undefined ? event : { ...event, fixed_ips: addresses };
}

function readVolume(frame: DriverFrame, row: JsonObject): JsonObject {
  const event = driverEvent(frame, row, fields.VOLUME_ROW_FIELDS);
  const { attachments } = row;
  if (!Array.isArray(attachments)) return event;
  const servers = (attachments as readonly Json[]).flatMap((attachment) => {
    const server = isJsonObject(attachment) ? readId(attachment['server_id']) : undefined;
    return server === undefined ? [] : [server];
  });
  return { ...event, attached_servers: servers };
}

/** Stacks within stacks are parts of the outer one. `resources` is there if the driver asked for them. */
function readStack(frame: DriverFrame, row: JsonObject): JsonObject | undefined {
  if (readId(row['parent']) !== undefined) return undefined;
  const event = driverEvent(frame, row, fields.STACK_ROW_FIELDS);
  const { resources } = row;
  if (!Array.isArray(resources)) return event;
  const entities = (resources as readonly Json[]).filter(
    (resource) => isJsonObject(resource) && entityTypeOf(resource['resource_type']) !== undefined,
  );
  return { ...event, resources: pickFromEach(entities, fields.STACK_RESOURCE_FIELDS) ?? [] };
}

function only(names: readonly string[]): AnswerReader['read'] {
  return (frame, row) => driverEvent(frame, row, names);
}

function reader(datasource: string, list: string | undefined, id: string, read: AnswerReader['read']): AnswerReader {
  return { datasource, category: 'RESOURCE', list, id, read };
}

function unknownAnswer(name: string): Rejection {
  return {
    code: 'unknown-datasource',
    message: `No answer named "${name}" is known.`,
    where: 'name',
    hint: `Known are ${REST_ANSWERS.join(', ')}.`,
  };
}
