import type { Vertex } from './elements';

/** Live vertices by type, and the types that each datasource ever vouched for. */
export class TypeIndex {
  private readonly vertices = new Map<string, Vertex[]>();
  /** Every type that an alarm ever had: nearly all of them are of alarms alone. */
  private readonly alarmTypes = new Set<string>();
  /** By datasource. Never fewer than there are. */
  private readonly told = new Map<string, Set<string>>();
  private lastDatasource = '';
  private lastType = '';

  of(type: string): readonly Vertex[] {
    return this.vertices.get(type) ?? [];
  }

  /** All vertices, those of each type in a list. */
  lists(): Iterable<readonly Vertex[]> {
    return this.vertices.values();
  }

  has(vertex: Vertex): boolean {
    return this.vertices.get(vertex.type)?.[vertex.typeIndex] === vertex;
  }

  names(): Iterable<string> {
    return this.vertices.keys();
  }

  /** Alarms, placeholders included. O(entities of the types that alarms have). */
  *alarms(): Generator<Vertex> {
    for (const type of this.alarmTypes)
      for (const vertex of this.of(type)) if (vertex.category === 'ALARM') yield vertex;
  }

  /** O(vertices of the types that the datasource ever vouched for). */
  *toldBy(datasource: string): Iterable<Vertex> {
    for (const type of this.told.get(datasource) ?? []) {
      for (const vertex of this.of(type)) if (vertex.datasource === datasource) yield vertex;
    }
  }

  /** A datasource vouches for a vertex of a type. */
  note(datasource: string, type: string): void {
    if (datasource === this.lastDatasource && type === this.lastType) return;
    this.lastDatasource = datasource;
    this.lastType = type;
    const types = this.told.get(datasource);
    if (types === undefined) this.told.set(datasource, new Set([type]));
    else types.add(type);
  }

  add(vertex: Vertex): void {
    if (vertex.category === 'ALARM') this.alarmTypes.add(vertex.type);
    const ofType = this.vertices.get(vertex.type);
    if (ofType === undefined) {
      vertex.typeIndex = 0;
      this.vertices.set(vertex.type, [vertex]);
    } else {
      vertex.typeIndex = ofType.push(vertex) - 1;
    }
  }

  delete(vertex: Vertex): void {
    const ofType = this.vertices.get(vertex.type)!;
    const last = ofType.pop()!;
    if (last !== vertex) {
      ofType[vertex.typeIndex] = last;
      last.typeIndex = vertex.typeIndex;
    }
    if (ofType.length === 0) this.vertices.delete(vertex.type);
  }
}
