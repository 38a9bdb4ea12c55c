import type { Json, JsonObject } from '@wherefore/model';
import { type AnswerPolls, fromNotification, fromRestAnswer, toEntityEvent } from '../index';

const AT = '2026-11-22T00:00:00Z';

function message(eventType: string, payload: Json) {
  const content = { message_id: 'm-1', event_type: eventType, payload, timestamp: '2026-11-22 00:00:00' };
  const body = JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(content) });
  return fromNotification({ exchange: 'cinder', routing_key: 'notifications.info', body, received_at: AT });
}

function eventOf(eventType: string, payload: Json): JsonObject {
  const answer = message(eventType, payload);
  if (!('events' in answer)) throw new Error(JSON.stringify(answer));
  return answer.events[0]!;
}

function pollsOf(name: string, body: Json) {
  return (fromRestAnswer(name, body, AT) as AnswerPolls).polls;
}

describe("the answer of Cinder's services", () => {
  const services = [
    { binary: 'cinder-volume', host: 's@a', state: 'up', status: 'enabled', backend_state: 'up', updated_at: 'x' },
    { binary: 'cinder-scheduler', host: 's', state: 'up', status: 'enabled', updated_at: 'x' },
  ];

  it('is a poll of the services, and one of the backends, without heartbeats', () => {
    const polls = pollsOf('cinder-services', { services });
    expect(polls.map(({ datasource, rows }) => [datasource, rows.map(({ key }) => key)])).toEqual([
      ['cinder.service', ['RESOURCE:cinder.service:cinder-volume@s@a', 'RESOURCE:cinder.service:cinder-scheduler@s']],
      ['cinder.backend', ['RESOURCE:cinder.backend:s@a']],
    ]);
    expect(JSON.stringify(polls)).not.toContain('updated_at');
    for (const { rows } of polls) {
      for (const { key, event } of rows) expect(toEntityEvent(event)).toMatchObject({ entity: { key } });
    }
  });

  it('reports a row without a host in both', () => {
    const polls = pollsOf('cinder-services', { services: [{ binary: 'cinder-volume' }] });
    expect(polls.map(({ rejected }) => rejected.map(({ where }) => where))).toEqual([
      ['services[0].host'],
      ['services[0].host'],
    ]);
  });
});

describe('the other answers of Cinder', () => {
  it('tell of pools what does not change as they fill', () => {
    const capabilities = { volume_backend_name: 'a', storage_protocol: 'ceph', free_capacity_gb: 900, timestamp: 't' };
    expect(pollsOf('cinder-pools', { pools: [{ name: 's@a#p', capabilities }, { name: 's@b#q' }] })[0]!.rows).toEqual([
      {
        key: 'RESOURCE:cinder.pool:s@a#p',
        event: expect.objectContaining({ name: 's@a#p', volume_backend_name: 'a' }) as JsonObject,
      },
      { key: 'RESOURCE:cinder.pool:s@b#q', event: expect.objectContaining({ name: 's@b#q' }) as JsonObject },
    ]);
    const rows = pollsOf('cinder-pools', { pools: [{ name: 's@a#p', capabilities }] })[0]!.rows;
    expect(rows[0]!.event).not.toHaveProperty('free_capacity_gb');
  });

  it('tell in which backend a volume is, whatever its pool', () => {
    const backendOf = (place: Json) =>
      pollsOf('cinder-volumes', { volumes: [{ 'id': 'v', 'os-vol-host-attr:host': place }] })[0]!.rows[0]!.event[
        'backend'
      ];
    expect([backendOf('s@a#p'), backendOf('s@a'), backendOf(null), backendOf('#')]).toEqual(['s@a', 's@a', null, null]);
    expect(pollsOf('cinder-volumes', { volumes: [{ id: 'v' }] })[0]!.rows[0]!.event).not.toHaveProperty('backend');
  });

  it('tell of snapshots, and of attachments nothing that the volumes do not tell', () => {
    const [poll] = pollsOf('cinder-snapshots', { snapshots: [{ id: 's', volume_id: 'v', metadata: {} }] });
    expect(poll!.rows).toMatchObject([{ key: 'RESOURCE:cinder.snapshot:s', event: { volume_id: 'v' } }]);
    expect(pollsOf('cinder-attachments', { attachments: [{ id: 'a' }] })).toEqual([]);
  });
});

describe('messages of Cinder', () => {
  const volume = { volume_id: 'v', status: 'available', tenant_id: 'p', host: 's@a#p', volume_attachment: [] };

  it('tell in which backend a volume is', () => {
    expect(eventOf('volume.update.end', volume)).toMatchObject({ backend: 's@a' });
    expect(eventOf('volume.create.start', { ...volume, host: null })).toMatchObject({ backend: null });
    expect(eventOf('scheduler.create_volume', { volume_id: 'v', state: 'error' })).toMatchObject({ backend: null });
  });

  it('of a transfer tell the status from before it, but for an acceptance', () => {
    const statusOf = (type: string, status: string) =>
      eventOf(`volume.transfer.${type}`, { ...volume, status })['status'];
    expect(statusOf('create.start', 'available')).toBe('available');
    expect(statusOf('create.end', 'available')).toBe('awaiting-transfer');
    expect(statusOf('create.end', 'error')).toBe('error');
    expect(statusOf('accept.start', 'awaiting-transfer')).toBe('awaiting-transfer');
    expect(statusOf('accept.end', 'available')).toBe('available');
    expect(statusOf('delete.end', 'awaiting-transfer')).toBe('available');
  });

  it('of an acceptance give the volume to its new project, and ask for its snapshots', () => {
    const answer = message('volume.transfer.accept.end', { ...volume, tenant_id: 'other' });
    expect(answer).toMatchObject({ poll: 'cinder.snapshot', events: [{ tenant_id: 'other' }] });
    expect(message('volume.transfer.accept.start', volume)).not.toHaveProperty('poll');
  });

  it('of a snapshot carry it whole', () => {
    const snapshot = { snapshot_id: 's', volume_id: 'v', display_name: 'n', status: 'creating', metadata: '' };
    expect(eventOf('snapshot.create.start', snapshot)).toMatchObject({ snapshot_id: 's', status: 'creating' });
    expect(eventOf('snapshot.create.start', snapshot)).not.toHaveProperty('metadata');
    expect(message('snapshot.create.start', { snapshot_id: 's' })).toHaveProperty('ignored');
    expect(message('snapshot.create.start', {})).toMatchObject({ code: 'missing-id', where: 'payload.snapshot_id' });
  });
});
