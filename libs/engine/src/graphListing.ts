import type { Descriptions, Edge } from '@wherefore/graph';
import { compareCodeUnits, type Properties } from '@wherefore/model';
import { Listing, type Row } from './listing';
import type { GraphAnswer, GraphEdge } from './questions';
import type { EngineState } from './state';

/** An edge, and how it is told. */
interface Link {
  readonly edge: Edge;
  readonly target: Row<Properties>;
  told: GraphEdge;
}

/** What goes out from one vertex. */
interface Links {
  /** As they were met. */
  readonly met: readonly Edge[];
  /** In the order in which they are told. */
  readonly links: readonly Link[];
}

/**
 * The live graph as the question `graph` answers it. Vertices come in the order in which they came to be, so that what
 * is new comes last and moves nothing; vertices, edges and lists are the same objects for as long as nothing of them
 * changed, places included.
 */
export class GraphListing {
  private readonly listing: Listing<Properties>;
  private readonly linksOf = new WeakMap<Row<Properties>, Links>();
  private edges: readonly GraphEdge[] = [];

  constructor(descriptions: Descriptions) {
    this.listing = new Listing<Properties>({
      candidates: ({ graph }) => graph.vertices(),
      isCandidate: () => true,
      countOf: ({ graph }) => graph.vertexCount,
      isListed: () => true,
      rankOf: ({ bornAt }) => bornAt,
      sortKeyOf: ({ id }) => id,
      tell: descriptions.of,
      tellsTarget: false,
    });
  }

  /** A look at every vertex and edge; only what changed is made anew. */
  of(state: EngineState): GraphAnswer {
    const vertices = this.listing.of(state);
    const edges: GraphEdge[] = [];
    for (const row of this.listing.rows) this.tellLinks(row, edges);
    const isSame = edges.length === this.edges.length && edges.every((edge, at) => edge === this.edges[at]);
    if (!isSame) this.edges = edges;
    return { vertices, edges: this.edges };
  }

  private tellLinks(row: Row<Properties>, edges: GraphEdge[]): void {
    const { outgoing } = row.vertex;
    if (outgoing.length === 0) return;
    let known = this.linksOf.get(row);
    if (known === undefined || !isSameList(known.met, outgoing) || known.links.some(isOfGone)) {
      known = { met: [...outgoing], links: this.linksFrom(row) };
      this.linksOf.set(row, known);
    }
    const { place } = row;
    for (const link of known.links) {
      const { told, target } = link;
      if (told.source !== place || told.target !== target.place) link.told = tell(link.edge, place, target.place);
      edges.push(link.told);
    }
  }

  private linksFrom(row: Row<Properties>): Link[] {
    const links = row.vertex.outgoing.map((edge): Link => {
      const target = this.listing.rowOf(edge.target)!;
      return { edge, target, told: tell(edge, row.place, target.place) };
    });
    return links.sort((a, b) => a.told.target - b.told.target || compareCodeUnits(a.told.label, b.told.label));
  }
}

function tell({ label, updateTimestamp }: Edge, source: number, target: number): GraphEdge {
  return { source, target, label, updateTimestamp };
}

/** Its vertex has another row now, or none. */
function isOfGone({ target }: Link): boolean {
  return target.place < 0;
}

function isSameList(met: readonly Edge[], outgoing: readonly Edge[]): boolean {
  if (met.length !== outgoing.length) return false;
  for (let at = 0; at < met.length; at++) if (met[at] !== outgoing[at]) return false;
  return true;
}
