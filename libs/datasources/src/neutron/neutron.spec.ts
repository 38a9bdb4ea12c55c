import type { JsonObject } from '@wherefore/model';
import { toEntityEvent } from '../index';
import { converted, sampleOf } from '../reading/reading.sim';

const NETWORK = { id: 'net-1', name: 'blue', status: 'ACTIVE', tenant_id: 'p', updated_at: '2026-11-20T12:46:41Z' };

describe('a network', () => {
  it('has the properties of its row, and no neighbours', () => {
    const event = converted(sampleOf('neutron.network', NETWORK));
    expect(event.entity).toMatchObject({
      key: 'RESOURCE:neutron.network:net-1',
      properties: {
        id: 'net-1',
        name: 'blue',
        state: 'ACTIVE',
        project_id: 'p',
        update_timestamp: '2026-11-20T12:46:41Z',
      },
    });
    expect(event.neighbours).toEqual([]);
  });

  it('comes out the same when the driver leaves it below "network"', () => {
    const flat = converted(sampleOf('neutron.network', NETWORK, 'update'));
    expect(converted(sampleOf('neutron.network', { network: NETWORK }, 'update'))).toEqual(flat);
  });

  it('is deleted by its deletion, even if that carries only the id', () => {
    const event = sampleOf(
      'neutron.network',
      { network_id: 'net-1', vitrage_event_type: 'network.delete.end' },
      'update',
    );
    expect(converted(event)).toMatchObject({
      action: 'delete-entity',
      entity: { key: 'RESOURCE:neutron.network:net-1' },
    });
  });

  it('accepts a number as id', () => {
    expect(converted(sampleOf('neutron.network', { id: 7 })).entity.properties['id']).toBe('7');
  });

  it.each([
    [{}, 'missing-id', 'id'],
    [{ id: 'n', name: {} }, 'malformed-event', 'name'],
  ])('rejects %j', (fields, code, where) => {
    expect(toEntityEvent(sampleOf('neutron.network', fields as JsonObject))).toMatchObject({ code, where });
  });
});

describe('a port', () => {
  const port = {
    ...{ ...NETWORK, id: 'port-1', name: '', network_id: 'net-1' },
    'device_id': 'vm-1',
    'device_owner': 'compute:az-1',
    'binding:host_id': 'host-1',
    'fixed_ips': [{ subnet_id: 's', ip_address: '10.0.0.1' }, { ip_address: '10.0.0.2' }, 'odd'],
  };

  it('hangs below its network and on its server', () => {
    const event = converted(sampleOf('neutron.port', port));
    expect(event.entity.properties).toMatchObject({ host_id: 'host-1', ip_addresses: ['10.0.0.1', '10.0.0.2'] });
    expect(event.neighbours).toMatchObject([
      { entity: { key: 'RESOURCE:neutron.network:net-1', isPlaceholder: true }, label: 'contains' },
      { entity: { key: 'RESOURCE:nova.instance:vm-1', isPlaceholder: true }, label: 'attached' },
    ]);
    expect(event.neighbours.map(({ direction }) => direction)).toEqual(['from-neighbour', 'to-neighbour']);
  });

  it('is on its router if that owns it, and on nothing that is no entity', () => {
    const ownedBy = (device_owner: string) => converted(sampleOf('neutron.port', { ...port, device_owner }));
    const ofRouter = ownedBy('network:router_gateway');
    expect(ofRouter.neighbours).toMatchObject([
      { entity: { type: 'neutron.network' } },
      { entity: { key: 'RESOURCE:neutron.router:vm-1' }, label: 'attached', direction: 'to-neighbour' },
    ]);
    expect(ofRouter.entity.properties).toMatchObject({ device_owner: 'network:router_gateway' });
    expect(ownedBy('network:dhcp').neighbours.map(({ entity }) => entity.type)).toEqual(['neutron.network']);
    expect(ownedBy('compute:az-1').entity.properties).not.toHaveProperty('device_owner');
  });

  it('is on no device once that has let it go', () => {
    const event = converted(sampleOf('neutron.port', { ...port, device_id: '', device_owner: '' }));
    expect(event.without).toEqual(['nova.instance', 'neutron.router']);
  });

  it('is deleted by its deletion, even if that carries only the id', () => {
    const event = sampleOf('neutron.port', { port_id: 'port-1', vitrage_event_type: 'port.delete.end' }, 'update');
    expect(converted(event)).toMatchObject({
      action: 'delete-entity',
      entity: { key: 'RESOURCE:neutron.port:port-1' },
    });
  });

  it.each([
    [{ port: { name: 'x' } }, 'missing-id', 'id'],
    [{ 'id': 'p', 'binding:host_id': ['h'] }, 'malformed-event', 'binding:host_id'],
  ])('rejects %j', (fields, code, where) => {
    expect(toEntityEvent(sampleOf('neutron.port', fields as unknown as JsonObject))).toMatchObject({ code, where });
  });
});
