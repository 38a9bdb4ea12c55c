import { type Json, type JsonObject, isJsonObject } from '@wherefore/model';
import { NEUTRON_NETWORK } from '../neutron/network';
import { isComputeOwner, NEUTRON_PORT } from '../neutron/port';
import { malformed, missingId, readId } from '../reading/properties';
import { type DriverFrame, driverEvent } from './driverEvent';
import type { Notice, NoticeAnswer } from './notification';
import { fixedIps, NETWORK_FIELDS, PORT_FIELDS } from './sourceFields';

/**
 * `network.*.end` and `port.*.end`, of one or (created in bulk) of many.
 *
 * Only ports of servers are entities. A port has no owner when it is created and gets one by an update;
 * when an update takes the owner away again, the entity goes. A deletion may name the port and no more:
 * it is passed on, since deleting what was never an entity does nothing.
 *
 * `DOWN` is what the API shows when a port has just been bound. Neutron tells nobody when its agents have
 * brought it up: that follows from what Nova says of the server (`serverTidings.ts`), or needs a poll.
 */
export function readNeutronNotice(notice: Notice): NoticeAnswer {
  const { eventType } = notice;
  if (!eventType.endsWith('.end')) return { ignored: `${eventType} tells of an intention only` };
  const isPort = eventType.startsWith('port.');
  const kind = isPort ? 'port' : 'network';
  if (eventType === `${kind}.delete.end`) return deletion(notice, kind);
  if (eventType !== `${kind}.create.end` && eventType !== `${kind}.update.end`) {
    return { ignored: `no entity hangs on ${eventType}` };
  }

  const bodies = bodiesOf(notice.payload, kind);
  if (bodies === undefined) return malformed(`payload.${kind}`, `The notification has no ${kind}.`);
  const events: JsonObject[] = [];
  for (const body of bodies) {
    if (!isJsonObject(body) || readId(body['id']) === undefined) return missingId(`payload.${kind}.id`);
    const event = isPort
      ? portEvent(notice, body)
      : driverEvent(frameOf(notice, NEUTRON_NETWORK), body, NETWORK_FIELDS);
    if (event !== undefined) events.push(event);
  }
  if (events.length === 0) return { ignored: `${eventType} of no server's port` };
  return events.some(isWaitingForAgent) ? { events, poll: NEUTRON_PORT } : { events };
}

/** `binding.*`: during a live migration a port has two hosts. Which of them holds it now, only the API tells. */
export function readBindingNotice(notice: Notice): NoticeAnswer {
  const ignored = `${notice.eventType} does not tell which host a port is bound to`;
  return notice.eventType.endsWith('.end') ? { ignored, poll: NEUTRON_PORT } : { ignored };
}

function isWaitingForAgent(event: JsonObject): boolean {
  return event['vitrage_entity_type'] === NEUTRON_PORT && event['status'] === 'DOWN';
}

function bodiesOf(payload: JsonObject, kind: string): readonly Json[] | undefined {
  const one = payload[kind];
  if (one !== undefined) return [one];
  const many = payload[`${kind}s`];
  return Array.isArray(many) ? (many as readonly Json[]) : undefined;
}

function portEvent(notice: Notice, port: JsonObject): JsonObject | undefined {
  if (isComputeOwner(port['device_owner'])) {
    const event = driverEvent(frameOf(notice, NEUTRON_PORT), port, PORT_FIELDS);
    const addresses = fixedIps(port);
    return addresses === undefined ? event : { ...event, fixed_ips: addresses };
  }
  const isReleased = notice.eventType === 'port.update.end' && readId(port['device_owner']) === undefined;
  return isReleased
    ? driverEvent({ ...frameOf(notice, NEUTRON_PORT), eventType: 'delete_entity' }, port, ['id'])
    : undefined;
}

function deletion(notice: Notice, kind: 'port' | 'network'): NoticeAnswer {
  const { payload } = notice;
  const body = payload[kind];
  const id = readId(payload[`${kind}_id`]) ?? (isJsonObject(body) ? readId(body['id']) : undefined);
  if (id === undefined) return missingId(`payload.${kind}_id`);
  const owner = isJsonObject(body) ? readId(body['device_owner']) : undefined;
  if (owner !== undefined && !isComputeOwner(owner)) return { ignored: `${notice.eventType} of no server's port` };
  const datasource = kind === 'port' ? NEUTRON_PORT : NEUTRON_NETWORK;
  return { events: [driverEvent(frameOf(notice, datasource), { id }, ['id'])] };
}

function frameOf(notice: Notice, datasource: string): DriverFrame {
  return { datasource, action: 'update', at: notice.at, eventType: notice.eventType };
}
