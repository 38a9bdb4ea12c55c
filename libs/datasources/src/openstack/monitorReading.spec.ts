import type { JsonObject, NewEntry } from '@wherefore/model';
import { RejectedInputs } from '../recording/rejectedInput';
import { notificationEntries } from './notificationEntries';

const AT = '2026-11-22T00:00:00Z';

function told(eventType: string, payload: JsonObject, datasources: JsonObject = {}) {
  const message = {
    message_id: 'm-1',
    event_type: eventType,
    payload,
    timestamp: '2026-11-22 00:00:00',
    priority: 'INFO',
  };
  const body = JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) });
  const envelope = { exchange: 'vitrage', routing_key: 'vitrage_notifications.info', body, received_at: AT };
  const refused = new RejectedInputs();
  const refuse = (rejection: Parameters<typeof refused.entry>[0]) => refused.entry(rejection, 'here', body, 7);
  return notificationEntries(envelope, 7, refuse, { portOwners: 'compute', datasources });
}

function event(entries: readonly NewEntry[]): JsonObject {
  const [entry] = entries;
  if (entries.length !== 1 || entry?.kind !== 'event') throw new Error('not one event');
  return entry.event;
}

describe('what monitors send on the bus', () => {
  it('is a fault of a host, as the event API wraps it', () => {
    const details = { hostname: 'h1', status: 'down', severity: 'critical' };
    const { entries } = told('vitrage.custom.event.down', { type: 'compute.host.down', time: AT, details });
    expect(entries[0]).toMatchObject({ kind: 'event', id: 'm-1', source: 'doctor', ingestedAtMs: 7 });
    expect(event(entries)).toMatchObject({
      vitrage_entity_type: 'doctor',
      vitrage_event_type: 'vitrage.custom.event.down',
      vitrage_sample_date: AT,
      type: 'compute.host.down',
      details,
    });
  });

  it('is a trigger of Zabbix, bare as its script sends it, at the time of the message', () => {
    const trigger = { resource_type: 'nova.host', resource_name: 'h1', triggerid: '7', value: '1', priority: '4' };
    const { entries } = told('zabbix.alarm.problem', { ...trigger, description: 'CPU load' });
    expect(event(entries)).toMatchObject({ ...trigger, vitrage_entity_type: 'zabbix', vitrage_sample_date: AT });
  });

  it('is an alert of Kapacitor, whose details are a text', () => {
    const alert = { id: 'a', details: '<b>hot</b>', message: 'hot', resource_type: 'nova.host', resource_name: 'h1' };
    const { entries } = told('kapacitor.alarm.critical', { ...alert, priority: 'critical' });
    expect(event(entries)).toMatchObject({ ...alert, vitrage_entity_type: 'kapacitor' });
  });

  it('is each alert of Alertmanager, with the resource that the configuration maps it to', () => {
    const rules = { prometheus: { alerts: [{ key: { job: 'nodes' }, resource: { id: 'instance' } }] } };
    const alert = { status: 'firing', labels: { alertname: 'Hot', job: 'nodes', instance: 'h1' } };
    const details = { alerts: [alert, { ...alert, labels: { ...alert.labels, instance: 'h2' } }] };
    const { entries } = told('prometheus.alarm', { type: 'prometheus.alarm', details }, rules);
    expect(entries.map(({ id }) => id)).toEqual(['m-1/0', 'm-1/1']);
    expect(entries).toMatchObject([
      { event: { vitrage_entity_unique_props: { id: 'h1' } } },
      { event: { vitrage_entity_unique_props: { id: 'h2' } } },
    ]);
  });

  it('is refused, and says why, where it is wrong', () => {
    const { entries, rejection } = told('prometheus.alarm', { type: 'prometheus.alarm', details: { alerts: 7 } });
    expect(rejection).toMatchObject({ code: 'malformed-event', where: 'details.alerts' });
    expect(entries).toMatchObject([{ kind: 'rejected-input', code: 'malformed-event' }]);
  });

  it('may be nothing that anybody reads', () => {
    expect(told('snmp.trap.unknown', { time: AT })).toEqual({ entries: [] });
  });
});
