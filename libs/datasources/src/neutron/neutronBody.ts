import { type Json, type JsonObject, isJsonObject } from '@wherefore/model';
import { type Sample, isNotification } from '../reading/entity';
import { PropertyDraft, readEitherId, readObject } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';

/** A resource of Neutron as an event tells of it. */
export interface NeutronBody {
  readonly body: JsonObject;
  /** Undefined when the event names none. */
  readonly id: string | undefined;
  /** Whether the event is the notification of its deletion. */
  readonly isDeletion: boolean;
}

/**
 * The resource that an event is about: a row of a poll or the layout of a `<kind>.*.end` notification, flat
 * or below the name of the kind. A deletion may carry nothing but `<kind>_id`.
 */
export function readNeutronBody({ event }: Sample, kind: string): NeutronBody {
  const body = readObject(event, kind) ?? event;
  const id = readEitherId(body['id'], event[`${kind}_id`]);
  return { body, id, isDeletion: isNotification(event, `${kind}.delete.end`) };
}

/** What every resource of Neutron has: id, name, state, project, time of its last change. */
export function draftOf(body: JsonObject, id: string, sample: Sample): PropertyDraft {
  return new PropertyDraft()
    .set('id', id)
    .text('name', body['name'], 'name')
    .text('state', body['status'], 'status')
    .text('project_id', projectOf(body), 'tenant_id')
    .set('update_timestamp', normaliseTimestamp(body['updated_at']) ?? sample.updateTimestamp);
}

/** Neutron says both words for the same. */
function projectOf(body: JsonObject): Json | undefined {
  return body['tenant_id'] ?? body['project_id'];
}

/** The addresses in a list of `fixed_ips`; undefined when it is no list. */
export function addressesOf(fixedIps: Json | undefined): string[] | undefined {
  if (!Array.isArray(fixedIps)) return undefined;
  const addresses: string[] = [];
  for (const fixedIp of fixedIps as readonly Json[]) {
    const address = isJsonObject(fixedIp) ? fixedIp['ip_address'] : undefined;
    if (typeof address === 'string') addresses.push(address);
  }
  return addresses;
}
