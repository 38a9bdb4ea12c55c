/**
 * The status that Nova's REST API shows for a server, derived from what notifications carry: `vm_state`
 * and `task_state`. Nova itself derives it so (its API layer's table of states), which is why a poll
 * and a notification of one moment must agree.
 */

interface StatusRule {
  /** While no task that shows is under way. */
  readonly idle: string;
  readonly tasks?: { readonly [taskState: string]: string };
}

const REBUILD = {
  rebuilding: 'REBUILD',
  rebuild_block_device_mapping: 'REBUILD',
  rebuild_spawning: 'REBUILD',
} as const;

const RESIZE = {
  resize_prep: 'RESIZE',
  resize_migrating: 'RESIZE',
  resize_migrated: 'RESIZE',
  resize_finish: 'RESIZE',
} as const;

const REBOOT = {
  rebooting: 'REBOOT',
  reboot_pending: 'REBOOT',
  reboot_started: 'REBOOT',
  rebooting_hard: 'HARD_REBOOT',
  reboot_pending_hard: 'HARD_REBOOT',
  reboot_started_hard: 'HARD_REBOOT',
} as const;

const RULES: { readonly [vmState: string]: StatusRule } = {
  active: {
    idle: 'ACTIVE',
    tasks: { ...REBOOT, ...REBUILD, ...RESIZE, updating_password: 'PASSWORD', migrating: 'MIGRATING' },
  },
  building: { idle: 'BUILD' },
  stopped: {
    idle: 'SHUTOFF',
    // A hard reboot starts a stopped server.
    tasks: {
      ...RESIZE,
      ...REBUILD,
      rebooting_hard: 'HARD_REBOOT',
      reboot_pending_hard: 'HARD_REBOOT',
      reboot_started_hard: 'HARD_REBOOT',
    },
  },
  // A resized server waits for the user's verdict.
  resized: { idle: 'VERIFY_RESIZE', tasks: { resize_reverting: 'REVERT_RESIZE' } },
  paused: { idle: 'PAUSED', tasks: { migrating: 'MIGRATING' } },
  suspended: { idle: 'SUSPENDED' },
  rescued: { idle: 'RESCUE' },
  error: { idle: 'ERROR', tasks: REBUILD },
  deleted: { idle: 'DELETED' },
  'soft-delete': { idle: 'SOFT_DELETED' },
  shelved: { idle: 'SHELVED' },
  shelved_offloaded: { idle: 'SHELVED_OFFLOADED' },
};

/** vm_state → task_state ('' for none) → status: one look-up each, and no prototype to fall into. */
const STATUS = new Map<string, ReadonlyMap<string, string>>(
  Object.entries(RULES).map(([vmState, rule]) => [
    vmState,
    new Map<string, string>([['', rule.idle], ...Object.entries(rule.tasks ?? {})]),
  ]),
);

/** Every vm_state that the table knows. */
export const KNOWN_VM_STATES: readonly string[] = [...STATUS.keys()];

/**
 * Nova's REST status for this `vm_state` and `task_state`, or undefined when the vm_state is not one of
 * Nova's. A task that Nova does not show, or `null`, gives the status of the vm_state alone. O(1).
 */
export function serverStatus(vmState: unknown, taskState: unknown): string | undefined {
  if (typeof vmState !== 'string') return undefined;
  const rules = STATUS.get(vmState);
  if (rules === undefined) return undefined;
  return (typeof taskState === 'string' ? rules.get(taskState) : undefined) ?? rules.get('');
}
