import { type Json, type JsonObject, type NeighbourImage, type Rejection, isJsonObject } from '@wherefore/model';
import { type Converter, image, resourceEvent, resourceKey } from '../reading/entity';
import { kindOf, malformed, missingId, PropertyDraft, readId, readObject } from '../reading/properties';
import { NOVA_HOST, NOVA_ZONE } from './host';

export const CLUSTER_TYPE = 'openstack.cluster';
export const CLUSTER_ID = 'OpenStack Cluster';
const AVAILABLE = 'available';
const UNAVAILABLE = 'unavailable';

/** The one cluster, above every zone: it comes into being with the first of them. */
const CLUSTER: NeighbourImage = Object.freeze({
  entity: image('RESOURCE', CLUSTER_TYPE, resourceKey(CLUSTER_TYPE, CLUSTER_ID), {
    id: CLUSTER_ID,
    name: CLUSTER_TYPE,
    state: AVAILABLE,
  }),
  label: 'contains',
  direction: 'from-neighbour',
});

/**
 * An availability zone with its hosts. A host is `available` when its nova-compute is both available
 * (heard of lately) and active (enabled); the hosts are entities in their own right, not stubs.
 */
export const convertZone: Converter = (sample) => {
  const { event, action } = sample;
  const id = readId(event['zoneName']);
  if (id === undefined) return missingId('zoneName');

  const draft = new PropertyDraft().set('id', id).set('name', id).set('update_timestamp', sample.updateTimestamp);
  const zoneState = readObject(event, 'zoneState');
  if (zoneState !== undefined) draft.set('state', isTrue(zoneState['available']) ? AVAILABLE : UNAVAILABLE);
  else if (event['zoneState'] !== undefined && event['zoneState'] !== null) {
    return malformed('zoneState', `zoneState is ${kindOf(event['zoneState'])}, not an object.`);
  }

  const neighbours = [CLUSTER];
  const fault = addHosts(event['hosts'], neighbours);
  return fault ?? resourceEvent(sample, action, NOVA_ZONE, id, draft.patch, neighbours);
};

/** Nova gives `null` for the hosts of a zone in which nothing is enabled. */
function addHosts(hosts: Json | undefined, neighbours: NeighbourImage[]): Rejection | undefined {
  if (hosts === undefined || hosts === null) return undefined;
  if (!isJsonObject(hosts)) return malformed('hosts', `hosts is ${kindOf(hosts)}, not an object.`);
  for (const host of Object.keys(hosts)) {
    const services = hosts[host];
    if (!isJsonObject(services)) return malformed(`hosts.${host}`, `hosts.${host} is ${kindOf(services)}.`);
    const compute = services['nova-compute'];
    if (isJsonObject(compute)) neighbours.push(hostNeighbour(host, compute));
  }
  return undefined;
}

function hostNeighbour(host: string, compute: JsonObject): NeighbourImage {
  const isAlive = isTrue(compute['available']);
  const isEnabled = isTrue(compute['active']);
  return {
    entity: image('RESOURCE', NOVA_HOST, resourceKey(NOVA_HOST, host), {
      id: host,
      name: host,
      state: isAlive && isEnabled ? AVAILABLE : UNAVAILABLE,
      service_state: isAlive ? 'up' : 'down',
      disabled: !isEnabled,
    }),
    label: 'contains',
    direction: 'to-neighbour',
  };
}

/** Some drivers write booleans as text. */
function isTrue(value: Json | undefined): boolean {
  return value === true || value === 'True' || value === 'true';
}
