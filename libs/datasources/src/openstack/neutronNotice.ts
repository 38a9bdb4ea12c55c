import { type Json, type JsonObject, isJsonObject } from '@wherefore/model';
import { NEUTRON_FLOATING_IP } from '../neutron/floatingIp';
import { isComputeOwner, NEUTRON_PORT } from '../neutron/port';
import { NEUTRON_ROUTER_INTERFACE } from '../neutron/routerInterface';
import { malformed, missingId, readId, readObject } from '../reading/properties';
import { type DriverFrame, driverEvent } from './driverEvent';
import { NEUTRON_KINDS, type NeutronKind, portRow } from './neutronRows';
import type { Notice, NoticeAnswer } from './notification';
import { ROUTER_INTERFACE_FIELDS } from './sourceFields';

/** The notifications that `readNeutronNotice` reads, by their beginning. */
export const NEUTRON_NOTICES = /^(port|network|subnet|router|floatingip|agent)\./;

const KINDS: ReadonlyMap<string, NeutronKind> = new Map<string, NeutronKind>(Object.entries(NEUTRON_KINDS));

/**
 * `<kind>.*.end` of agents, floating IPs, networks, ports, routers and subnets, of one or (created in bulk)
 * of many.
 *
 * Unless all ports are wanted, only those of servers are entities. A port has no owner when it is created
 * and gets one by an update; when an update takes the owner away again, the entity goes. A deletion may
 * name the port and no more: it is passed on, since deleting what was never an entity does nothing.
 *
 * `DOWN` is what the API shows when a port has just been bound. Neutron tells nobody when its agents have
 * brought it up: that follows from what Nova says of the server (`serverTidings.ts`), or needs a poll. Of a
 * floating IP that leads to a port it means no more than "not up yet": it is left out, and a poll asked for.
 */
export function readNeutronNotice(notice: Notice): NoticeAnswer {
  const { eventType } = notice;
  if (!eventType.endsWith('.end')) return { ignored: `${eventType} tells of an intention only` };
  const kind = eventType.slice(0, eventType.indexOf('.'));
  if (eventType === `${kind}.delete.end`) return deletion(notice, kind);
  if (eventType !== `${kind}.create.end` && eventType !== `${kind}.update.end`) {
    return { ignored: `no entity hangs on ${eventType}` };
  }

  const bodies = bodiesOf(notice.payload, kind);
  if (bodies === undefined) return malformed(`payload.${kind}`, `The notification has no ${kind}.`);
  const events: JsonObject[] = [];
  for (const body of bodies) {
    if (!isJsonObject(body) || readId(body['id']) === undefined) return missingId(`payload.${kind}.id`);
    const event = eventOf(notice, kind, body);
    if (event !== undefined) events.push(event);
  }
  if (events.length === 0) return { ignored: `${eventType} of no server's port` };
  const waiting = events.find(isWaitingForAgent);
  return waiting === undefined ? { events } : { events, poll: String(waiting['vitrage_entity_type']) };
}

/** `binding.*`: during a live migration a port has two hosts. Which of them holds it now, only the API tells. */
export function readBindingNotice(notice: Notice): NoticeAnswer {
  const ignored = `${notice.eventType} does not tell which host a port is bound to`;
  return notice.eventType.endsWith('.end') ? { ignored, poll: NEUTRON_PORT } : { ignored };
}

/**
 * `router.interface.create` and `.delete`, which come without `.start` and `.end`. They tell the port by
 * which the router reaches the network, and that port's own notifications never come. Its state and its
 * addresses are in the answer of the ports.
 */
export function readRouterInterfaceNotice(notice: Notice): NoticeAnswer {
  const { eventType, payload } = notice;
  if (eventType !== 'router.interface.create' && eventType !== 'router.interface.delete') {
    return { ignored: `no entity hangs on ${eventType}` };
  }
  const told = readObject(payload, 'router_interface');
  if (told === undefined) return malformed('payload.router_interface', 'The notification has no router_interface.');
  const port = readId(told['port_id']);
  if (port === undefined) return missingId('payload.router_interface.port_id');
  const frame = frameOf(notice, NEUTRON_ROUTER_INTERFACE);
  if (eventType === 'router.interface.delete') {
    return { events: [driverEvent({ ...frame, eventType: 'delete_entity' }, { id: port }, ['id'])] };
  }
  const subnets = told['subnet_ids'] ?? (told['subnet_id'] === undefined ? undefined : [told['subnet_id']]);
  const row: Record<string, Json> = { ...driverEvent(frame, { ...told, id: port }, ROUTER_INTERFACE_FIELDS) };
  if (told['id'] !== undefined) row['router_id'] = told['id'];
  if (subnets !== undefined) row['subnet_ids'] = subnets;
  return { events: [row], poll: NEUTRON_PORT };
}

function isWaitingForAgent(event: JsonObject): boolean {
  const type = event['vitrage_entity_type'];
  if (type === NEUTRON_FLOATING_IP) return !('status' in event);
  return type === NEUTRON_PORT && event['status'] === 'DOWN' && readId(event['device_owner']) !== undefined;
}

function bodiesOf(payload: JsonObject, kind: string): readonly Json[] | undefined {
  const one = payload[kind];
  if (one !== undefined) return [one];
  const many = payload[`${kind}s`];
  return Array.isArray(many) ? (many as readonly Json[]) : undefined;
}

function eventOf(notice: Notice, kind: string, body: JsonObject): JsonObject | undefined {
  const known = KINDS.get(kind);
  if (known === undefined) return portEvent(notice, body);
  return known.read(frameOf(notice, known.datasource), known.datasource === NEUTRON_FLOATING_IP ? settled(body) : body);
}

function portEvent(notice: Notice, port: JsonObject): JsonObject | undefined {
  const frame = frameOf(notice, NEUTRON_PORT);
  const event = portRow(frame, port, notice.options);
  if (event !== undefined) return event;
  const isReleased = notice.eventType === 'port.update.end' && readId(port['device_owner']) === undefined;
  return isReleased ? driverEvent({ ...frame, eventType: 'delete_entity' }, port, ['id']) : undefined;
}

/**
 * A floating IP without a status that an agent has yet to bring about. One that leads nowhere is down, and
 * what a message says of its status is what it was before.
 */
function settled(floatingIp: JsonObject): JsonObject {
  const { status, ...rest } = floatingIp;
  if ('port_id' in floatingIp && readId(floatingIp['port_id']) === undefined) return { ...rest, status: 'DOWN' };
  return status === 'DOWN' ? rest : floatingIp;
}

function deletion(notice: Notice, kind: string): NoticeAnswer {
  const { payload } = notice;
  const body = payload[kind];
  const id = readId(payload[`${kind}_id`]) ?? (isJsonObject(body) ? readId(body['id']) : undefined);
  if (id === undefined) return missingId(`payload.${kind}_id`);
  const owner = isJsonObject(body) ? readId(body['device_owner']) : undefined;
  if (isUnwanted(notice, owner)) return { ignored: `${notice.eventType} of no server's port` };
  const datasource = KINDS.get(kind)?.datasource ?? NEUTRON_PORT;
  return { events: [driverEvent(frameOf(notice, datasource), { id }, ['id'])] };
}

function isUnwanted({ options }: Notice, owner: string | undefined): boolean {
  return options.portOwners === 'compute' && owner !== undefined && !isComputeOwner(owner);
}

function frameOf(notice: Notice, datasource: string): DriverFrame {
  return { datasource, action: 'update', at: notice.at, eventType: notice.eventType };
}
