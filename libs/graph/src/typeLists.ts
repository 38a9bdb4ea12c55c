import type { Vertex } from './elements';

/** Live vertices by their type, in lists without an order. */
export class TypeLists {
  private readonly lists = new Map<string, Vertex[]>();
  /** Every type that an alarm ever had: nearly all of them are of alarms alone. */
  private readonly alarmTypes = new Set<string>();

  names(): Iterable<string> {
    return this.lists.keys();
  }

  of(type: string): Iterable<Vertex> {
    return this.lists.get(type) ?? [];
  }

  /** Alarms, placeholders included. O(entities of the types that alarms have). */
  *alarms(): Generator<Vertex> {
    for (const type of this.alarmTypes)
      for (const vertex of this.of(type)) if (vertex.category === 'ALARM') yield vertex;
  }

  add(vertex: Vertex): void {
    if (vertex.category === 'ALARM') this.alarmTypes.add(vertex.type);
    const ofType = this.lists.get(vertex.type);
    if (ofType !== undefined) {
      vertex.typeIndex = ofType.push(vertex) - 1;
      return;
    }
    vertex.typeIndex = 0;
    this.lists.set(vertex.type, [vertex]);
  }

  remove(vertex: Vertex): void {
    const ofType = this.lists.get(vertex.type)!;
    const last = ofType.pop()!;
    if (last !== vertex) {
      ofType[vertex.typeIndex] = last;
      last.typeIndex = vertex.typeIndex;
    }
    if (ofType.length === 0) this.lists.delete(vertex.type);
  }
}
