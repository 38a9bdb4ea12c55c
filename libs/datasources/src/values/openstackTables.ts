import type { OperationalValue, ValueRank, ValueTable } from './valueTable';

/**
 * What the states of the resources mean that OpenStack has and Vitrage does not know. Each has the words that
 * templates set (`ERROR`, `SUBOPTIMAL`) beside its own, so that the worse of the two shows.
 */

function rank(priority: number, operational: OperationalValue, ...names: readonly string[]): ValueRank {
  return { priority, names: names.map((name) => ({ name, operational })) };
}

function resource(...values: readonly ValueRank[]): ValueTable {
  return { category: 'RESOURCE', values };
}

/** Whether something answers. That it is disabled is an operator's wish, and a property of its own. */
const UP_OR_DOWN = resource(
  rank(40, 'DELETED', 'DELETED'),
  rank(30, 'ERROR', 'ERROR', 'DOWN'),
  rank(20, 'SUBOPTIMAL', 'SUBOPTIMAL'),
  rank(10, 'OK', 'UP', 'AVAILABLE', 'ACTIVE'),
  // Its cell is out of reach: weaker than anything that is known.
  rank(5, 'N/A', 'UNKNOWN'),
);

/** Nobody can log in to what is disabled, on purpose. */
const ENABLED_OR_DISABLED = resource(
  rank(40, 'DELETED', 'DELETED'),
  rank(30, 'ERROR', 'ERROR'),
  rank(20, 'SUBOPTIMAL', 'SUBOPTIMAL', 'DISABLED'),
  rank(10, 'OK', 'ENABLED', 'AVAILABLE', 'ACTIVE'),
);

const NOVA_MIGRATION = resource(
  rank(60, 'DELETED', 'DELETED'),
  rank(50, 'ERROR', 'ERROR', 'FAILED'),
  rank(
    40,
    'TRANSIENT',
    ...['QUEUED', 'PREPARING', 'ACCEPTED', 'PRE-MIGRATING', 'MIGRATING', 'RUNNING', 'POST-MIGRATING'],
    ...['CONFIRMING', 'REVERTING'],
  ),
  // A finished resize holds its room on both hosts until the user's verdict.
  rank(30, 'SUBOPTIMAL', 'SUBOPTIMAL', 'FINISHED'),
  // Cancelled and reverted: the server is where it was, as somebody wanted.
  rank(10, 'OK', ...['COMPLETED', 'CONFIRMED', 'REVERTED', 'DONE', 'CANCELLED', 'AVAILABLE', 'ACTIVE']),
);

const GLANCE_IMAGE = resource(
  rank(50, 'DELETED', 'DELETED', 'PENDING_DELETE'),
  // Its data could not be stored.
  rank(40, 'ERROR', 'ERROR', 'KILLED'),
  rank(30, 'TRANSIENT', 'QUEUED', 'SAVING', 'UPLOADING', 'IMPORTING'),
  // Nobody can make a server of it until it is active again.
  rank(20, 'SUBOPTIMAL', 'SUBOPTIMAL', 'DEACTIVATED'),
  rank(10, 'OK', 'ACTIVE', 'AVAILABLE'),
);

/** Cinder's words for snapshots, with the meanings that they have for volumes. */
const CINDER_SNAPSHOT = resource(
  rank(60, 'DELETED', 'DELETED'),
  rank(50, 'ERROR', 'ERROR', 'ERROR_DELETING'),
  rank(30, 'TRANSIENT', 'CREATING', 'DELETING', 'BACKING-UP', 'RESTORING', 'UPDATING', 'UNMANAGING'),
  rank(20, 'SUBOPTIMAL', 'SUBOPTIMAL'),
  rank(10, 'OK', 'AVAILABLE', 'AWAITING-TRANSFER'),
);

const NEUTRON_ROUTER = resource(
  rank(60, 'DELETED', 'DELETED'),
  rank(50, 'ERROR', 'ERROR'),
  rank(40, 'ERROR', 'DOWN'),
  rank(30, 'TRANSIENT', 'BUILD', 'ALLOCATING'),
  rank(20, 'SUBOPTIMAL', 'SUBOPTIMAL'),
  rank(10, 'OK', 'ACTIVE'),
);

const NEUTRON_FLOATING_IP = resource(
  rank(60, 'DELETED', 'DELETED'),
  rank(50, 'ERROR', 'ERROR'),
  rank(20, 'SUBOPTIMAL', 'SUBOPTIMAL'),
  // What one in nobody's use is, and what one that does not work is: the word alone says neither.
  rank(15, 'N/A', 'DOWN'),
  rank(10, 'OK', 'ACTIVE'),
);

/** Tables of these resources by type. */
export const OPENSTACK_TABLES: { readonly [type: string]: ValueTable } = {
  'cinder.backend': UP_OR_DOWN,
  'cinder.pool': UP_OR_DOWN,
  'cinder.service': UP_OR_DOWN,
  'cinder.snapshot': CINDER_SNAPSHOT,
  'glance.image': GLANCE_IMAGE,
  'keystone.domain': ENABLED_OR_DISABLED,
  'keystone.project': ENABLED_OR_DISABLED,
  'keystone.user': ENABLED_OR_DISABLED,
  'neutron.agent': UP_OR_DOWN,
  'neutron.floatingip': NEUTRON_FLOATING_IP,
  'neutron.router': NEUTRON_ROUTER,
  // A port, and Neutron's words for one.
  'neutron.router_interface': NEUTRON_ROUTER,
  'nova.hypervisor': UP_OR_DOWN,
  'nova.migration': NOVA_MIGRATION,
  'nova.service': UP_OR_DOWN,
};
