import { readdirSync } from 'node:fs';
import path from 'node:path';
import { initialState, step, type EngineState } from '@wherefore/engine';
import { describeVertex } from '@wherefore/graph';
import type { Json, JsonObject, LogEntry } from '@wherefore/model';
import { LogScript } from '../../libs/engine/src/cloudScript.sim';
import { describeWithShared } from '../support/shared';
import { Specification } from './specification';

/** Ids of one life, and times at which things were looked at: no two clouds share them. */
const OF_ITS_OWN = /^(vitrage_id|vitrage_resource_id|vitrage_sample_timestamp|update_timestamp)$/;

/** How what is specified comes to be in the graph, and where it is then. */
interface Origin {
  readonly entries: (script: LogScript, vertex: JsonObject) => readonly LogEntry[];
  readonly key: string;
  /** Properties that the specification has and an entity here has not, with the reason. */
  readonly without?: { readonly [property: string]: string };
}

const text = (value: Json | undefined): string => String(value);

function event(script: LogScript, type: string, fields: JsonObject): LogEntry {
  return script.event({ vitrage_entity_type: type, vitrage_datasource_action: 'snapshot', ...fields });
}

const NETWORK_PROBLEM = `
metadata: {version: 3, name: network, description: d, type: standard}
entities:
  probe: {category: ALARM, type: zabbix}
  instance: {type: nova.instance}
scenarios:
  - condition: probe [on] instance
    actions:
      - raise_alarm: {target: instance, alarm_name: VM network problem 3, severity: critical}
      - set_state: {target: instance, state: SUBOPTIMAL}
`;

const PROBED = { resource_type: 'nova.instance', resource_name: '111' };
const TRIGGER = { triggerid: 7, value: '1', status: '0', priority: '2', lastchange: '1514111563' };

/** A server on which a probe fails, and what a template makes of that. */
function probedServer(script: LogScript, { name, host_id: host, state }: JsonObject): LogEntry[] {
  const server = { id: '111', name: name!, status: state ?? 'ACTIVE' };
  return [
    script.template('network', NETWORK_PROBLEM),
    event(script, 'nova.instance', { ...server, 'OS-EXT-SRV-ATTR:host': host ?? 'compute-0-0' }),
    event(script, 'zabbix', { ...PROBED, ...TRIGGER, description: 'no ping', rawtext: 'no ping' }),
  ];
}

const NO_ID = { id: 'an alarm is known by resource and name: its source gives it no id' };

