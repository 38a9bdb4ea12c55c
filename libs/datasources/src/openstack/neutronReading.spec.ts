import type { Json, JsonObject } from '@wherefore/model';
import { type AnswerPolls, fromNotification, fromRestAnswer, type ReadingOptions, toEntityEvent } from '../index';

const AT = '2026-11-22T00:00:00Z';
const ALL: ReadingOptions = { portOwners: 'all' };

function message(eventType: string, payload: Json, options?: ReadingOptions) {
  const content = { message_id: 'm-1', event_type: eventType, payload, timestamp: '2026-11-22 00:00:00' };
  const body = JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(content) });
  return fromNotification({ exchange: 'neutron', routing_key: 'notifications.info', body, received_at: AT }, options);
}

function eventsOf(eventType: string, payload: Json, options?: ReadingOptions): readonly JsonObject[] {
  const answer = message(eventType, payload, options);
  if (!('events' in answer)) throw new Error(JSON.stringify(answer));
  return answer.events;
}

function pollsOf(name: string, body: Json, options?: ReadingOptions) {
  return (fromRestAnswer(name, body, AT, options) as AnswerPolls).polls;
}

describe('the answer of the agents', () => {
  const agent = { id: 'a', binary: 'b', host: 'h', alive: true, admin_state_up: true };

  it('is read without what changes from one heartbeat to the next', () => {
    const rowAt = (second: string, devices: number) =>
      pollsOf('neutron-agents', {
        agents: [{ ...agent, heartbeat_timestamp: second, configurations: { devices }, started_at: second }],
      });
    expect(rowAt('2026-11-22 00:03:04', 3)).toEqual(rowAt('2026-11-22 00:03:34', 4));
    expect(rowAt('', 0)[0]!.rows[0]).toMatchObject({ key: 'RESOURCE:neutron.agent:a', event: agent });
  });
});

describe('the answer of the ports', () => {
  const ports = [
    { 'id': 'p-vm', 'device_owner': 'compute:az-1', 'device_id': 'vm', 'binding:host_id': 'compute-01' },
    {
      'id': 'p-if',
      'device_owner': 'network:router_interface',
      'device_id': 'r-1',
      'network_id': 'net',
      'status': 'DOWN',
      'binding:host_id': '',
      'fixed_ips': [{ subnet_id: 's-1', ip_address: '10.0.0.1' }, { subnet_id: 's-1' }],
    },
    { id: 'p-ha', device_owner: 'network:ha_router_replicated_interface', device_id: 'r-2' },
    { id: 'p-gw', device_owner: 'network:router_gateway', device_id: 'r-1' },
    { id: 'p-dhcp', device_owner: 'network:dhcp', device_id: 'dhcp-x' },
    { id: 'p-free', device_owner: '', device_id: '' },
  ];
  const keysOf = (options?: ReadingOptions) =>
    pollsOf('neutron-ports', { ports }, options).map(({ rows }) => rows.map(({ key }) => key.split(':')[2]));

  it("is a poll of the servers' ports, and one of the interfaces of routers", () => {
    expect(keysOf()).toEqual([['p-vm'], ['p-if', 'p-ha']]);
    expect(pollsOf('neutron-ports', { ports }).map(({ datasource }) => datasource)).toEqual([
      'neutron.port',
      'neutron.router_interface',
    ]);
    expect(pollsOf('neutron-ports', { ports })[1]!.rows[0]!.event).toMatchObject({
      router_id: 'r-1',
      network_id: 'net',
      subnet_ids: ['s-1'],
      fixed_ips: [{ ip_address: '10.0.0.1' }, {}],
      status: 'DOWN',
    });
  });

  it('is a poll of all ports for whoever wants them', () => {
    expect(keysOf(ALL)).toEqual([
      ['p-vm', 'p-if', 'p-ha', 'p-gw', 'p-dhcp', 'p-free'],
      ['p-if', 'p-ha'],
    ]);
    const rows = pollsOf('neutron-ports', { ports }, ALL)[0]!.rows;
    expect(toEntityEvent(rows[1]!.event)).toMatchObject({
      entity: { properties: { host_id: null, device_owner: 'network:router_interface' } },
    });
  });
});

describe('the other answers of Neutron', () => {
  it('are polls of their own kinds', () => {
    const keysOf = (name: string, body: Json) => pollsOf(name, body).map(({ rows }) => rows.map(({ key }) => key));
    expect(keysOf('neutron-subnets', { subnets: [{ id: 'a' }] })).toEqual([['RESOURCE:neutron.subnet:a']]);
    expect(keysOf('neutron-routers', { routers: [{ id: 'a' }] })).toEqual([['RESOURCE:neutron.router:a']]);
    expect(keysOf('neutron-floatingips', { floatingips: [{ id: 'a' }] })).toEqual([['RESOURCE:neutron.floatingip:a']]);
  });

  it('keep of a gateway what matters, and what is wrong with it', () => {
    const gateway = { network_id: 'n', enable_snat: true, external_fixed_ips: [{ subnet_id: 's', ip_address: 'i' }] };
    const kept = (external_gateway_info: Json) =>
      pollsOf('neutron-routers', { routers: [{ id: 'r', external_gateway_info }] })[0]!.rows[0]!.event[
        'external_gateway_info'
      ];
    expect(kept(gateway)).toEqual({ network_id: 'n', external_fixed_ips: [{ ip_address: 'i' }] });
    expect([kept(null), kept('x'), kept({})]).toEqual([null, 'x', {}]);
  });
});

