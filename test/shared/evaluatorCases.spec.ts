import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type EngineState, initialState, parseEventLine, reportState, RunClock, step } from '@wherefore/engine';
import type { Json, JsonObject, LogEntry } from '@wherefore/model';
import { parse } from 'yaml';
import { describeWithShared } from '../support/shared';

/**
 * The acceptance cases of Vitrage's scenario evaluator, on its own templates and test value tables: the
 * same steps, and the same outcomes on what is live.
 */

const START_MS = Date.parse('2026-11-21T00:00:00Z');
const HOST = 'host-2';

interface Port {
  readonly id: string;
  readonly server: string;
}

/** An engine with Vitrage's mock cloud: a cluster, two zones, four hosts, sixteen instances. */
class MockCloud {
  readonly state: EngineState = initialState();
  private readonly clock = new RunClock(START_MS);
  private count = 0;

  constructor(vitrageDir: string) {
    this.config(readValueTables(join(vitrageDir, 'datasources_values')));
    const folder = join(vitrageDir, 'templates/evaluator');
    const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
    this.apply(
      this.clock.templates(
        files.map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8'), type: 'standard' })),
      ),
    );
    expect(this.state.shelf.list().map(({ status }) => status)).toEqual(files.map(() => 'ACTIVE'));
    for (const zone of [0, 1]) this.zone(zone);
    for (let i = 0; i < 16; i++) {
      const server = { id: `vm-${i}`, name: `vm-${i}`, status: 'ACTIVE', 'OS-EXT-SRV-ATTR:host': `host-${i % 4}` };
      this.event('nova.instance', { ...server, tenant_id: 'admin' });
    }
  }

  event(type: string, fields: JsonObject): void {
    this.apply(
      this.clock.event({ vitrage_entity_type: type, vitrage_datasource_action: 'update', ...fields } as JsonObject),
    );
  }

  /** A line as the differential cases write it. */
  line(text: string): void {
    this.apply(this.clock.event(parseEventLine(text) as JsonObject));
  }

  nagios(service: string, status: string, on: readonly [string, string] = ['nova.host', HOST]): void {
    const [resource_type, resource_name] = on;
    this.event('nagios', { service, status, resource_type, resource_name });
  }

  port({ id, server }: Port): void {
    this.event('neutron.network', { id: 'net-1', name: 'net-1', status: 'ACTIVE' });
    const owner = { network_id: 'net-1', device_id: server, device_owner: 'compute:nova' };
    this.event('neutron.port', { id, name: id, status: 'ACTIVE', ...owner });
  }

  hostState(): string | null {
    return reportState(this.state).resources.find(({ id }) => id === HOST)!.aggregated_state;
  }

  /** `severity` of the alarms of this name and type, for each resource it is on. */
  severities(name: string, type = 'vitrage'): (string | null)[] {
    return reportState(this.state)
      .live_alarms.filter((alarm) => alarm.name === name && alarm.type === type)
      .map(({ severity }) => severity);
  }

  causesOf(name: string): number {
    return reportState(this.state).causes.filter(([, target]) => target.startsWith(`vitrage/${name}@`)).length;
  }

  counts(): readonly [vertices: number, edges: number] {
    const { vertices, edges } = reportState(this.state);
    return [vertices, edges];
  }

  /** Alarms that are marked deleted. */
  markedAlarms(name: string): number {
    return [...this.state.graph.graves()].filter(
      ({ element }) => 'key' in element && element.properties['name'] === name,
    ).length;
  }

  apply(entry: LogEntry): void {
    expect(step(this.state, entry).outcome).toEqual({ kind: 'applied' });
  }

  private config(value: JsonObject): void {
    this.count += 1;
    const base = { id: `config-${this.count}`, version: 1, source: 'test', ingestedAtMs: START_MS } as const;
    this.apply({
      position: { epoch: 1, offset: 0, index: this.count },
      entry: { kind: 'config-set', ...base, section: 'value-tables', value },
    });
  }

  private zone(zone: number): void {
    const hosts: { [host: string]: Json } = {};
    for (const host of [zone * 2, zone * 2 + 1]) {
      hosts[`host-${host}`] = { 'nova-compute': { available: true, active: true } };
    }
    this.event('nova.zone', { zoneName: `zone-${zone}`, zoneState: { available: true }, hosts });
    for (const host of Object.keys(hosts)) this.event('nova.host', { host, zone: `zone-${zone}` });
  }
}

function readValueTables(folder: string): JsonObject {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  return Object.fromEntries(
    files.map((file) => [basename(file, '.yaml'), parse(readFileSync(join(folder, file), 'utf8')) as Json]),
  );
}

