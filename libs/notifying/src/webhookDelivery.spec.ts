import type { Properties } from '@wherefore/model';
import type { Webhook } from '@wherefore/ports';
import { deliveryOf, type AlarmNews } from './webhookDelivery';

const RESOURCE: Properties = {
  vitrage_id: 'r1',
  id: 'vm-1',
  name: 'vm',
  vitrage_category: 'RESOURCE',
  vitrage_type: 'nova.instance',
  vitrage_operational_state: 'OK',
  update_timestamp: '2026-11-21T17:00:00Z',
  project_id: 'shop',
  host_id: 'compute-1',
};
const ALARM: Properties = {
  vitrage_id: 'a1',
  name: 'Instance Down',
  vitrage_category: 'ALARM',
  vitrage_type: 'vitrage',
  state: 'Active',
  vitrage_operational_severity: 'CRITICAL',
  update_timestamp: '2026-11-21T17:00:00Z',
  vitrage_resource_id: 'r1',
  vitrage_resource_project_id: 'shop',
  rawtext: 'never told',
};
const NEWS: AlarmNews = { kind: 'vitrage.alarm.activate', alarm: ALARM, resource: RESOURCE };

function webhook(more: Partial<Webhook>): Webhook {
  const base = { id: 'w', url: 'http://a/', headers: {}, filter: {}, projectId: 'ops', isAdmin: true, createdAtMs: 0 };
  return { ...base, ...more };
}

describe('what a webhook is sent', () => {
  it('is what Vitrage lets out, and nothing else', () => {
    const { vitrage_resource_id: _id, vitrage_resource_project_id: _project, rawtext: _text, ...told } = ALARM;
    const { host_id: _host, ...resource } = RESOURCE;
    expect(deliveryOf(webhook({}), NEWS)).toEqual({
      notification: 'vitrage.alarm.activate',
      payload: { ...told, resource },
    });
    const { resource: _resource, ...alone } = NEWS;
    expect(deliveryOf(webhook({}), alone)).toEqual({ notification: 'vitrage.alarm.activate', payload: told });
  });

  it.each([
    [{ name: 'instance' }, true],
    [{ name: 'down' }, false],
    [{ name: '.*down$', vitrage_type: 'VITRAGE' }, true],
    [{ name: '.*', vitrage_type: 'zabbix' }, false],
    [{ nothing: '.*' }, false],
    [{ toString: '.*' }, false],
  ])('passes the filter %j: %s', (filter, isSent) => {
    expect(deliveryOf(webhook({ filter }), NEWS) !== undefined).toBe(isSent);
  });

  it('is of its own project, unless an administrator registered it', () => {
    const of = (projectId: string, news: AlarmNews) =>
      deliveryOf(webhook({ isAdmin: false, projectId }), news) !== undefined;
    expect([of('shop', NEWS), of('bank', NEWS), of('', NEWS)]).toEqual([true, false, false]);
    const { project_id: _project, ...host } = RESOURCE;
    const { vitrage_resource_project_id: _owner, ...infrastructure } = ALARM;
    // Vitrage sends it to everyone.
    expect(of('shop', { ...NEWS, alarm: infrastructure, resource: host })).toBe(false);
    expect(of('shop', { kind: 'vitrage.alarm.deactivate', alarm: ALARM })).toBe(true);
  });
});
