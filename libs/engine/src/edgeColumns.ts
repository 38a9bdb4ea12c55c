import { Edge, type Vertex, type VertexSource } from '@wherefore/graph';
import { corrupt } from './byteCodec';
import type { Column, ColumnReader, Columns, ColumnsReader } from './columns';
import type { StringSource, StringTable } from './stringTable';

/** Writes edges to the columns. The live ones come first, those from one vertex together, in the order of the vertices. */
export class EdgeWriter {
  private columns: { readonly [name in 'source' | 'target' | 'label' | 'born' | 'time']: Column } | undefined;

  constructor(
    private readonly all: Columns,
    private readonly strings: StringTable,
    private readonly places: ReadonlyMap<Vertex, number>,
  ) {}

  /** `sourcePlace` is that of its source. */
  write(edge: Edge, sourcePlace: number): void {
    const { all, strings } = this;
    this.columns ??= {
      source: all.of('source'),
      target: all.of('target'),
      label: all.of('label'),
      born: all.of('edgeBorn'),
      time: all.of('edgeTime'),
    };
    const { source, target, label, born, time } = this.columns;
    source.push(sourcePlace);
    target.push(this.places.get(edge.target)!);
    label.push(strings.place(edge.label));
    born.push(edge.bornAt);
    time.push(strings.place(edge.updateTimestamp));
  }
}

/** The vertex of a place. Throws `snapshot-corrupt`. */
export function vertexAt(vertices: readonly Vertex[], place: number): Vertex {
  const vertex = vertices[place];
  if (vertex === undefined) throw corrupt(`there is no vertex ${place}`);
  return vertex;
}

/**
 * The edges of a snapshot, of which an object is made when one of its ends is first asked for it. Both lists of a
 * vertex, as they were read, and the places of an edge in the lists of its two ends agree.
 */
export class EdgeTable implements Pick<VertexSource, 'outgoingAt' | 'incomingAt'> {
  private readonly sources: Int32Array;
  private readonly targets: Int32Array;
  private readonly labels: Float64Array;
  private readonly born: Float64Array;
  private readonly times: Float64Array;
  /** Where the outgoing edges of a vertex begin; where its incoming ones do in `incoming`. */
  private readonly outStarts: Int32Array;
  private readonly inStarts: Int32Array;
  /** Edges by target, and the place of each among those of its target. */
  private readonly incoming: Int32Array;
  private readonly inPlaces: Int32Array;
  private readonly made: (Edge | undefined)[];

  constructor(
    columns: ColumnsReader,
    private readonly strings: StringSource,
    private readonly vertices: readonly Vertex[],
    liveCount: number,
  ) {
    this.sources = endsOf(columns.of('source'), vertices);
    this.targets = endsOf(columns.of('target'), vertices);
    this.labels = columns.of('label').rest();
    this.born = columns.of('edgeBorn').rest();
    this.times = columns.of('edgeTime').rest();
    if (this.sources.length < liveCount) throw corrupt('edges are missing');
    this.outStarts = startsOf(this.sources, liveCount, vertices.length);
    this.inStarts = startsOf(this.targets, liveCount, vertices.length);
    this.incoming = new Int32Array(liveCount);
    this.inPlaces = new Int32Array(liveCount);
    this.made = new Array<Edge | undefined>(this.sources.length).fill(undefined);
    const filled = new Int32Array(vertices.length);
    for (let edge = 0; edge < liveCount; edge++) {
      if (edge > 0 && this.sources[edge]! < this.sources[edge - 1]!) throw corrupt('an edge is out of order');
      const target = this.targets[edge]!;
      this.inPlaces[edge] = filled[target]!;
      this.incoming[this.inStarts[target]! + filled[target]!++] = edge;
    }
  }

  outgoingAt(place: number): Edge[] {
    const start = this.outStarts[place]!;
    return Array.from({ length: this.outStarts[place + 1]! - start }, (_, at) => this.at(start + at));
  }

  incomingAt(place: number): Edge[] {
    const start = this.inStarts[place]!;
    return Array.from({ length: this.inStarts[place + 1]! - start }, (_, at) => this.at(this.incoming[start + at]!));
  }

  /** The mark of an edge that is no longer there. */
  deadAt(place: number): Edge {
    const edge = this.make(place);
    edge.isDeleted = true;
    return edge;
  }

  private at(place: number): Edge {
    let edge = this.made[place];
    if (edge === undefined) {
      this.made[place] = edge = this.make(place);
      edge.outgoingIndex = place - this.outStarts[this.sources[place]!]!;
      edge.incomingIndex = this.inPlaces[place]!;
    }
    return edge;
  }

  private make(place: number): Edge {
    const { vertices, strings } = this;
    if (place >= this.sources.length) throw corrupt('an edge is missing');
    const [source, target] = [vertexAt(vertices, this.sources[place]!), vertexAt(vertices, this.targets[place]!)];
    const [label, time] = [strings.at(this.labels[place]!), strings.at(this.times[place]!)];
    return new Edge(source, target, label, this.born[place]!, time);
  }
}

/** The places of the vertices at one end of all edges. Throws `snapshot-corrupt` where one is none of these. */
function endsOf(column: ColumnReader, vertices: readonly Vertex[]): Int32Array {
  const ends = new Int32Array(column.rest());
  // By number: what goes through a list by `of` makes an object of each.
  for (let edge = 0; edge < ends.length; edge++) vertexAt(vertices, ends[edge]!);
  return ends;
}

/** Where the edges of each end begin, when they stand in the order of these ends; one more for where the last ones end. */
function startsOf(ends: Int32Array, edgeCount: number, vertexCount: number): Int32Array {
  const starts = new Int32Array(vertexCount + 1);
  for (let edge = 0; edge < edgeCount; edge++) starts[ends[edge]! + 1]! += 1;
  for (let vertex = 0; vertex < vertexCount; vertex++) starts[vertex + 1]! += starts[vertex]!;
  return starts;
}