describe('messages of Neutron', () => {
  it('of a subnet, a router and an agent are read as their rows are', () => {
    const subnet = { id: 's', cidr: '10.0.0.0/8', network_id: 'n', host_routes: [], revision_number: 0 };
    expect(eventsOf('subnet.create.end', { subnet })).toMatchObject([{ id: 's', network_id: 'n' }]);
    expect(eventsOf('subnet.create.end', { subnets: [subnet, { id: 't' }] }).map(({ id }) => id)).toEqual(['s', 't']);
    expect(eventsOf('router.update.end', { router: { id: 'r', external_gateway_info: null } })).toMatchObject([
      { id: 'r', external_gateway_info: null },
    ]);
    expect(eventsOf('agent.update.end', { agent: { id: 'a', alive: true, heartbeat_timestamp: 'x' } })).toEqual([
      expect.objectContaining({ id: 'a', alive: true }),
    ]);
  });

  it.each(['subnet', 'router', 'floatingip', 'agent', 'network'])('of the end of a %s delete it', (kind) => {
    const byId = eventsOf(`${kind}.delete.end`, { [`${kind}_id`]: 'x' });
    expect(eventsOf(`${kind}.delete.end`, { [kind]: { id: 'x', status: 'ACTIVE' } })).toEqual(byId);
    expect(toEntityEvent(byId[0]!)).toMatchObject({
      action: 'delete-entity',
      entity: { key: `RESOURCE:neutron.${kind}:x` },
    });
  });

  it('of an intention, or of something else that a router has, are ignored', () => {
    for (const type of ['router.create.start', 'subnet.delete.start', 'router.route.end', 'router.interface.update']) {
      expect(message(type, {})).toHaveProperty('ignored');
    }
  });

  const told = { id: 'r', tenant_id: 'p', port_id: 'port', network_id: 'n', subnet_id: 's', subnet_ids: ['s', 't'] };

  it('of an interface of a router tell of what lies behind the router, and ask for the state', () => {
    const answer = message('router.interface.create', { router_interface: told });
    expect(answer).toMatchObject({
      poll: 'neutron.port',
      events: [{ id: 'port', router_id: 'r', network_id: 'n', tenant_id: 'p', subnet_ids: ['s', 't'] }],
    });
    const { subnet_ids: _, ...older } = told;
    expect(eventsOf('router.interface.create', { router_interface: older })[0]).toMatchObject({ subnet_ids: ['s'] });
    const [gone] = eventsOf('router.interface.delete', { router_interface: told });
    expect(toEntityEvent(gone!)).toMatchObject({
      action: 'delete-entity',
      entity: { key: 'RESOURCE:neutron.router_interface:port' },
    });
  });

  it('of a floating IP leave its status out when an agent has yet to act, and ask for a poll', () => {
    const statusOf = (floatingip: JsonObject) => {
      const answer = message('floatingip.update.end', { floatingip: { id: 'f', ...floatingip } });
      return 'events' in answer ? [answer.events[0]!['status'], answer.poll] : answer;
    };
    expect(statusOf({ port_id: 'p', status: 'ACTIVE' })).toEqual(['ACTIVE', undefined]);
    expect(statusOf({ port_id: 'p', status: 'DOWN' })).toEqual([undefined, 'neutron.floatingip']);
  });

  it('of a floating IP that leads nowhere tell that it is down, whatever it was before', () => {
    for (const status of ['ACTIVE', 'DOWN']) {
      const answer = message('floatingip.update.end', { floatingip: { id: 'f', port_id: null, status } });
      expect(answer).toMatchObject({ events: [{ id: 'f', status: 'DOWN' }] });
      expect(answer).not.toHaveProperty('poll');
    }
  });

  it('of ports count whoever owns them, for whoever wants them all', () => {
    const port = { id: 'p', status: 'DOWN', device_owner: '', device_id: '' };
    expect(message('port.create.end', { port })).toHaveProperty('ignored');
    expect(eventsOf('port.create.end', { port }, ALL)).toMatchObject([{ id: 'p', device_owner: '' }]);
    expect(toEntityEvent(eventsOf('port.update.end', { port }, ALL)[0]!)).toMatchObject({
      action: 'update-entity',
      without: ['nova.instance', 'neutron.router'],
    });
    const dhcp = { ...port, device_owner: 'network:dhcp' };
    expect(eventsOf('port.delete.end', { port: dhcp }, ALL)).toHaveLength(1);
  });

  it.each([
    ['router.interface.create', {}, 'malformed-event', 'payload.router_interface'],
    ['router.interface.delete', { router_interface: { id: 'r' } }, 'missing-id', 'payload.router_interface.port_id'],
    ['subnet.create.end', {}, 'malformed-event', 'payload.subnet'],
    ['router.update.end', { router: 3 }, 'missing-id', 'payload.router.id'],
    ['floatingip.delete.end', {}, 'missing-id', 'payload.floatingip_id'],
  ])('of type %s with %j are rejected', (type, payload, code, where) => {
    expect(message(type, payload as Json)).toMatchObject({ code, where });
  });
});
