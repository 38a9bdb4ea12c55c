import type { JsonObject } from '@wherefore/model';
import { toEntityEvent } from '../index';
import { AT, neighboursOf, pollsOf, rowMeaning } from '../openstack/openstack.sim';

const row: JsonObject = {
  id: 'be30e2fc-3ab3-476a-a321-dcc2ce4bb9ac',
  hypervisor_hostname: 'node-03.example.org',
  state: 'down',
  status: 'disabled',
  hypervisor_type: 'QEMU',
  hypervisor_version: 8002002,
  host_ip: '10.20.0.13',
  service: { id: 'be1fa6ee', host: 'compute-03', disabled_reason: 'host failure' },
  uptime: null,
};

describe('a hypervisor', () => {
  it('is known by its own name, and hangs below the host that runs it', () => {
    const event = rowMeaning('nova-hypervisors', { hypervisors: [row] });
    expect([event.entity.key, event.entity.properties]).toEqual([
      'RESOURCE:nova.hypervisor:node-03.example.org',
      {
        id: 'node-03.example.org',
        name: 'node-03.example.org',
        state: 'down',
        disabled: true,
        status: 'disabled',
        disabled_reason: 'host failure',
        host_id: 'compute-03',
        host_ip: '10.20.0.13',
        hypervisor_type: 'QEMU',
        hypervisor_version: 8002002,
        update_timestamp: AT,
      },
    ]);
    expect(neighboursOf(event)).toEqual(['←contains– RESOURCE:nova.host:compute-03']);
  });

  it('makes the same row at either microversion, whatever it has used up', () => {
    const { uptime: _uptime, ...rest } = row;
    const used = { vcpus: 10, vcpus_used: 8, running_vms: 8, free_ram_mb: 512, current_workload: 1, cpu_info: '{}' };
    const service = { id: 7, host: 'compute-03', disabled_reason: 'host failure' };
    const older = { ...rest, id: 3, service, ...used };
    expect(pollsOf('nova-hypervisors-v2.1', { hypervisors: [older] })).toEqual(
      pollsOf('nova-hypervisors', { hypervisors: [row] }),
    );
  });

  it('may not tell its host', () => {
    expect(neighboursOf(rowMeaning('nova-hypervisors', { hypervisors: [{ ...row, service: [] }] }))).toEqual([]);
  });

  it.each([
    [{ id: 3 }, 'missing-id', 'hypervisor_hostname'],
    [{ hypervisor_hostname: 'h', state: {} }, 'malformed-event', 'state'],
    [{ hypervisor_hostname: 'h', host: ['h'] }, 'malformed-event', 'host'],
  ])('%j is refused', (fields, code, where) => {
    const frame = {
      vitrage_entity_type: 'nova.hypervisor',
      vitrage_datasource_action: 'snapshot',
      vitrage_sample_date: AT,
    };
    expect(toEntityEvent({ ...frame, ...fields } as JsonObject)).toMatchObject({ code, where });
  });
});
