import type { JsonObject } from '@wherefore/model';
import { fromNotification, toEntityEvent } from '../index';
import { AT, meanings, message, neighboursOf, pollsOf, rowMeaning, told, versioned } from '../openstack/openstack.sim';

const compute: JsonObject = {
  binary: 'nova-compute',
  host: 'compute-03',
  id: 'be1fa6ee-c96a-4f58-a257-227f1551c610',
  zone: 'az-2',
  status: 'enabled',
  state: 'down',
  updated_at: '2026-11-21T23:59:45.000000',
  disabled_reason: null,
  forced_down: false,
};

describe('a service of Nova', () => {
  it('is known by binary and host, and a compute service hangs below its host', () => {
    const event = rowMeaning('nova-services', { services: [compute] });
    expect([event.entity.key, event.entity.properties]).toEqual([
      'RESOURCE:nova.service:nova-compute@compute-03',
      {
        id: 'nova-compute@compute-03',
        name: 'nova-compute@compute-03',
        binary: 'nova-compute',
        host_id: 'compute-03',
        state: 'down',
        zone: 'az-2',
        forced_down: false,
        disabled: false,
        status: 'enabled',
        disabled_reason: null,
        update_timestamp: AT,
      },
    ]);
    expect(neighboursOf(event)).toEqual(['←contains– RESOURCE:nova.host:compute-03']);
  });

  it('of any other binary is no host, and hangs below the cluster', () => {
    const services = [{ ...compute, binary: 'nova-scheduler', host: 'controller', zone: 'internal' }];
    const [hosts, all] = pollsOf('nova-services', { services });
    expect([hosts?.datasource, hosts?.rows, all?.datasource]).toEqual(['nova.host', [], 'nova.service']);
    expect(neighboursOf(rowMeaning('nova-services', { services }))).toEqual([
      '←contains– RESOURCE:openstack.cluster:OpenStack Cluster',
    ]);
  });

  it('has the same key at a microversion with numbers for ids, which does not tell of forcing down', () => {
    const { id: _uuid, forced_down: _forced, ...rest } = compute;
    const [, older] = pollsOf('nova-services-v2.1', { services: [{ ...rest, id: 7 }] });
    const [, newer] = pollsOf('nova-services', { services: [compute] });
    expect(older!.rows[0]!.key).toBe(newer!.rows[0]!.key);
    expect({ ...older!.rows[0]!.event, forced_down: false }).toEqual(newer!.rows[0]!.event);
  });

  it('makes the same row while only its heartbeat goes on', () => {
    const later = { ...compute, updated_at: '2026-11-22T00:00:10.000000' };
    expect(pollsOf('nova-services', { services: [later] })).toEqual(pollsOf('nova-services', { services: [compute] }));
  });

  it('in a cell that is out of reach has no state that is known', () => {
    const services = [{ binary: 'nova-compute', host: 'compute-03', status: 'UNKNOWN' }];
    const { properties } = rowMeaning('nova-services', { services }).entity;
    expect([properties['state'], 'disabled' in properties]).toEqual(['unknown', false]);
  });

  it('without a binary is refused, and its host still counts', () => {
    const [hosts, all] = pollsOf('nova-services', { services: [{ host: 'h' }, { binary: 'nova-compute' }, 7] });
    expect(hosts!.rejected.map(({ where }) => where)).toEqual(['services[1].host', 'services[2]']);
    expect(all!.rejected.map(({ where }) => where)).toEqual(['services[0].binary', 'services[1].host', 'services[2]']);
  });

  it.each([
    [{ host: 'h' }, 'missing-id', 'binary'],
    [{ binary: 'b', host: {} }, 'missing-id', 'host'],
    [{ binary: 'b', host: 'h', state: [] }, 'malformed-event', 'state'],
    [{ binary: 'b', host: 'h', forced_down: {} }, 'malformed-event', 'forced_down'],
  ])('%j is refused', (fields, code, where) => {
    const frame = { vitrage_entity_type: 'nova.service', vitrage_datasource_action: 'update', vitrage_sample_date: AT };
    expect(toEntityEvent({ ...frame, ...fields } as JsonObject)).toMatchObject({ code, where });
  });
});

describe('messages of a service of Nova', () => {
  const data = { binary: 'nova-compute', host: 'compute-03', disabled: true, disabled_reason: 'host failure' };

  it('tell that it is forced down, of the host first and of the service', () => {
    const [host, service] = meanings('service.update', versioned({ ...data, forced_down: true, report_count: 43 }));
    expect(host!.entity).toMatchObject({
      key: 'RESOURCE:nova.host:compute-03',
      properties: { service_state: 'down', forced_down: true, disabled: true, disabled_reason: 'host failure' },
    });
    expect(service!.entity).toMatchObject({
      key: 'RESOURCE:nova.service:nova-compute@compute-03',
      properties: { state: 'down', forced_down: true, disabled: true, disabled_reason: 'host failure' },
    });
  });

  it('do not tell whether one that is not forced down is up, and ask for a poll', () => {
    const answer = told('service.update', versioned({ ...data, forced_down: false }));
    expect(answer.poll).toBe('nova.service');
    for (const event of meanings('service.update', versioned({ ...data, forced_down: false }))) {
      expect(Object.keys(event.entity.properties)).not.toContain('state');
      expect(Object.keys(event.entity.properties)).not.toContain('service_state');
    }
    expect(told('service.update', versioned({ ...data, forced_down: true })).poll).toBeUndefined();
  });

  it('tell of services that are no compute hosts too', () => {
    const scheduler = versioned({ ...data, binary: 'nova-scheduler', host: 'controller' });
    expect(meanings('service.create', scheduler).map(({ entity }) => entity.key)).toEqual([
      'RESOURCE:nova.service:nova-scheduler@controller',
    ]);
  });

  it.each(['nova-osapi_compute', 'nova-metadata'])('are ignored of %s, which no poll would ever show', (binary) => {
    const answer = fromNotification(message('service.create', versioned({ ...data, binary })));
    expect(answer).toEqual({ ignored: expect.stringContaining('not list') as string });
  });

  it('delete the service, and the host with a compute service', () => {
    const events = meanings('service.delete', versioned(data));
    expect(events.map(({ action, entity }) => [action, entity.key])).toEqual([
      ['delete-entity', 'RESOURCE:nova.host:compute-03'],
      ['delete-entity', 'RESOURCE:nova.service:nova-compute@compute-03'],
    ]);
  });

  it.each([
    [{}, 'malformed-event', 'payload.nova_object.data'],
    [versioned({ host: 'h' }), 'missing-id', 'payload.nova_object.data.binary'],
    [versioned({ binary: 'nova-compute' }), 'missing-id', 'payload.nova_object.data.host'],
  ])('%j is refused', (payload, code, where) => {
    expect(fromNotification(message('service.update', payload as JsonObject))).toMatchObject({ code, where });
  });
});
