import type { OperationalValue, ValueRank, ValueTable } from './valueTable';

/**
 * What the states of resources mean. Where Vitrage has a value, its priority and operational value are
 * Vitrage's; values that it lacks stand after a comment that says why they are where they are.
 */

/** One rank whose names all mean the same. */
function rank(priority: number, operational: OperationalValue, ...names: readonly string[]): ValueRank {
  return { priority, names: names.map((name) => ({ name, operational })) };
}

function mixed(priority: number, ...parts: readonly ValueRank[]): ValueRank {
  return { priority, names: parts.flatMap((part) => part.names) };
}

function resource(...values: readonly ValueRank[]): ValueTable {
  return { category: 'RESOURCE', values };
}

const DELETED = rank(40, 'DELETED', 'DELETED');
const ERROR = rank(30, 'ERROR', 'ERROR');
const SUBOPTIMAL = rank(20, 'SUBOPTIMAL', 'SUBOPTIMAL');
const AVAILABLE = rank(10, 'OK', 'AVAILABLE');
const AVAILABLE_OR_ACTIVE = rank(10, 'OK', 'AVAILABLE', 'ACTIVE');

const GENERAL = resource(DELETED, ERROR, SUBOPTIMAL, AVAILABLE_OR_ACTIVE);
const INFRASTRUCTURE = resource(DELETED, ERROR, SUBOPTIMAL, AVAILABLE);

const NOVA_INSTANCE = resource(
  // Vitrage knows vm_states only. SOFT-DELETE is how the vm_state of SOFT_DELETED is spelt.
  rank(80, 'DELETED', 'DELETED', 'HARD_DELETED', 'SHELVED_OFFLOADED', 'SOFT_DELETED', 'SOFT-DELETE'),
  rank(70, 'ERROR', 'ERROR'),
  // SHUTOFF is the REST status of vm_state stopped: as STOPPED.
  rank(60, 'SUBOPTIMAL', 'SUSPENDED', 'PAUSED', 'STOPPED', 'SHELVED', 'SHUTOFF'),
  // VERIFY_RESIZE is the REST status of vm_state resized: as RESIZED.
  rank(50, 'SUBOPTIMAL', 'RESIZED', 'VERIFY_RESIZE'),
  // BUILD is the REST status of vm_state building. The others are tasks that end by themselves, and
  // during which the server may not answer: as BUILDING.
  rank(
    40,
    'TRANSIENT',
    ...['BUILDING', 'INITIALIZED', 'BUILD', 'REBUILD', 'REBOOT', 'HARD_REBOOT', 'MIGRATING', 'RESIZE', 'REVERT_RESIZE'],
  ),
  rank(30, 'SUBOPTIMAL', 'SUBOPTIMAL'),
  // RESCUE is the REST status of vm_state rescued. PASSWORD is a change that the server does not feel.
  rank(20, 'OK', 'RESCUED', 'RESCUE', 'PASSWORD'),
  rank(10, 'OK', 'ACTIVE'),
  // Nova shows UNKNOWN when it cannot tell: weaker than anything that is known.
  rank(5, 'N/A', 'UNKNOWN'),
);

const CINDER_VOLUME = resource(
  rank(
    40,
    'ERROR',
    ...['ERROR', 'ERROR_DELETING', 'ERROR_RESTORING', 'ERROR_EXTENDING'],
    // Statuses of Cinder that Vitrage left out: failures like the ones above.
    ...['ERROR_BACKING-UP', 'ERROR_MANAGING', 'ERROR_MANAGING_DELETING'],
  ),
  rank(
    30,
    'TRANSIENT',
    ...['CREATING', 'ATTACHING', 'DELETING', 'RESTORING-BACKUP', 'BACKING-UP', 'DETACHING'],
    // The rest of Cinder's tasks that end by themselves.
    ...['EXTENDING', 'RETYPING', 'MIGRATING', 'UPLOADING', 'DOWNLOADING', 'MANAGING', 'UNMANAGING', 'REVERTING'],
  ),
  // In maintenance nobody can use the volume, on purpose.
  rank(20, 'SUBOPTIMAL', 'SUBOPTIMAL', 'MAINTENANCE'),
  // Reserved for a server, or offered to another project: whole and usable.
  rank(10, 'OK', 'AVAILABLE', 'IN-USE', 'RESERVED', 'AWAITING-TRANSFER'),
  // The last status before the row is gone. Not strong enough to hide an error.
  rank(5, 'DELETED', 'DELETED'),
);

