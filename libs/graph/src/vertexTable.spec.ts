import { Vertex } from './elements';
import { VertexTable } from './vertexTable';

/** A vertex whose digest begins at a place of our choice, so that many of them want the same one. */
function vertexAt(id: string, low: number): Vertex {
  const vertex = new Vertex(id, `RESOURCE:thing:${id}`, 'RESOURCE', 'thing', false, '', 1);
  vertex.idLow = low;
  vertex.idHigh = id.length;
  return vertex;
}

describe('A table of vertices', () => {
  it('finds each by its id, whatever came and went before it in the same place', () => {
    const table = new VertexTable();
    const present = new Set<Vertex>();
    const all = Array.from({ length: 400 }, (_, at) => vertexAt(`v${at}`, at % 7 === 0 ? -1 : (at * 31) % 64));
    // Adds three, takes one, in an order that begins anew at every multiple of 7.
    for (let turn = 0; turn < 1200; turn++) {
      const vertex = all[(turn * 7) % all.length]!;
      if (turn % 4 === 3 || present.has(vertex)) {
        table.delete(vertex);
        present.delete(vertex);
      } else {
        table.add(vertex);
        present.add(vertex);
      }
      expect(table.size).toBe(present.size);
    }
    for (const vertex of all) expect(table.find(vertex)).toBe(present.has(vertex) ? vertex : undefined);
  });

  it('tells apart ids of one digest', () => {
    const table = new VertexTable();
    const [a, b] = [vertexAt('a', 5), vertexAt('b', 5)];
    table.add(a);
    expect(table.find(b)).toBeUndefined();
    table.add(b);
    table.delete(a);
    expect(table.find(vertexAt('b', 5))).toBe(b);
  });

  it('gives room back when most are gone', () => {
    const table = new VertexTable();
    const all = Array.from({ length: 1000 }, (_, at) => vertexAt(`v${at}`, Math.imul(at, 0x9e3779b1)));
    for (const vertex of all) table.add(vertex);
    for (const vertex of all.slice(10)) table.delete(vertex);
    for (const vertex of all.slice(0, 10)) expect(table.find(vertex)).toBe(vertex);
    expect(table.room).toBeLessThan(200);
  });
});
