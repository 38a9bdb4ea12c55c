import {
  AODH,
  AT,
  COLLECTD,
  DOCTOR,
  KAPACITOR,
  NAGIOS,
  PROMETHEUS,
  ZABBIX,
  converted,
  sampleOf,
} from './alarmSamples.sim';

describe('an alarm of Nagios', () => {
  it('is a service on the resource of that type and name', () => {
    const event = converted(sampleOf('nagios', NAGIOS, 'snapshot'));
    expect(event.entity).toMatchObject({
      key: 'ALARM:nagios:host-1:CPU load',
      properties: {
        name: 'CPU load',
        severity: 'WARNING',
        info: 'WARNING - 6',
        resource_id: 'host-1',
        update_timestamp: '2026-11-20T00:00:00Z',
      },
    });
    expect(event.neighbours).toMatchObject([
      { entity: { key: 'RESOURCE:nova.host:host-1', isPlaceholder: true }, label: 'on', direction: 'to-neighbour' },
    ]);
  });

  it('on the cluster is on the one that there is', () => {
    const event = converted(sampleOf('nagios', { ...NAGIOS, resource_type: 'openstack.cluster' }));
    expect(event.neighbours[0]?.entity.key).toBe('RESOURCE:openstack.cluster:OpenStack Cluster');
  });
});

describe('an alarm of Zabbix', () => {
  it.each([
    ['0', 'NOT CLASSIFIED'],
    [1, 'INFORMATION'],
    ['2', 'WARNING'],
    ['3', 'AVERAGE'],
    ['4', 'HIGH'],
    [5, 'DISASTER'],
  ])('of priority %p is %s', (priority, severity) => {
    expect(converted(sampleOf('zabbix', { ...ZABBIX, priority })).entity.properties['severity']).toBe(severity);
  });

  it('is known by resource and trigger, and named by its description', () => {
    expect(converted(sampleOf('zabbix', ZABBIX)).entity).toMatchObject({
      key: 'ALARM:zabbix:host-1:13491',
      properties: {
        name: 'Processor load',
        rawtext: 'Processor load on {HOST}',
        resource_id: 'host-1',
        update_timestamp: '2025-11-21T00:00:00Z',
      },
    });
  });

  it('calls the host as its resource is called, unless that would make a name without end', () => {
    const named = (description: string, host: string, name: string) =>
      converted(sampleOf('zabbix', { ...ZABBIX, description, zabbix_resource_name: host, resource_name: name })).entity
        .properties['name'];
    expect(named('load on zbx-7 of zbx-7', 'zbx-7', 'host-1')).toBe('load on host-1 of host-1');
    const letters = 'a'.repeat(100_000);
    expect(named(letters, 'a', letters)).toBe(letters);
  });

  it("reads Zabbix's own way of writing times", () => {
    const { lastchange: _, ...fields } = ZABBIX;
    const event = converted(sampleOf('zabbix', { ...fields, timestamp: '2015.12.01 12:46:41' }));
    expect(event.entity.properties['update_timestamp']).toBe('2015-12-01T12:46:41Z');
  });
});

describe('an alarm of a Doctor monitor', () => {
  it('carries its details, but for what belongs to the graph, and keeps its first time', () => {
    const event = converted(sampleOf('doctor', DOCTOR));
    expect(event.entity.key).toBe('ALARM:doctor:compute.host.down:host-1');
    expect(event.entity.properties).toEqual({
      hostname: 'host-1',
      status: 'down',
      source: 'monitor',
      cause: 'link-down',
      name: 'compute.host.down',
      state: 'Active',
      severity: 'critical',
      update_timestamp: '2026-04-12T08:00:00.123450Z',
    });
    expect(event.keep).toEqual({ property: 'update_timestamp', whileUnchanged: 'status' });
    expect(event.neighbours).toMatchObject([{ entity: { key: 'RESOURCE:nova.host:host-1', isPlaceholder: true } }]);
  });
});

