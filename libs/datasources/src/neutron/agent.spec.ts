import type { JsonObject } from '@wherefore/model';
import { compileValueTables, DEFAULT_VALUE_TABLES, toEntityEvent } from '../index';
import { converted, SAMPLED_AT as AT } from '../reading/reading.sim';

function agent(fields: JsonObject, action = 'snapshot'): JsonObject {
  const frame = { vitrage_entity_type: 'neutron.agent', vitrage_datasource_action: action, vitrage_sample_date: AT };
  return { ...frame, ...fields };
}

describe('an agent of Neutron', () => {
  const row = {
    id: 'a-1',
    binary: 'neutron-openvswitch-agent',
    agent_type: 'Open vSwitch agent',
    host: 'compute-01',
    admin_state_up: true,
    availability_zone: null,
    alive: false,
  };

  it('that Neutron hears no more is down, on its host', () => {
    const event = converted(agent(row));
    expect(event.entity).toMatchObject({
      key: 'RESOURCE:neutron.agent:a-1',
      properties: {
        id: 'a-1',
        name: 'neutron-openvswitch-agent@compute-01',
        state: 'down',
        admin_state_up: true,
        binary: 'neutron-openvswitch-agent',
        agent_type: 'Open vSwitch agent',
        host_id: 'compute-01',
        availability_zone: null,
        update_timestamp: AT,
      },
    });
    expect(event.neighbours).toMatchObject([
      {
        entity: { key: 'RESOURCE:nova.host:compute-01', isPlaceholder: true },
        label: 'contains',
        direction: 'from-neighbour',
      },
    ]);
  });

  it('that an operator has taken out of use is still up while it is heard', () => {
    expect(converted(agent({ ...row, alive: true, admin_state_up: false })).entity.properties).toMatchObject({
      state: 'up',
      admin_state_up: false,
    });
  });

  it('that is down is an error, and one that is up is none', () => {
    const tables = compileValueTables(DEFAULT_VALUE_TABLES);
    expect(['up', 'down', 'ERROR'].map((state) => tables.lookup('neutron.agent', state).operational)).toEqual([
      'OK',
      'ERROR',
      'ERROR',
    ]);
  });

  it('is read below "agent" as well, and goes with its deletion', () => {
    expect(converted(agent({ agent: row }, 'update')).entity).toEqual(converted(agent(row, 'update')).entity);
    const deletion = agent({ agent_id: 'a-1', vitrage_event_type: 'agent.delete.end' }, 'update');
    expect(converted(deletion)).toMatchObject({ action: 'delete-entity', neighbours: [] });
  });

  it('of which an event tells nothing but the id has no more than that', () => {
    expect(converted(agent({ id: 'a-1' })).entity.properties).toEqual({ id: 'a-1', update_timestamp: AT });
    expect(converted(agent({ id: 'a-1' })).neighbours).toEqual([]);
  });

  it.each([
    [{ host: 'h' }, 'missing-id', 'id'],
    [{ id: 'a', alive: ':-)' }, 'malformed-event', 'alive'],
    [{ id: 'a', alive: null }, 'malformed-event', 'alive'],
    [{ id: 'a', host: {} }, 'malformed-event', 'host'],
    [{ id: 'a', admin_state_up: [] }, 'malformed-event', 'admin_state_up'],
  ])('rejects %j', (fields, code, where) => {
    expect(toEntityEvent(agent(fields as unknown as JsonObject))).toMatchObject({ code, where });
  });
});
