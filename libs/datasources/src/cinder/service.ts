import { clusterOfService, serviceConverter } from '../nova/service';
import type { Converter } from '../reading/entity';

export const CINDER_SERVICE = 'cinder.service';

/** The service that manages a backend. */
export const CINDER_VOLUME_BINARY = 'cinder-volume';

/**
 * One of Cinder's services, as Cinder's `os-services` lists it. That it fell silent (`state` is `down`) is announced
 * nowhere; only polls show it.
 *
 * Its `host` is a word of Cinder's configuration, often with a backend behind it, and need not be a
 * compute host: the service belongs to the cluster.
 */
export const convertStorageService: Converter = serviceConverter({
  type: CINDER_SERVICE,
  stateOf: (event) => event['state'],
  placeOf: clusterOfService,
});
