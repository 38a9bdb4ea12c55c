import type { Json } from '@wherefore/model';
import { type Converter, resourceEvent, stubNeighbour } from '../reading/entity';
import { missingId, PropertyDraft, readEitherId, readId } from '../reading/properties';

export const NOVA_HOST = 'nova.host';
export const NOVA_ZONE = 'nova.zone';

/**
 * A compute host, as `os-services` (binary nova-compute) lists it, or as a `service.*` notification
 * tells of it.
 *
 * The host's `state` is not set here: it comes from its zone, as in Vitrage. What the service itself
 * says goes to properties of its own, because a host that dies shows nowhere but here:
 * `service_state` (`up`, `down`), `forced_down`, `disabled`, `disabled_reason`.
 */
export const convertHost: Converter = (sample) => {
  const { event, action } = sample;
  const id = readEitherId(event['host'], event['host_name']);
  if (id === undefined) return missingId('host');

  const draft = new PropertyDraft().set('id', id).set('name', id).set('update_timestamp', sample.updateTimestamp);
  draft
    .text('service_state', serviceState(event['state'], event['forced_down']), 'state')
    .scalar('forced_down', event['forced_down'], 'forced_down')
    .set('disabled', isDisabled(event['status']))
    .text('disabled_reason', event['disabled_reason'], 'disabled_reason');
  if (draft.fault !== undefined) return draft.fault;

  const zone = readId(event['zone']);
  const neighbours = zone === undefined ? [] : [stubNeighbour(NOVA_ZONE, zone, 'contains', 'from-neighbour')];
  return resourceEvent(sample, action, NOVA_HOST, id, draft.patch, neighbours);
};

/** A service forced down is down from that moment, whatever its heartbeat says; a notification tells only that. */
export function serviceState(state: Json | undefined, forcedDown: Json | undefined): Json | undefined {
  return state === undefined && forcedDown === true ? 'down' : state;
}

/** Nova's `status` of a service as a flag; undefined when it is not told. */
export function isDisabled(status: Json | undefined): boolean | undefined {
  return status === 'disabled' ? true : status === 'enabled' ? false : undefined;
}