const ORIGINS: { readonly [file: string]: Origin } = {
  'cinder.volume': {
    entries: (script, { id, state, size, volume_type, attachments }) => [
      event(script, 'cinder.volume', {
        ...{ id: id!, status: state!, size: size!, volume_type: volume_type! },
        attachments: (attachments as readonly Json[]).map((server) => ({ server_id: server })),
      }),
    ],
    key: 'RESOURCE:cinder.volume:111',
  },
  'neutron.network': {
    entries: (script, { id, name, state }) => [
      event(script, 'neutron.network', { id: id!, name: name!, status: state! }),
    ],
    key: 'RESOURCE:neutron.network:111',
  },
  'neutron.port': {
    entries: (script, { id, state, host_id: host, ip_addresses: addresses }) => [
      event(script, 'neutron.port', {
        ...{ 'id': id!, 'status': state!, 'binding:host_id': host!, 'network_id': 'n', 'device_id': 's' },
        device_owner: 'compute:nova',
        fixed_ips: (addresses as readonly Json[]).map((address) => ({ ip_address: address })),
      }),
    ],
    key: 'RESOURCE:neutron.port:111',
  },
  'nova.host': {
    entries: (script, { id }) => [
      event(script, 'nova.host', { host: id!, zone: 'nova' }),
      event(script, 'nova.zone', {
        ...{ zoneName: 'nova', zoneState: { available: true } },
        hosts: { [text(id)]: { 'nova-compute': { available: true, active: true } } },
      }),
    ],
    key: 'RESOURCE:nova.host:111',
    without: { state: 'the zone says `available`; Vitrage has the word in capitals here, and not elsewhere' },
  },
  'nova.instance': { entries: probedServer, key: 'RESOURCE:nova.instance:111' },
  'nova.zone': {
    entries: (script, { id }) => [event(script, 'nova.zone', { zoneName: id!, zoneState: { available: true } })],
    key: 'RESOURCE:nova.zone:111',
    without: { name: 'a zone has one name, which is its id' },
  },
  'openstack-cluster': {
    entries: (script) => [event(script, 'nova.zone', { zoneName: 'nova', zoneState: { available: true } })],
    key: 'RESOURCE:openstack.cluster:OpenStack Cluster',
    without: { id: 'the one cluster has the id "OpenStack Cluster"' },
  },
  'tripleo.controller': {
    entries: (script, { id, name, state, vitrage_type: type }) => [
      event(script, 'static', { static_id: 'c', type: type!, id: id!, name: name!, state: state! }),
    ],
    key: 'RESOURCE:tripleo.controller:111',
  },
  'vitrage.alarm': {
    entries: (script, vertex) => probedServer(script, { ...vertex, state: 'ACTIVE' }),
    key: 'ALARM:vitrage:VM network problem 3',
    without: { ...NO_ID, resource_id: 'what it is on is told by `vitrage_resource_id` and by its edge' },
  },
  'zabbix': {
    entries: (script, { name, rawtext, resource_id: resource }) => [
      event(script, 'static', { static_id: 'k', type: 'kubernetes_cluster', id: resource!, name: 'k8s' }),
      event(script, 'zabbix', {
        ...{ ...TRIGGER, description: name!, rawtext: rawtext! },
        ...{ resource_type: 'kubernetes_cluster', resource_name: resource! },
      }),
    ],
    key: 'ALARM:zabbix:k8s:7',
    without: NO_ID,
  },
};

function stateAfter(entries: readonly LogEntry[]): EngineState {
  const state = initialState();
  for (const entry of entries) expect(step(state, entry).outcome.kind).toBe('applied');
  return state;
}

describeWithShared("vertices and edges as Vitrage's specifications have them", (sharedDir) => {
  const folder = path.join(sharedDir, 'data/vitrage/mock_configurations');
  const filesOf = (kind: string) => readdirSync(path.join(folder, kind)).map((file) => file.replace('.json', ''));

  it.each(filesOf('vertices'))('an entity like %s has every property of it', (file) => {
    const origin = ORIGINS[file]!;
    const specified = new Specification(sharedDir, 'vertices', file).literal;
    const state = stateAfter(origin.entries(new LogScript(), specified));
    const vertex = [...state.graph.vertices()].find(({ key }) => key.startsWith(origin.key));
    const described = describeVertex(vertex!);
    for (const [name, value] of Object.entries(specified)) {
      if (name in (origin.without ?? {})) continue;
      if (OF_ITS_OWN.test(name)) expect([name, typeof described[name]]).toEqual([name, 'string']);
      else expect([name, described[name]]).toEqual([name, value]);
    }
    for (const name of Object.keys(origin.without ?? {})) {
      expect([name, described[name]]).not.toEqual([name, specified[name]]);
    }
  });

  it.each(filesOf('edges'))('an edge like %s has every property of it', (file) => {
    const specified = new Specification(sharedDir, 'edges', file).literal;
    const script = new LogScript();
    const volume = event(script, 'cinder.volume', { id: 'v', attachments: [{ server_id: '111' }] });
    const state = stateAfter([volume, ...probedServer(script, { name: 'n' })]);
    const edges = [...state.graph.vertices()].flatMap(({ outgoing }) => outgoing);
    const edge = edges.find(({ label }) => label === specified['relationship_type']);
    expect(edge?.isDeleted).toBe(specified['vitrage_is_deleted']);
    expect(edge?.updateTimestamp).toMatch(/^2026-11-21T00:00:0\d/);
  });
});