describe('an alert of Prometheus', () => {
  it('is known by its name and the properties that single out its resources, in any order', () => {
    const event = converted(sampleOf('prometheus', PROMETHEUS));
    const other = { vitrage_entity_unique_props: { host_id: 'host-1', instance_name: 'instance-2' } };
    expect(event.entity.key).toBe('ALARM:prometheus:HighCpu:{"host_id":"host-1","instance_name":"instance-2"}');
    expect(converted(sampleOf('prometheus', { ...PROMETHEUS, ...other })).entity.key).toBe(event.entity.key);
    expect(event.lookups).toEqual([
      { where: { instance_name: 'instance-2', host_id: 'host-1' }, label: 'on', direction: 'to-neighbour' },
    ]);
    expect(event.entity.properties).toMatchObject({
      severity: 'critical',
      update_timestamp: '2026-11-20T00:00:00.906943Z',
    });
  });

  it('that is mapped to no resource is told apart by its labels', () => {
    const event = converted(sampleOf('prometheus', { ...PROMETHEUS, vitrage_entity_unique_props: '' }));
    expect([event.lookups, event.entity.key]).toEqual([
      [],
      'ALARM:prometheus:HighCpu:{"alertname":"HighCpu","severity":"critical"}',
    ]);
  });

  it('that is resolved at a time not told is so at the time of the sample', () => {
    const event = converted(sampleOf('prometheus', { ...PROMETHEUS, status: 'resolved' }));
    expect(event.entity.properties['update_timestamp']).toBe(AT);
  });
});

describe('an alarm of Aodh', () => {
  it('is on whatever has the id of its resource', () => {
    const event = converted(sampleOf('aodh', AODH));
    expect(event.entity.key).toBe('ALARM:aodh:a-1');
    expect(event.lookups).toEqual([{ where: { id: 'vm-1' }, label: 'on', direction: 'to-neighbour' }]);
    expect(event.entity.properties).toMatchObject({ id: 'a-1', name: 'cpu', severity: 'low', alarm_type: 'event' });
  });

  it('made from a deduced alarm adds to that one, and never takes it away', () => {
    for (const state of ['alarm', 'ok']) {
      for (const type of ['alarm.creation', 'alarm.deletion']) {
        const event = converted(sampleOf('aodh', { ...AODH, state, vitrage_id: 'v-1', vitrage_event_type: type }));
        expect(event).toMatchObject({ action: 'update-entity', entity: { vitrageId: 'v-1' } });
        expect(event.entity.properties).toEqual({ id: 'a-1', description: 'd' });
      }
    }
  });
});

describe('alarms of agents', () => {
  it('of collectd are on what has the name and type, and are named by their message', () => {
    const event = converted(sampleOf('collectd', COLLECTD));
    expect(event.entity).toMatchObject({
      key: 'ALARM:collectd:host-1:46c7',
      properties: { name: 'link down', rawtext: 'link down', severity: 'WARNING', resource_name: 'host-1' },
    });
    expect(event.entity.properties['update_timestamp']).toMatch(/^2016-12-22T12:17:09\.0625/);
    expect(event.lookups[0]?.where).toEqual({ name: 'host-1', vitrage_type: 'nova.host' });
  });

  it('of collectd without an id are known by the check', () => {
    const { id: _, resource_type: __, resource_name: ___, ...fields } = COLLECTD;
    const event = converted(sampleOf('collectd', fields));
    expect([event.entity.key, event.lookups]).toEqual(['ALARM:collectd:compute-1:compute-1/ovs///', []]);
  });

  it('of Kapacitor carry their details as raw text', () => {
    const event = converted(sampleOf('kapacitor', KAPACITOR));
    expect(event.entity).toMatchObject({
      key: 'ALARM:kapacitor:host-1:mem high',
      properties: {
        name: 'mem high',
        severity: 'critical',
        rawtext: 'DETAIL',
        update_timestamp: '2026-04-22T08:11:00Z',
      },
    });
  });
});
