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

/** Tables of these resources by type. */
export const OPENSTACK_TABLES: { readonly [type: string]: ValueTable } = {
  'glance.image': GLANCE_IMAGE,
  'keystone.domain': ENABLED_OR_DISABLED,
  'keystone.project': ENABLED_OR_DISABLED,
  'keystone.user': ENABLED_OR_DISABLED,
  'nova.hypervisor': UP_OR_DOWN,
  'nova.migration': NOVA_MIGRATION,
  'nova.service': UP_OR_DOWN,
};
