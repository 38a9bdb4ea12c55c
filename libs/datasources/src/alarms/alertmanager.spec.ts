import type { JsonObject } from '@wherefore/model';
import { fromAlerts } from './alertmanager';

const AT = '2026-03-14T10:00:00Z';
const MAPPING = { alerts: [{ key: { job: 'node' }, resource: { name: 'instance', vitrage_type: 'kind' } }] };

function alert(labels: JsonObject, state = 'active'): JsonObject {
  return {
    labels,
    annotations: { summary: 'busy' },
    startsAt: '2026-03-14T09:58:00.000Z',
    endsAt: '2026-03-14T10:03:00.000Z',
    updatedAt: '2026-03-14T09:59:00.000Z',
    fingerprint: '7f',
    receivers: [{ name: 'web' }],
    status: { state, silencedBy: [], inhibitedBy: [] },
  };
}

function read(...alerts: JsonObject[]) {
  const poll = fromAlerts(alerts, AT, MAPPING);
  if ('code' in poll) throw new Error(poll.message);
  return poll;
}

describe('the alerts of Alertmanager', () => {
  it('are alarms that fire, silenced ones as well, on the resource that the mapping names', () => {
    const labels = { alertname: 'HighLoad', job: 'node', instance: 'compute-01', kind: 'nova.host', severity: 'page' };
    const { rows, rejected, datasource } = read(alert(labels, 'suppressed'));
    expect([datasource, rejected]).toEqual(['prometheus', []]);
    expect(rows).toHaveLength(1);
    expect(rows[0]!.key).toBe('ALARM:prometheus:HighLoad:{"name":"compute-01","vitrage_type":"nova.host"}');
    expect(rows[0]!.event).toMatchObject({ status: 'firing', labels, startsAt: '2026-03-14T09:58:00.000Z' });
  });

  it('are equal rows while they fire, whatever their end is moved to', () => {
    const one = alert({ alertname: 'A' });
    expect(read({ ...one, endsAt: '2026-03-14T11:00:00Z', updatedAt: AT }).rows).toEqual(read(one).rows);
  });

  it('that are mapped to nothing are told apart by their labels', () => {
    const { rows } = read(alert({ alertname: 'A', disk: 'sda' }), alert({ alertname: 'A', disk: 'sdb' }));
    expect(new Set(rows.map(({ key }) => key)).size).toBe(2);
  });

  it('without a name are rejected with their place, and keep the others in', () => {
    const { rows, rejected } = read(alert({ job: 'x' }), alert({ alertname: 'A' }));
    expect(rows).toHaveLength(1);
    expect(rejected).toMatchObject([{ code: 'missing-id', where: '[0].labels.alertname' }]);
  });

  it('are none where the answer is no list', () => {
    expect(fromAlerts({ status: 'success' }, AT, undefined)).toMatchObject({ code: 'malformed-event' });
    expect(fromAlerts([], 'noon', undefined)).toMatchObject({ code: 'impossible-timestamp' });
  });
});