describeWithShared('evaluator cases', (sharedDir) => {
  const cloud = (): MockCloud => new MockCloud(join(sharedDir, 'data/vitrage'));

  it('create_entity_graph: the mock events make 23 vertices and 22 edges', () => {
    expect(cloud().counts()).toEqual([23, 22]);
  });

  it('test_deduced_state: a warning makes the host suboptimal, and its end available', () => {
    const c = cloud();
    expect(c.hostState()).toBe('AVAILABLE');
    c.nagios('cause_suboptimal_state', 'WARNING');
    expect(c.hostState()).toBe('SUBOPTIMAL');
    c.nagios('cause_suboptimal_state', 'OK');
    expect(c.hostState()).toBe('AVAILABLE');
  });

  it('test_overlapping_deduced_state_1: the worse state shows while both hold', () => {
    const c = cloud();
    const states: (string | null)[] = [];
    for (const [service, status] of [
      ['cause_suboptimal_state', 'WARNING'],
      ['cause_error_state', 'CRITICAL'],
      ['cause_error_state', 'OK'],
      ['cause_suboptimal_state', 'OK'],
    ] as const) {
      c.nagios(service, status);
      states.push(c.hostState());
    }
    expect(states).toEqual(['SUBOPTIMAL', 'ERROR', 'SUBOPTIMAL', 'AVAILABLE']);
  });

  it('test_overlapping_deduced_state_2: whichever comes first', () => {
    const c = cloud();
    const states: (string | null)[] = [];
    for (const [service, status] of [
      ['cause_error_state', 'CRITICAL'],
      ['cause_suboptimal_state', 'WARNING'],
      ['cause_error_state', 'OK'],
    ] as const) {
      c.nagios(service, status);
      states.push(c.hostState());
    }
    expect(states).toEqual(['ERROR', 'ERROR', 'SUBOPTIMAL']);
  });

  it('test_deduced_alarm: one alarm with one cause, gone and back with its reason', () => {
    const c = cloud();
    for (let round = 0; round < 2; round++) {
      c.nagios('cause_warning_deduced_alarm', 'WARNING');
      expect([c.severities('deduced_alarm'), c.causesOf('deduced_alarm')]).toEqual([['WARNING'], 1]);
      c.nagios('cause_warning_deduced_alarm', 'OK');
      expect([c.severities('deduced_alarm'), c.causesOf('deduced_alarm')]).toEqual([[], 0]);
    }
  });

  it('test_overlapping_deduced_alarm_1: one alarm, the higher severity, a cause for each reason', () => {
    const c = cloud();
    c.nagios('cause_warning_deduced_alarm', 'WARNING');
    expect([c.severities('deduced_alarm'), c.causesOf('deduced_alarm')]).toEqual([['WARNING'], 1]);
    c.nagios('cause_critical_deduced_alarm', 'CRITICAL');
    expect([c.severities('deduced_alarm'), c.causesOf('deduced_alarm')]).toEqual([['CRITICAL'], 2]);
    c.nagios('cause_warning_deduced_alarm', 'OK');
    expect([c.severities('deduced_alarm'), c.causesOf('deduced_alarm')]).toEqual([['CRITICAL'], 1]);
    c.nagios('cause_critical_deduced_alarm', 'OK');
    expect([c.severities('deduced_alarm'), c.causesOf('deduced_alarm')]).toEqual([[], 0]);
  });

  it('test_overlapping_deduced_alarm_2: a lower severity does not show while the higher one holds', () => {
    const c = cloud();
    c.nagios('cause_critical_deduced_alarm', 'CRITICAL');
    expect(c.severities('deduced_alarm')).toEqual(['CRITICAL']);
    c.nagios('cause_warning_deduced_alarm', 'WARNING');
    expect(c.severities('deduced_alarm')).toEqual(['CRITICAL']);
    c.nagios('cause_critical_deduced_alarm', 'OK');
    expect(c.severities('deduced_alarm')).toEqual(['WARNING']);
  });

  it('test_simple_not_operator_deduced_alarm: the alarm holds exactly while the port has no problem', () => {
    const c = cloud();
    const on = ['neutron.port', 'port-1'] as const;
    const [vertices, edges] = c.counts();
    c.port({ id: 'port-1', server: 'vm-1' });
    // A network, a port and the deduced alarm; network to port, port to instance, alarm on port.
    expect(c.counts()).toEqual([vertices + 3, edges + 3]);
    expect(c.severities('simple_port_deduced_alarm')).toEqual(['WARNING']);
    c.nagios('PORT_PROBLEM', 'WARNING', on);
    expect(c.severities('simple_port_deduced_alarm')).toEqual([]);
    expect(c.markedAlarms('simple_port_deduced_alarm')).toBe(1);
    expect(c.severities('PORT_PROBLEM', 'nagios')).toEqual(['WARNING']);
    // Only the edge goes and comes back.
    const relation = { service: 'PORT_PROBLEM', status: 'WARNING', resource_type: on[0], resource_name: on[1] };
    c.event('nagios', { ...relation, vitrage_event_type: 'delete_relationship' });
    expect(c.severities('simple_port_deduced_alarm')).toEqual(['WARNING']);
    expect(c.markedAlarms('simple_port_deduced_alarm')).toBe(1);
    c.event('nagios', { ...relation, vitrage_event_type: 'update_relationship' });
    expect(c.severities('simple_port_deduced_alarm')).toEqual([]);
    expect(c.markedAlarms('simple_port_deduced_alarm')).toBe(2);
    c.nagios('PORT_PROBLEM', 'OK', on);
    expect(c.severities('simple_port_deduced_alarm')).toEqual(['WARNING']);
    expect(c.severities('PORT_PROBLEM', 'nagios')).toEqual([]);
  });

  it('test_simple_or_operator_deduced_alarm: the third alarm stays as long as one of the two does', () => {
    const c = cloud();
    const alarms: number[] = [];
    for (const [service, status] of [
      ['alarm1', 'WARNING'],
      ['alarm2', 'WARNING'],
      ['alarm1', 'OK'],
      ['alarm2', 'OK'],
    ] as const) {
      c.nagios(service, status);
      alarms.push(reportState(c.state).live_alarms.length);
    }
    expect(alarms).toEqual([2, 3, 2, 0]);
  });
});