const HEAT_ACTIONS = ['CREATE', 'UPDATE', 'DELETE', 'RESUME', 'SUSPEND'] as const;
/** Vitrage leaves these out. Whatever was being done, a failure is one, and an end is an end. */
const MORE_HEAT_ACTIONS = ['ROLLBACK', 'CHECK', 'ADOPT', 'SNAPSHOT', 'RESTORE', 'INIT'] as const;

function heatStates(status: string): readonly string[] {
  return [...HEAT_ACTIONS, ...MORE_HEAT_ACTIONS].map((action) => `${action}_${status}`);
}

const HEAT_STACK = resource(
  rank(40, 'ERROR', ...heatStates('FAILED')),
  rank(30, 'TRANSIENT', ...heatStates('IN_PROGRESS')),
  SUBOPTIMAL,
  rank(10, 'OK', ...heatStates('COMPLETE')),
);

/** Resource tables by type. */
export const RESOURCE_TABLES: { readonly [type: string]: ValueTable } = {
  'default': GENERAL,
  'static': GENERAL,
  'static_physical': GENERAL,
  'switch': INFRASTRUCTURE,
  'network.interface': INFRASTRUCTURE,
  'openstack.cluster': INFRASTRUCTURE,
  // A host that is not available has no known state, as in Vitrage: what it means is for templates to say.
  'nova.host': INFRASTRUCTURE,
  'nova.zone': INFRASTRUCTURE,
  'nova.instance': NOVA_INSTANCE,
  'neutron.network': resource(
    rank(50, 'ERROR', 'ERROR'),
    rank(40, 'ERROR', 'DOWN'),
    rank(30, 'TRANSIENT', 'BUILD'),
    SUBOPTIMAL,
    rank(10, 'OK', 'ACTIVE'),
  ),
  'neutron.port': resource(
    rank(60, 'ERROR', 'ERROR'),
    rank(50, 'ERROR', 'DOWN'),
    rank(40, 'TRANSIENT', 'BUILD'),
    rank(30, 'N/A', 'N/A'),
    SUBOPTIMAL,
    rank(10, 'OK', 'ACTIVE'),
  ),
  'cinder.volume': CINDER_VOLUME,
  'heat.stack': HEAT_STACK,
  'trove.instance': resource(
    rank(70, 'DELETED', 'DELETED'),
    rank(60, 'ERROR', 'FAILED', 'ERROR'),
    rank(50, 'SUBOPTIMAL', 'SHUTDOWN', 'BLOCKED'),
    // BACKUP, PROMOTE, EJECT, DETACHING: tasks that Trove shows and Vitrage does not know.
    rank(40, 'TRANSIENT', ...['RESIZING', 'UPGRADING', 'REBOOTING', 'BACKUP', 'PROMOTE', 'EJECT', 'DETACHING']),
    // BUILD and RESTORING: as BUILDING.
    rank(30, 'TRANSIENT', 'NEW', 'BUILDING', 'BUILD', 'RESTORING'),
    // It works, but not with its present configuration.
    rank(20, 'SUBOPTIMAL', 'SUBOPTIMAL', 'RESTART_REQUIRED'),
    // HEALTHY: what newer versions of Trove call an active database.
    rank(10, 'OK', 'ACTIVE', 'HEALTHY'),
  ),
  'trove.cluster': resource(
    rank(50, 'DELETED', 'DELETED'),
    rank(40, 'ERROR', 'ERROR'),
    // BUILDING, DELETING, RESTARTING: the rest of Trove's cluster tasks.
    rank(30, 'TRANSIENT', ...['GROWING', 'SHRINKING', 'UPGRADING', 'BUILDING', 'DELETING', 'RESTARTING']),
    SUBOPTIMAL,
    rank(10, 'OK', 'NONE'),
  ),
  'cetus.cluster': resource(
    rank(40, 'ERROR', 'INACTIVE'),
    rank(30, 'TRANSIENT', 'INITIALIZING', 'UPDATING', 'REMOVING'),
    rank(20, 'SUBOPTIMAL', 'PENDING'),
    rank(10, 'OK', 'ACTIVE'),
  ),
  'cetus.pod': resource(
    rank(40, 'ERROR', 'CRASHING'),
    rank(30, 'TRANSIENT', 'WAITING'),
    rank(20, 'SUBOPTIMAL', 'PENDING'),
    rank(10, 'OK', 'RUNNING'),
  ),
};
