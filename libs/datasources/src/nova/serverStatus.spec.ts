import { KNOWN_VM_STATES, serverStatus } from './serverStatus';

describe("Nova's REST status", () => {
  it.each([
    ...[
      ['active', null, 'ACTIVE'],
      ['active', '', 'ACTIVE'],
      ['active', 'deleting', 'ACTIVE'],
    ],
    ...[
      ['active', 'rebooting', 'REBOOT'],
      ['active', 'reboot_started_hard', 'HARD_REBOOT'],
    ],
    ...[
      ['active', 'updating_password', 'PASSWORD'],
      ['active', 'rebuild_spawning', 'REBUILD'],
    ],
    ...[
      ['active', 'migrating', 'MIGRATING'],
      ['active', 'resize_migrated', 'RESIZE'],
      ['stopped', 'resize_prep', 'RESIZE'],
    ],
    ...[
      ['resized', null, 'VERIFY_RESIZE'],
      ['resized', 'resize_reverting', 'REVERT_RESIZE'],
      ['stopped', null, 'SHUTOFF'],
    ],
    ...[
      ['building', 'spawning', 'BUILD'],
      ['rescued', null, 'RESCUE'],
      ['error', 'rebuilding', 'REBUILD'],
    ],
    ...[
      ['shelved', 'shelving_offloading', 'SHELVED'],
      ['paused', 'migrating', 'MIGRATING'],
      ['suspended', null, 'SUSPENDED'],
    ],
  ])('of vm_state %s with task_state %p is %s', (vmState, taskState, expected) => {
    expect(serverStatus(vmState, taskState)).toBe(expected);
  });

  it('is known for every vm_state, and for nothing else', () => {
    expect(KNOWN_VM_STATES.length).toBe(12);
    for (const vmState of KNOWN_VM_STATES) expect(serverStatus(vmState, undefined)).toMatch(/^[A-Z_]+$/);
    for (const other of ['ACTIVE', '', 'constructor', null, 3]) expect(serverStatus(other, null)).toBeUndefined();
  });
});
