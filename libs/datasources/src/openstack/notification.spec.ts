import type { Json, JsonObject } from '@wherefore/model';
import fc from 'fast-check';
import { fromNotification, toEntityEvent } from '../index';

const RECEIVED = '2026-11-22T00:00:01Z';

function envelope(body: string) {
  return { exchange: 'nova', routing_key: 'notifications.info', body, received_at: RECEIVED };
}

function message(eventType: string, payload: Json, more: JsonObject = {}) {
  const content = { message_id: 'm-1', event_type: eventType, payload, timestamp: '2026-11-22 00:00:00.5', ...more };
  return envelope(JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(content) }));
}

function eventsOf(eventType: string, payload: Json): readonly JsonObject[] {
  const answer = fromNotification(message(eventType, payload));
  if (!('events' in answer)) throw new Error(JSON.stringify(answer));
  return answer.events;
}

describe('a message of the bus', () => {
  const data = { uuid: 'vm-1', display_name: 'web', state: 'active', task_state: null, flavor: { x: 1 }, host: 'h' };

  it('becomes a driver event with the time of the message, and what matters of its payload', () => {
    const answer = fromNotification(message('instance.update', { 'nova_object.data': data }));
    expect(answer).toEqual({
      id: 'm-1',
      events: [
        {
          'vitrage_entity_type': 'nova.instance',
          'vitrage_datasource_action': 'update',
          'vitrage_event_type': 'instance.update',
          'vitrage_sample_date': '2026-11-22T00:00:00.500000Z',
          'told_by': 'bus',
          'nova_object.data': { uuid: 'vm-1', name: 'web', state: 'active', status: 'ACTIVE', host: 'h' },
        },
      ],
    });
  });

  it('is read unwrapped too, as oslo wrote it in its first version', () => {
    const content = { message_id: 'm', event_type: 'network.create.end', timestamp: '2026-11-22 00:00:00' };
    const body = JSON.stringify({ ...content, payload: { network: { id: 'n' } } });
    expect(fromNotification(envelope(body))).toMatchObject({ id: 'm', events: [{ id: 'n' }] });
  });

  it.each(['identity.authenticate', 'image.send', 'scheduler.select_destinations.end', 'keypair.import.end'])(
    'of type %s is ignored with a reason',
    (eventType) => {
      expect(fromNotification(message(eventType, {}))).toEqual({ ignored: `no entity hangs on ${eventType}` });
    },
  );

  it.each([
    [envelope('{'), 'malformed-json', 'body'],
    [envelope('[]'), 'malformed-event', 'body'],
    [envelope('{"oslo.message":"x"}'), 'malformed-json', 'oslo.message'],
    [envelope('{"oslo.message":{}}'), 'malformed-event', 'oslo.message'],
    [envelope('{"oslo.message":"{}"}'), 'malformed-event', 'event_type'],
    [message('instance.update', {}, { message_id: null }), 'missing-id', 'message_id'],
    [message('instance.update', {}, { timestamp: 'soon' }), 'impossible-timestamp', 'timestamp'],
    [message('instance.update', []), 'malformed-event', 'payload'],
    [message('instance.update', {}), 'malformed-event', 'payload.nova_object.data'],
    [message('instance.update', { 'nova_object.data': {} }), 'missing-id', 'payload.nova_object.data.uuid'],
    [message('compute.instance.update', {}), 'missing-id', 'payload.instance_id'],
    [message('compute_task.build_instances', {}), 'missing-id', 'payload.instance_id'],
    [message('port.update.end', {}), 'malformed-event', 'payload.port'],
    [message('port.update.end', { port: {} }), 'missing-id', 'payload.port.id'],
    [message('port.delete.end', {}), 'missing-id', 'payload.port_id'],
    [message('volume.update.end', {}), 'missing-id', 'payload.volume_id'],
    [message('orchestration.stack.update.end', {}), 'missing-id', 'payload.stack_identity'],
    [message('alarm.creation', {}), 'missing-id', 'payload.alarm_id'],
  ])('is rejected for what is wrong with it (%#)', (given, code, where) => {
    expect(fromNotification(given)).toMatchObject({ code, where });
  });

  it('never makes it throw', () => {
    const type = fc.constantFrom(
      'instance.update',
      'compute.instance.x',
      'service.update',
      'port.update.end',
      'volume.x',
    );
    const more = fc.constantFrom(
      'network.delete.end',
      'alarm.creation',
      'orchestration.stack.x',
      'scheduler.create_volume',
      ...['aggregate.create.end', 'aggregate.addhost.end', 'aggregate.updatemetadata.end', 'aggregate.delete.end'],
      ...['image.update', 'image.delete', 'identity.user.created', 'identity.project.deleted', 'instance.evacuate'],
    );
    const field = fc.constantFrom(
      'port',
      'network',
      'detail',
      'alarm_id',
      'volume_id',
      'nova_object.data',
      'instance_id',
      ...['aggregate_id', 'host_name', 'meta_data', 'id', 'resource_info', 'target', 'properties', 'deleted'],
    );
    const payload = fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.jsonValue()));
    fc.assert(
      fc.property(fc.oneof(type, more), payload, fc.string(), (eventType, given, text) => {
        fromNotification(message(eventType, given as Json));
        fromNotification(envelope(text));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('messages of Nova', () => {
  it('of the source of a live migration do not move the server back', () => {
    const payload = { instance_id: 'vm', state: 'active' };
    expect(fromNotification(message('compute.instance.live_migration._post.end', payload))).toHaveProperty('ignored');
    const versioned = { 'nova_object.data': { uuid: 'vm', state: 'active' } };
    expect(fromNotification(message('instance.live_migration_post.end', versioned))).toHaveProperty('ignored');
    expect(eventsOf('instance.live_migration_post_dest.end', versioned)).toHaveLength(1);
  });

  const amended = (type: string, payload: JsonObject, publisher_id = 'compute.h2') => {
    const answer = fromNotification(message(type, payload, { publisher_id }));
    if (!('events' in answer)) throw new Error(JSON.stringify(answer));
    const event = toEntityEvent(answer.events[0]!);
    return 'amends' in event ? event.amends : undefined;
  };
  const ofPorts = { type: 'neutron.port', label: 'attached' };
  const up = {
    of: ofPorts,
    properties: { state: 'ACTIVE' },
    unless: { property: 'admin_state_up', value: false },
  };

  it.each(['create.end', 'rebuild.end', 'unshelve.end', 'finish_resize.end', 'resize.revert.end'])(
    'of a server that was started at a new place (%s) tell that its ports are up, when it runs',
    (end) => {
      const type = `compute.instance.${end}`;
      expect(amended(type, { instance_id: 'vm', state: 'active' })).toContainEqual(up);
      expect(amended(type, { instance_id: 'vm', state: 'stopped' }) ?? []).not.toContainEqual(up);
      expect(amended(type, { instance_id: 'vm', state: 'resized' }) ?? []).not.toContainEqual(up);
    },
  );

  it.each(['compute.instance.power_on.end', 'compute.instance.resume.end'])(
    'of a server that starts where it has been (%s) tell that its ports are up',
    (type) => {
      expect(amended(type, { instance_id: 'vm', state: 'active' })).toContainEqual(up);
    },
  );

  it('of a port that a server gets tell that it is up, when the server runs', () => {
    const attached = (power_state: string) =>
      amended('instance.interface_attach.end', { 'nova_object.data': { uuid: 'vm', state: 'active', power_state } });
    expect([attached('running'), attached('shutdown')]).toEqual([[up], undefined]);
  });

  it('tell in the versioned layout whether a resized server runs', () => {
    const resized = (power_state: string) =>
      amended('instance.resize_finish.end', { 'nova_object.data': { uuid: 'vm', state: 'resized', power_state } });
    expect([resized('running'), resized('shutdown')]).toEqual([[up], undefined]);
  });

  it.each([
    [
      'compute.instance.live_migration.post.dest.start',
      { instance_id: 'vm', state: 'active', host: 'h1' },
      'compute.h2',
    ],
    [
      'instance.live_migration_post_dest.start',
      { 'nova_object.data': { uuid: 'vm', state: 'active', host: 'h1' } },
      'nova-compute:h2',
    ],
  ])(
    'of the host that a server moves to alive (%s) tell that its ports are bound there',
    (type, payload, publisher) => {
      expect(amended(type, payload, publisher)).toEqual([{ of: ofPorts, properties: { host_id: 'h2' } }]);
      expect(amended(type, payload, 'conductor.h2')).toBeUndefined();
    },
  );

  it.each([
    ['attach', 'reserved'],
    ['detach', 'detaching'],
  ])('that begin to %s a volume tell that it is %s, and ask for a poll', (verb, state) => {
    const payload = { 'nova_object.data': { uuid: 'vm', state: 'active', volume_id: 'v' } };
    expect(amended(`instance.volume_${verb}.start`, payload)).toEqual([
      { of: { key: 'RESOURCE:cinder.volume:v' }, properties: { state } },
    ]);
    expect(fromNotification(message(`instance.volume_${verb}.start`, payload))).toMatchObject({
      poll: 'cinder.volume',
    });
  });

  it('of a rebuilding that has ended tell where the server is, evacuated or not', () => {
    const payload = { instance_id: 'vm', state: 'active', host: 'h1' };
    const answer = fromNotification(message('compute.instance.rebuild.end', payload, { publisher_id: 'compute.h2' }));
    expect(answer).toMatchObject({ events: [{ host: 'h2' }] });
  });

  it('that something failed ask for a poll: it may be tried elsewhere, or given up', () => {
    const payload = { instance_id: 'vm', state: 'building', state_description: 'spawning' };
    expect(fromNotification(message('compute.instance.create.error', payload))).toMatchObject({
      events: [{ status: 'BUILD' }],
      poll: 'nova.instance',
    });
  });
});

describe('messages of a server', () => {
  const versioned = (state: string, type = 'instance.update', more: JsonObject = {}) =>
    toEntityEvent(eventsOf(type, { 'nova_object.data': { uuid: 'vm', state, ...more } })[0]!);

  it('give it the status that the REST API shows', () => {
    expect(versioned('stopped')).toMatchObject({ entity: { properties: { state: 'SHUTOFF' } } });
    expect(versioned('active', 'instance.update', { task_state: 'rebooting' })).toMatchObject({
      entity: { properties: { state: 'REBOOT' } },
    });
    const legacy = {
      instance_id: 'vm',
      state: 'soft-delete',
      state_description: '',
      display_name: 'Web',
      hostname: 'web',
    };
    expect(toEntityEvent(eventsOf('compute.instance.update', legacy)[0]!)).toMatchObject({
      entity: { properties: { state: 'SOFT_DELETED', name: 'Web' } },
    });
    expect(versioned('levitating')).toMatchObject({ entity: { properties: { state: 'levitating' } } });
  });

  it('delete it when it is deleted, whichever of them says so', () => {
    expect(versioned('deleted')).toMatchObject({ action: 'delete-entity' });
    const exists = eventsOf('compute.instance.exists', { instance_id: 'vm', state: 'deleted' });
    expect(toEntityEvent(exists[0]!)).toMatchObject({ action: 'delete-entity' });
  });
});

describe('messages of the conductor, which found no host', () => {
  it.each([
    [
      'compute_task.build_instances',
      { instance_id: 'vm', state: 'error', request_spec: { instance_properties: { project_id: 'p' } } },
    ],
    [
      'compute_task.build_instances.error',
      {
        'nova_object.data': {
          instance_uuid: 'vm',
          state: 'error',
          request_spec: { 'nova_object.data': { project_id: 'p' } },
        },
      },
    ],
  ])('(%s) put the server in the state that they tell, and ask for a poll, for they tell no name', (type, payload) => {
    const answer = fromNotification(message(type, payload as JsonObject));
    expect(answer).toMatchObject({ poll: 'nova.instance' });
    const event = toEntityEvent(('events' in answer ? answer.events[0] : {})!);
    expect(event).toMatchObject({
      action: 'update-entity',
      entity: { key: 'RESOURCE:nova.instance:vm', properties: { state: 'ERROR', project_id: 'p' } },
      neighbours: [],
      inPassing: true,
    });
    expect(event).not.toHaveProperty('entity.properties.host_id');
  });

  it('and left the server as it was, say so: the task is over', () => {
    const payload = { instance_id: 'vm', state: 'stopped' };
    expect(toEntityEvent(eventsOf('compute_task.migrate_server', payload)[0]!)).toMatchObject({
      entity: { properties: { state: 'SHUTOFF' } },
    });
  });
});

describe('messages of Neutron', () => {
  const port = { id: 'p', status: 'ACTIVE', device_owner: 'compute:az-1', fixed_ips: [{ ip_address: '10.0.0.1' }] };

  it('of ports count only once a server owns them', () => {
    expect(eventsOf('port.update.end', { port })).toMatchObject([{ id: 'p', status: 'ACTIVE' }]);
    expect(fromNotification(message('port.create.end', { port: { ...port, device_owner: '' } }))).toHaveProperty(
      'ignored',
    );
    const dhcp = { ...port, device_owner: 'network:dhcp' };
    for (const type of ['port.create.end', 'port.update.end', 'port.delete.end']) {
      expect(fromNotification(message(type, { port: dhcp, port_id: 'p' }))).toHaveProperty('ignored');
    }
  });

  it('delete a port that its server has let go', () => {
    const [event] = eventsOf('port.update.end', { port: { ...port, device_owner: '' } });
    expect(toEntityEvent(event!)).toMatchObject({
      action: 'delete-entity',
      entity: { key: 'RESOURCE:neutron.port:p' },
    });
  });

  it('delete by the id alone, when the message carries no more', () => {
    const [event] = eventsOf('port.delete.end', { port_id: 'p' });
    expect(toEntityEvent(event!)).toMatchObject({
      action: 'delete-entity',
      entity: { key: 'RESOURCE:neutron.port:p' },
    });
  });

  it('of a port that is not up yet say so, and ask for a poll: nobody tells when it is', () => {
    const answer = fromNotification(message('port.update.end', { port: { ...port, status: 'DOWN' } }));
    expect(answer).toMatchObject({ events: [{ status: 'DOWN' }], poll: 'neutron.port' });
    expect(fromNotification(message('port.update.end', { port }))).not.toHaveProperty('poll');
    expect(fromNotification(message('binding.delete.end', {}))).toMatchObject({ poll: 'neutron.port' });
  });

  it('created in bulk make an event each', () => {
    expect(eventsOf('network.create.end', { networks: [{ id: 'a' }, { id: 'b' }] }).map(({ id }) => id)).toEqual([
      'a',
      'b',
    ]);
  });

  it('of an intention are ignored', () => {
    expect(fromNotification(message('network.create.start', { network: { id: 'a' } }))).toHaveProperty('ignored');
  });
});

describe('messages of Cinder, Heat and Aodh', () => {
  it('of the scheduler that found no backend put the volume in error', () => {
    const payload = {
      volume_id: 'v',
      state: 'error',
      volume_properties: { display_name: 'lost', size: 1, project_id: 'p' },
    };
    const [event] = eventsOf('scheduler.create_volume', payload);
    expect(toEntityEvent(event!)).toMatchObject({
      entity: { properties: { id: 'v', name: 'lost', state: 'error', project_id: 'p', attachments: [] } },
    });
    expect(fromNotification(message('volume.usage', { volume_id: 'v' }))).toHaveProperty('ignored');
  });

  it('of volumes count only attachments that hold, and tell the state at once when one begins to', () => {
    const attachment = (instance_uuid: string, attach_status: string, deleted = false) => ({
      instance_uuid,
      attach_status,
      deleted,
    });
    const volume_attachment = [
      attachment('vm-1', 'reserved'),
      attachment('vm-2', 'attached'),
      attachment('vm-3', 'attached', true),
      { instance_uuid: 'vm-4' },
    ];
    const payload = { volume_id: 'v', status: 'in-use', volume_attachment };
    const actionOf = (type: string) => toEntityEvent(eventsOf(type, payload)[0]!);
    expect(actionOf('volume.attach.end')).toMatchObject({
      action: 'update-entity',
      entity: { properties: { state: 'in-use', attachments: ['vm-2', 'vm-4'] } },
    });
    expect(actionOf('volume.detach.end')).toMatchObject({ without: ['nova.instance'] });
    // Until the detachment has ended, the API shows the volume as attached still.
    expect(actionOf('volume.detach.start')).toMatchObject({ action: 'update-entity', neighbours: [{}, {}] });
  });

  it('of a stack ask for its resources when these may have changed', () => {
    const payload = { stack_identity: 's', state: 'CREATE_COMPLETE', stack_name: 'n' };
    expect(fromNotification(message('orchestration.stack.create.end', payload))).toMatchObject({ poll: 'heat.stack' });
    expect(fromNotification(message('orchestration.stack.create.start', payload))).not.toHaveProperty('poll');
  });

  const query = [{ field: 'traits.instance_id', op: 'eq', value: 'vm-1' }];
  const detail = { name: 'cpu', state: 'alarm', severity: 'low', type: 'event', rule: { event_type: 'x.*', query } };

  it('of a new alarm carry it whole, with the resource that its rule is about', () => {
    const [event] = eventsOf('alarm.creation', { alarm_id: 'a', type: 'creation', detail });
    expect(toEntityEvent(event!)).toMatchObject({
      action: 'update-entity',
      entity: { properties: { name: 'cpu', resource_id: 'vm-1', alarm_type: 'event', event_type: 'x.*' } },
      lookups: [{ where: { id: 'vm-1' } }],
    });
  });

  it('of a new state carry no more than that, and ask for a poll', () => {
    const answer = fromNotification(message('alarm.state_transition', { alarm_id: 'a', detail: { state: 'alarm' } }));
    expect(answer).toMatchObject({ poll: 'aodh', events: [{ alarm_id: 'a', state: 'alarm' }] });
    const change = fromNotification(message('alarm.rule_change', { alarm_id: 'a', detail: { severity: 'low' } }));
    expect(change).toMatchObject({ poll: 'aodh', ignored: expect.stringContaining('active') as string });
    expect(toEntityEvent(eventsOf('alarm.deletion', { alarm_id: 'a' })[0]!)).toMatchObject({ action: 'delete-entity' });
  });

  it("of a new state that Aodh's evaluator found carry it as a text, and Aodh's own project beside the alarm's", () => {
    const evaluated = (detail: Json) =>
      fromNotification(
        message('alarm.state_transition', {
          alarm_id: 'a',
          detail,
          project_id: 'service',
          on_behalf_of: 'shop',
          severity: 'critical',
        }),
      );
    expect(evaluated('{"state": "alarm", "transition_reason": "3 samples outside"}')).toMatchObject({
      poll: 'aodh',
      events: [{ alarm_id: 'a', state: 'alarm', project_id: 'shop', severity: 'critical' }],
    });
    for (const detail of ['{"state"', '7', 'alarm', '{"state": 7}']) {
      expect(evaluated(detail)).toMatchObject({ poll: 'aodh', ignored: expect.any(String) as string });
    }
  });
});
