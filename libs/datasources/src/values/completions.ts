import type { OperationalValue, ValueRank } from './valueTable';

/**
 * Words that sources use and that Vitrage's tables leave out: to Vitrage each of them means nothing
 * (`N/A`, priority 0). Every one stands after a comment that says why it is where it is.
 */

function rank(priority: number, operational: OperationalValue, ...names: readonly string[]): ValueRank {
  return { priority, names: names.map((name) => ({ name, operational })) };
}

const HEAT_ACTIONS = ['ROLLBACK', 'CHECK', 'ADOPT', 'SNAPSHOT', 'RESTORE', 'INIT'] as const;

function heatStates(status: string): readonly string[] {
  return HEAT_ACTIONS.map((action) => `${action}_${status}`);
}

/** What to add to Vitrage's tables, by type. */
export const COMPLETIONS: { readonly [type: string]: readonly ValueRank[] } = {
  'nova.instance': [
    // Vitrage knows vm_states only. This is how the vm_state of SOFT_DELETED is spelt.
    rank(80, 'DELETED', 'SOFT-DELETE'),
    // The REST status of vm_state stopped: as STOPPED.
    rank(60, 'SUBOPTIMAL', 'SHUTOFF'),
    // The REST status of vm_state resized: as RESIZED.
    rank(50, 'SUBOPTIMAL', 'VERIFY_RESIZE'),
    // BUILD is the REST status of vm_state building. The others are tasks that end by themselves, and
    // during which the server may not answer: as BUILDING.
    rank(40, 'TRANSIENT', ...['BUILD', 'REBUILD', 'REBOOT', 'HARD_REBOOT', 'MIGRATING', 'RESIZE', 'REVERT_RESIZE']),
    // RESCUE is the REST status of vm_state rescued. PASSWORD is a change that the server does not feel.
    rank(20, 'OK', 'RESCUE', 'PASSWORD'),
    // Nova shows UNKNOWN when it cannot tell: weaker than anything that is known.
    rank(5, 'N/A', 'UNKNOWN'),
  ],
  'cinder.volume': [
    // Failures like the ones that Vitrage knows.
    rank(40, 'ERROR', 'ERROR_BACKING-UP', 'ERROR_MANAGING', 'ERROR_MANAGING_DELETING'),
    // The rest of Cinder's tasks that end by themselves.
    rank(
      30,
      'TRANSIENT',
      ...['EXTENDING', 'RETYPING', 'MIGRATING', 'UPLOADING', 'DOWNLOADING', 'MANAGING', 'UNMANAGING', 'REVERTING'],
    ),
    // In maintenance nobody can use the volume, on purpose.
    rank(20, 'SUBOPTIMAL', 'MAINTENANCE'),
    // Reserved for a server, or offered to another project: whole and usable.
    rank(10, 'OK', 'RESERVED', 'AWAITING-TRANSFER'),
    // The last status before the row is gone. Not strong enough to hide an error.
    rank(5, 'DELETED', 'DELETED'),
  ],
  // Whatever was being done, a failure is one, and an end is an end.
  'heat.stack': [
    rank(40, 'ERROR', ...heatStates('FAILED')),
    rank(30, 'TRANSIENT', ...heatStates('IN_PROGRESS')),
    rank(10, 'OK', ...heatStates('COMPLETE')),
  ],
  'trove.instance': [
    // Tasks that Trove shows.
    rank(40, 'TRANSIENT', 'BACKUP', 'PROMOTE', 'EJECT', 'DETACHING'),
    // As BUILDING.
    rank(30, 'TRANSIENT', 'BUILD', 'RESTORING'),
    // It works, but not with its present configuration.
    rank(20, 'SUBOPTIMAL', 'RESTART_REQUIRED'),
    // What newer versions of Trove call an active database.
    rank(10, 'OK', 'HEALTHY'),
  ],
  // The rest of Trove's cluster tasks.
  'trove.cluster': [rank(30, 'TRANSIENT', 'BUILDING', 'DELETING', 'RESTARTING')],
  'nagios': [
    // A host behind a dead one. Not known to be at fault itself, but out of reach like one.
    rank(40, 'CRITICAL', 'UNREACHABLE'),
    // Not checked yet.
    rank(20, 'N/A', 'PENDING'),
  ],
  // Doctor's severity is whatever the monitor sends: the usual words, in the usual order.
  'doctor': [rank(35, 'SEVERE', 'MAJOR', 'SEVERE'), rank(30, 'WARNING', 'WARNING', 'MINOR')],
  'prometheus': [
    // What wakes somebody up, in many rule books.
    rank(40, 'CRITICAL', 'PAGE', 'EMERGENCY'),
    // They lie between critical and warning wherever they are used.
    rank(35, 'SEVERE', 'MAJOR', 'HIGH', 'ERROR'),
    rank(30, 'WARNING', 'MINOR', 'TICKET'),
    // INFO and NONE (the Watchdog alert) tell of no trouble.
    rank(10, 'OK', 'INFO', 'NONE', 'OK'),
  ],
};
