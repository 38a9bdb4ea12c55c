import type { Json, JsonObject, NeighbourImage } from '@wherefore/model';
import { type Converter, resourceEvent, stubNeighbour } from '../reading/entity';
import { missingId, PropertyDraft, readId } from '../reading/properties';
import { isDisabled, NOVA_HOST, serviceState } from './host';
import { CLUSTER_ID, CLUSTER_TYPE } from './zone';

export const NOVA_SERVICE = 'nova.service';

/** The service that makes a machine a compute host. */
export const NOVA_COMPUTE = 'nova-compute';

/** What tells the services of one project from those of another. */
interface ServiceKind {
  readonly type: string;
  readonly stateOf: (event: JsonObject) => Json | undefined;
  readonly placeOf: (binary: string, host: string) => NeighbourImage;
  /** Sets what only these services tell. */
  readonly tell?: (draft: PropertyDraft, event: JsonObject) => void;
}

/**
 * A service on one machine, as an `os-services` lists it. A row's own id is a number, a uuid or missing, as the project and
 * the microversion have it, so the key is made of binary and host. `disabled` is an operator's wish: a disabled service
 * may well be up.
 */
export function serviceConverter({ type, stateOf, placeOf, tell }: ServiceKind): Converter {
  return (sample) => {
    const { event, action } = sample;
    const binary = readId(event['binary']);
    if (binary === undefined) return missingId('binary');
    const host = readId(event['host']);
    if (host === undefined) return missingId('host');

    const id = `${binary}@${host}`;
    const draft = new PropertyDraft().set('id', id).set('name', id).set('binary', binary).set('host_id', host);
    draft.text('state', stateOf(event), 'state').text('zone', event['zone'], 'zone');
    tell?.(draft, event);
    draft
      .set('disabled', isDisabled(event['status']))
      .text('disabled_reason', event['disabled_reason'], 'disabled_reason')
      .set('update_timestamp', sample.updateTimestamp);
    return draft.fault ?? resourceEvent(sample, action, type, id, draft.patch, [placeOf(binary, host)]);
  };
}

/** A service belongs to the cluster, where it has no host of its own. */
export function clusterOfService(): NeighbourImage {
  return stubNeighbour(CLUSTER_TYPE, CLUSTER_ID, 'contains', 'from-neighbour');
}

/**
 * One of Nova's services, as `os-services` lists it, or as a `service.*` notification tells of it. A compute service
 * belongs to its host; the others are the cluster's.
 *
 * `state` is `up`, `down` or `unknown`, and `down` is all that anybody ever hears of a host that died.
 */
export const convertService: Converter = serviceConverter({
  type: NOVA_SERVICE,
  stateOf,
  placeOf: (binary, host) =>
    binary === NOVA_COMPUTE ? stubNeighbour(NOVA_HOST, host, 'contains', 'from-neighbour') : clusterOfService(),
  tell: (draft, event) =>
    draft.scalar('forced_down', event['forced_down'], 'forced_down').text('status', event['status'], 'status'),
});

/** Of a service in a cell that is out of reach, Nova knows that it exists, and calls its status `UNKNOWN`. */
function stateOf(event: JsonObject): Json | undefined {
  const state = serviceState(event['state'], event['forced_down']);
  return state === undefined && event['status'] === 'UNKNOWN' ? 'unknown' : state;
}
