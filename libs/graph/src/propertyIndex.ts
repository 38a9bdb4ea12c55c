import type { Json } from '@wherefore/model';
import type { Vertex } from './elements';
import { readProperty } from './vertexProperties';

/** Names whose values tell entities apart well enough to be worth an index. */
const INDEXED = ['id', 'name', 'instance_name'] as const;

type Bucket = Set<Vertex>;

/**
 * Finds live vertices by properties. An index for a name is built when it is first asked for, so a
 * deployment without alarms that need it pays nothing. A cache only: never part of the state.
 */
export class PropertyIndex {
  private readonly indexes = new Map<string, Map<string, Bucket>>();

  constructor(private readonly live: { values(): Iterable<Vertex> }) {}

  find(where: { readonly [name: string]: string }): Vertex[] {
    const names = Object.keys(where);
    if (names.length === 0) return [];
    const candidates = this.candidates(where) ?? this.live.values();
    const found: Vertex[] = [];
    for (const vertex of candidates) {
      if (names.every((name) => readProperty(vertex, name) === where[name])) found.push(vertex);
    }
    return found;
  }

  addAll(vertex: Vertex): void {
    if (this.indexes.size === 0) return;
    for (const [name, index] of this.indexes) put(index, vertex.properties[name], vertex);
  }

  removeAll(vertex: Vertex): void {
    if (this.indexes.size === 0) return;
    for (const [name, index] of this.indexes) take(index, vertex.properties[name], vertex);
  }

  replace(vertex: Vertex, name: string, before: Json | undefined, after: Json | undefined): void {
    if (this.indexes.size === 0 || vertex.isDeleted) return;
    const index = this.indexes.get(name);
    if (index === undefined) return;
    take(index, before, vertex);
    put(index, after, vertex);
  }

  private candidates(where: { readonly [name: string]: string }): Iterable<Vertex> | undefined {
    let smallest: Bucket | undefined;
    for (const name of INDEXED) {
      const value = where[name];
      if (value === undefined) continue;
      const bucket = this.indexOf(name).get(value);
      if (bucket === undefined) return [];
      if (smallest === undefined || bucket.size < smallest.size) smallest = bucket;
    }
    return smallest;
  }

  private indexOf(name: string): Map<string, Bucket> {
    let index = this.indexes.get(name);
    if (index === undefined) {
      index = new Map();
      for (const vertex of this.live.values()) put(index, vertex.properties[name], vertex);
      this.indexes.set(name, index);
    }
    return index;
  }
}

function put(index: Map<string, Bucket>, value: Json | undefined, vertex: Vertex): void {
  if (typeof value !== 'string') return;
  const bucket = index.get(value);
  if (bucket === undefined) index.set(value, new Set([vertex]));
  else bucket.add(vertex);
}

function take(index: Map<string, Bucket>, value: Json | undefined, vertex: Vertex): void {
  if (typeof value !== 'string') return;
  const bucket = index.get(value);
  if (bucket === undefined) return;
  bucket.delete(vertex);
  if (bucket.size === 0) index.delete(value);
}
