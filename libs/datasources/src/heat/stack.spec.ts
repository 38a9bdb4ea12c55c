import type { JsonObject } from '@wherefore/model';
import { toEntityEvent } from '../index';
import { converted, SAMPLED_AT as AT } from '../reading/reading.sim';

function stack(fields: JsonObject, action = 'snapshot'): JsonObject {
  const frame = { vitrage_entity_type: 'heat.stack', vitrage_datasource_action: action, vitrage_sample_date: AT };
  return { ...frame, ...fields };
}

describe('a stack', () => {
  const resource = (resource_type: string, physical_resource_id: string | null) => ({
    resource_type,
    physical_resource_id,
  });
  const row = { id: 's-1', stack_name: 'shop', stack_status: 'CREATE_COMPLETE', project: 'p', updated_time: null };

  it('comprises those of its resources that are entities and exist', () => {
    const event = converted(
      stack({
        ...row,
        creation_time: '2026-08-25T13:03:36',
        resources: [
          resource('OS::Nova::Server', 'vm-1'),
          resource('OS::Cinder::Volume', 'vol-1'),
          resource('OS::Neutron::Net', 'net-1'),
          resource('OS::Neutron::Port', 'port-1'),
          resource('OS::Neutron::Subnet', 'sub-1'),
          resource('OS::Neutron::Router', 'router-1'),
          resource('OS::Neutron::FloatingIP', 'fip-1'),
          resource('OS::Neutron::RouterInterface', 'router-1:subnet_id=sub-1'),
          resource('OS::Nova::Server', ''),
          resource('OS::Nova::Server', null),
        ],
      }),
    );
    expect(event.entity.properties).toEqual({
      id: 's-1',
      name: 'shop',
      state: 'CREATE_COMPLETE',
      project_id: 'p',
      update_timestamp: '2026-08-25T13:03:36Z',
    });
    expect(event.neighbours.map(({ entity, label, direction }) => [entity.key, label, direction])).toEqual([
      ['RESOURCE:nova.instance:vm-1', 'comprised', 'to-neighbour'],
      ['RESOURCE:cinder.volume:vol-1', 'comprised', 'to-neighbour'],
      ['RESOURCE:neutron.network:net-1', 'comprised', 'to-neighbour'],
      ['RESOURCE:neutron.port:port-1', 'comprised', 'to-neighbour'],
      ['RESOURCE:neutron.subnet:sub-1', 'comprised', 'to-neighbour'],
      ['RESOURCE:neutron.router:router-1', 'comprised', 'to-neighbour'],
      ['RESOURCE:neutron.floatingip:fip-1', 'comprised', 'to-neighbour'],
    ]);
  });

  it.each(['f42d2f78', 'arn:openstack:heat::p:stacks/shop/f42d2f78'])(
    'of a notification is named by %s',
    (identity) => {
      const event = converted(stack({ stack_identity: identity, state: 'UPDATE_FAILED', tenant_id: 'p' }, 'update'));
      expect(event.entity).toMatchObject({
        key: 'RESOURCE:heat.stack:f42d2f78',
        properties: { state: 'UPDATE_FAILED' },
      });
    },
  );

  it("is gone with the beginning of its deletion, when Vitrage's driver tells of it", () => {
    const notice = (type: string, state: string) =>
      converted(stack({ stack_identity: 's', state, vitrage_event_type: `orchestration.stack.${type}` }, 'update'))
        .action;
    expect(notice('delete.end', 'DELETE_COMPLETE')).toBe('delete-entity');
    expect(notice('delete.start', 'DELETE_IN_PROGRESS')).toBe('delete-entity');
    expect(notice('delete.end', 'DELETE_FAILED')).toBe('delete-entity');
    expect(converted(stack({ ...row, stack_status: 'DELETE_COMPLETE' })).action).toBe('delete-entity');
    expect(converted(stack({ ...row, stack_status: 'DELETE_FAILED' })).action).toBe('delete-entity');
  });

  it('whose deletion goes on, or has failed, is still there when the event says so', () => {
    for (const stack_status of ['DELETE_IN_PROGRESS', 'DELETE_FAILED']) {
      const event = converted(stack({ ...row, stack_status, is_deleted: false }));
      expect(event).toMatchObject({ action: 'update-entity', entity: { properties: { state: stack_status } } });
    }
  });

  it.each([
    [{ stack_name: 'x' }, 'missing-id', 'id'],
    [{ stack_identity: 'arn/' }, 'missing-id', 'id'],
    [{ id: 's', stack_status: {} }, 'malformed-event', 'stack_status'],
  ])('rejects %j', (fields, code, where) => {
    expect(toEntityEvent(stack(fields as unknown as JsonObject))).toMatchObject({ code, where });
  });
});
