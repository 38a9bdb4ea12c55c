import { type Vertex } from '@wherefore/graph';
import { compareCodeUnits } from '@wherefore/model';
import type { EngineState } from './state';

export interface ReportedAlarm {
  readonly type: string;
  readonly name: string;
  /** Aggregated: upper case; null when the source tells none. */
  readonly severity: string | null;
  readonly operational_severity: string;
  readonly state: string;
  readonly resource: { readonly type: string; readonly id: string } | null;
}

export interface ReportedResource {
  readonly type: string;
  readonly id: string;
  readonly aggregated_state: string | null;
  readonly operational_state: string;
  readonly placeholder: boolean;
  readonly is_marked_down: boolean;
}

/** The live part of a state in the terms of the differential cases; every list sorted. */
export interface StateReport {
  readonly live_alarms: readonly ReportedAlarm[];
  readonly causes: readonly (readonly [string, string])[];
  readonly resources: readonly ReportedResource[];
  readonly alarms: { readonly [line: string]: number };
  readonly resource_states: { readonly [line: string]: number };
  readonly marked_down: number;
  readonly vertices: number;
  readonly edges: number;
  readonly vertices_by_type: { readonly [type: string]: number };
  readonly edges_by_label: { readonly [label: string]: number };
}

/** Describes what is live now. O(graph). */
export function reportState(state: EngineState): StateReport {
  const { graph } = state;
  const alarms: ReportedAlarm[] = [];
  const resources: ReportedResource[] = [];
  const causes: (readonly [string, string])[] = [];
  const counts = { alarms: new Map(), states: new Map(), types: new Map(), labels: new Map() };
  let markedDown = 0;
  for (const vertex of graph.vertices()) {
    tally(counts.types, vertex.type);
    if (vertex.isMarkedDown) markedDown += 1;
    for (const edge of vertex.outgoing) {
      tally(counts.labels, edge.label);
      if (edge.label === 'causes') causes.push(...causeLines(edge.source, edge.target));
    }
    if (vertex.category === 'ALARM') {
      if (vertex.isPlaceholder) continue;
      alarms.push(...describeAlarm(vertex));
      const { name, severity } = vertex.properties;
      tally(counts.alarms, `${vertex.type}/${String(name)} sev=${String(severity)} oper=${String(vertex.operational)}`);
    } else {
      const resource = describeResource(vertex);
      resources.push(resource);
      const { aggregated_state: aggregated, operational_state: operational } = resource;
      tally(counts.states, `${vertex.type} agg=${String(aggregated)} oper=${String(operational)}`);
    }
  }
  return {
    live_alarms: sorted(alarms),
    causes: sorted(causes),
    resources: sorted(resources),
    alarms: table(counts.alarms),
    resource_states: table(counts.states),
    marked_down: markedDown,
    vertices: graph.vertexCount,
    edges: graph.edgeCount,
    vertices_by_type: table(counts.types),
    edges_by_label: table(counts.labels),
  };
}

function describeAlarm(vertex: Vertex): ReportedAlarm[] {
  const alarm = {
    type: vertex.type,
    name: String(vertex.properties['name']),
    severity: vertex.aggregated ?? null,
    operational_severity: vertex.operational ?? 'N/A',
    state: String(vertex.properties['state'] ?? 'Active'),
  };
  const places = resourcesOf(vertex);
  if (places.length === 0) return [{ ...alarm, resource: null }];
  return places.map((resource) => ({ ...alarm, resource: { type: resource.type, id: idOf(resource) } }));
}

function describeResource(vertex: Vertex): ReportedResource {
  return {
    type: vertex.type,
    id: idOf(vertex),
    aggregated_state: vertex.aggregated ?? null,
    // Of a stub nothing is known, which is N/A.
    operational_state: vertex.operational ?? 'N/A',
    placeholder: vertex.isPlaceholder,
    is_marked_down: vertex.isMarkedDown,
  };
}

/** The live resources that an alarm is on. */
export function resourcesOf(alarm: Vertex): Vertex[] {
  return alarm.outgoing.flatMap(({ label, target }) =>
    label === 'on' && target.category === 'RESOURCE' ? [target] : [],
  );
}

function causeLines(source: Vertex, target: Vertex): [string, string][] {
  return describeEnds(source).flatMap((from) => describeEnds(target).map((to): [string, string] => [from, to]));
}

function describeEnds(alarm: Vertex): string[] {
  const name = `${alarm.type}/${String(alarm.properties['name'])}`;
  const places = resourcesOf(alarm);
  return places.length === 0 ? [`${name}@-`] : places.map((resource) => `${name}@${resource.type}:${idOf(resource)}`);
}

function idOf(vertex: Vertex): string {
  const { id } = vertex.properties;
  return typeof id === 'string' ? id : vertex.key;
}

function tally(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function table(counts: ReadonlyMap<string, number>): { [line: string]: number } {
  return Object.fromEntries([...counts].sort(([a], [b]) => compareCodeUnits(a, b)));
}

function sorted<T>(values: readonly T[]): T[] {
  return values
    .map((value): [string, T] => [JSON.stringify(value), value])
    .sort(([a], [b]) => compareCodeUnits(a, b))
    .map(([, value]) => value);
}
