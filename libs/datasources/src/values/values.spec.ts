import type { JsonObject } from '@wherefore/model';
import { compileValueTables, DEFAULT_VALUE_TABLES, parseValueTable } from '../index';
import { KNOWN_VM_STATES, serverStatus } from '../nova/serverStatus';
import { ALARM_VALUES, RESOURCE_VALUES } from './valueTable';

const tables = compileValueTables(DEFAULT_VALUE_TABLES);
const operational = (type: string, value: string) => tables.lookup(type, value).operational;

const NOVA_STATUSES =
  'ACTIVE BUILD REBUILD REBOOT HARD_REBOOT PASSWORD MIGRATING RESIZE VERIFY_RESIZE REVERT_RESIZE SHUTOFF PAUSED ' +
  'SUSPENDED RESCUE SHELVED SHELVED_OFFLOADED DELETED SOFT_DELETED ERROR UNKNOWN';
const CINDER_STATUSES =
  'creating available managing attaching detaching in-use maintenance deleting awaiting-transfer error ' +
  'error_deleting error_managing error_restoring error_extending backing-up restoring-backup error_backing-up ' +
  'downloading uploading retyping extending migrating reserved unmanaging reverting deleted';
const HEAT_ACTIONS = 'CREATE DELETE UPDATE ROLLBACK SUSPEND RESUME ADOPT SNAPSHOT CHECK RESTORE';

describe('the tables that come with Wherefore', () => {
  it('know every status of a server, and every vm_state', () => {
    for (const status of NOVA_STATUSES.split(' ')) {
      expect([status, tables.lookup('nova.instance', status).priority > 0]).toEqual([status, true]);
    }
    for (const vmState of KNOWN_VM_STATES) {
      expect([vmState, tables.lookup('nova.instance', vmState).priority > 0]).toEqual([vmState, true]);
    }
  });

  it('give a status of a server the meaning of the vm_state that it stands for', () => {
    for (const vmState of KNOWN_VM_STATES) {
      const status = serverStatus(vmState, null)!;
      const { operational: given, priority } = tables.lookup('nova.instance', vmState);
      expect(tables.lookup('nova.instance', status)).toEqual({ value: status, operational: given, priority });
    }
  });

  it('know every status of a volume, and every state of a stack', () => {
    for (const status of CINDER_STATUSES.split(' ')) {
      expect([status, tables.lookup('cinder.volume', status).priority > 0]).toEqual([status, true]);
    }
    for (const action of HEAT_ACTIONS.split(' ')) {
      expect(operational('heat.stack', `${action}_FAILED`)).toBe('ERROR');
      expect(operational('heat.stack', `${action}_IN_PROGRESS`)).toBe('TRANSIENT');
      expect(operational('heat.stack', `${action}_COMPLETE`)).toBe('OK');
    }
  });

  it('know every state of the other resources of OpenStack', () => {
    const known: { readonly [type: string]: string } = {
      'nova.service': 'up down unknown',
      'nova.hypervisor': 'up down',
      'nova.migration':
        'accepted cancelled completed confirmed confirming done error failed finished migrating post-migrating ' +
        'pre-migrating preparing queued reverted reverting running',
      'keystone.project': 'enabled disabled',
      'glance.image': 'queued saving uploading importing active deactivated killed deleted pending_delete',
    };
    for (const [type, states] of Object.entries(known)) {
      for (const state of [...states.split(' '), 'ERROR', 'SUBOPTIMAL']) {
        expect([type, state, tables.lookup(type, state).priority > 0]).toEqual([type, state, true]);
      }
    }
    expect(operational('nova.service', 'down')).toBe('ERROR');
    expect(operational('nova.migration', 'finished')).toBe('SUBOPTIMAL');
  });

  it('let what a template says outweigh that a service is up, and not that it is down', () => {
    const priority = (state: string) => tables.lookup('nova.service', state).priority;
    expect(priority('SUBOPTIMAL')).toBeGreaterThan(priority('up'));
    expect(priority('down')).toBeGreaterThan(priority('SUBOPTIMAL'));
  });

  it('leave it to templates what a host that is unavailable means', () => {
    expect(tables.lookup('nova.host', 'unavailable')).toEqual({
      value: 'UNAVAILABLE',
      operational: 'N/A',
      priority: 0,
    });
  });

  it('use each name once a table, and only values of their category', () => {
    for (const [type, table] of Object.entries(DEFAULT_VALUE_TABLES)) {
      const names = table.values.flatMap((rank) => rank.names);
      const upper = names.map(({ name }) => name.toUpperCase());
      expect([type, new Set(upper).size]).toEqual([type, upper.length]);
      const allowed: readonly string[] = table.category === 'RESOURCE' ? RESOURCE_VALUES : ALARM_VALUES;
      for (const { operational: value } of names) expect(allowed).toContain(value);
    }
  });
});

