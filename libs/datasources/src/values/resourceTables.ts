import type { OperationalValue, ValueRank, ValueTable } from './valueTable';

/**
 * What the states of resources mean in Vitrage 9: its priorities, its operational values, and no word
 * more. What it leaves out is in `completions.ts`.
 */

/** One rank whose names all mean the same. */
function rank(priority: number, operational: OperationalValue, ...names: readonly string[]): ValueRank {
  return { priority, names: names.map((name) => ({ name, operational })) };
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
  rank(80, 'DELETED', 'DELETED', 'HARD_DELETED', 'SHELVED_OFFLOADED', 'SOFT_DELETED'),
  rank(70, 'ERROR', 'ERROR'),
  rank(60, 'SUBOPTIMAL', 'SUSPENDED', 'PAUSED', 'STOPPED', 'SHELVED'),
  rank(50, 'SUBOPTIMAL', 'RESIZED'),
  rank(40, 'TRANSIENT', 'BUILDING', 'INITIALIZED'),
  rank(30, 'SUBOPTIMAL', 'SUBOPTIMAL'),
  rank(20, 'OK', 'RESCUED'),
  rank(10, 'OK', 'ACTIVE'),
);

const CINDER_VOLUME = resource(
  rank(40, 'ERROR', 'ERROR', 'ERROR_DELETING', 'ERROR_RESTORING', 'ERROR_EXTENDING'),
  rank(30, 'TRANSIENT', 'CREATING', 'ATTACHING', 'DELETING', 'RESTORING-BACKUP', 'BACKING-UP', 'DETACHING'),
  SUBOPTIMAL,
  rank(10, 'OK', 'AVAILABLE', 'IN-USE'),
);

const HEAT_ACTIONS = ['CREATE', 'UPDATE', 'DELETE', 'RESUME', 'SUSPEND'] as const;

function heatStates(status: string): readonly string[] {
  return HEAT_ACTIONS.map((action) => `${action}_${status}`);
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
    rank(40, 'TRANSIENT', 'RESIZING', 'UPGRADING', 'REBOOTING'),
    rank(30, 'TRANSIENT', 'NEW', 'BUILDING'),
    SUBOPTIMAL,
    rank(10, 'OK', 'ACTIVE'),
  ),
  'trove.cluster': resource(
    rank(50, 'DELETED', 'DELETED'),
    rank(40, 'ERROR', 'ERROR'),
    rank(30, 'TRANSIENT', 'GROWING', 'SHRINKING', 'UPGRADING'),
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