describe('a look-up', () => {
  it('does not mind the case of letters, and answers in upper case', () => {
    for (const value of ['In-use', 'IN-USE', 'in-use']) {
      expect(tables.lookup('cinder.volume', value)).toEqual({ value: 'IN-USE', operational: 'OK', priority: 10 });
    }
  });

  it('of an unknown value means N/A with priority 0', () => {
    expect(tables.lookup('nova.host', 'sideways')).toEqual({ value: 'SIDEWAYS', operational: 'N/A', priority: 0 });
    expect(tables.lookup('nova.host', 'constructor')).toMatchObject({ priority: 0 });
  });

  it('of no value means N/A with priority 0', () => {
    for (const none of [null, undefined]) {
      expect(tables.lookup('nova.host', none)).toEqual({ value: 'N/A', operational: 'N/A', priority: 0 });
    }
  });

  it('for a type without a table uses the default one, if there is one', () => {
    expect(tables.lookup('router', 'active')).toEqual({ value: 'ACTIVE', operational: 'OK', priority: 10 });
    expect(compileValueTables({}).lookup('router', 'active')).toMatchObject({ operational: 'N/A', priority: 0 });
  });
});

describe('a value table of a file', () => {
  const file = (names: readonly JsonObject[], priority: unknown = 40, category: unknown = 'RESOURCE') =>
    ({ category, values: [{ 'aggregated values': { priority, 'original values': names } }] }) as unknown as JsonObject;
  const error = { name: 'Error', operational_value: 'ERROR' };

  it('is read, with numbers as numbers or as text', () => {
    const expected = {
      category: 'RESOURCE',
      values: [{ priority: 40, names: [{ name: 'Error', operational: 'ERROR' }] }],
    };
    expect(parseValueTable(file([error]))).toEqual(expected);
    expect(parseValueTable(file([error], '40'))).toEqual(expected);
  });

  it.each([
    [{}, 'category'],
    [{ category: 'THING', values: [] }, 'category'],
    [{ category: 'ALARM' }, 'values'],
    [{ category: 'ALARM', values: ['x'] }, 'values[0]'],
    [{ category: 'ALARM', values: [{}] }, 'values[0].aggregated values'],
    [file([error], 'high'), 'values[0].aggregated values.priority'],
    [file([error], 0), 'values[0].aggregated values.priority'],
    [file([error], 1.5), 'values[0].aggregated values.priority'],
    [file('x' as unknown as JsonObject[]), 'values[0].aggregated values.original values'],
    [file([3 as unknown as JsonObject]), 'values[0].aggregated values.original values[0]'],
    [file([{ operational_value: 'OK' }]), 'values[0].aggregated values.original values[0].name'],
    [
      file([{ name: 'x', operational_value: 'FINE' }]),
      'values[0].aggregated values.original values[0].operational_value',
    ],
    [
      file([{ name: 'x', operational_value: 'CRITICAL' }]),
      'values[0].aggregated values.original values[0].operational_value',
    ],
    [file([error, { ...error, name: 'ERROR' }]), 'values[0].aggregated values.original values[1].name'],
  ])('is rejected when it is %j', (content, where) => {
    expect(parseValueTable(content as JsonObject)).toMatchObject({ code: 'invalid-config', where });
  });

  it('is rejected when it is no object at all', () => {
    expect(parseValueTable(null as unknown as JsonObject)).toMatchObject({ code: 'invalid-config' });
  });
});
