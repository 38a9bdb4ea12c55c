import type { Properties } from '@wherefore/model';
import type { Vertex } from './elements';
import { describeVertex } from './vertexProperties';

/** What tells a later look that a vertex is as it was. */
interface Description {
  readonly described: Properties;
  readonly touchedIn: number;
  readonly isDeleted: boolean;
  readonly sampleTimestamp: string;
  readonly datasource: string | undefined;
}

/**
 * Descriptions of vertices, each made once for as long as its vertex does not change: the same object means
 * that nothing changed. Whoever gets one changes nothing of it. To be asked between steps only.
 */
export class Descriptions {
  private readonly known = new WeakMap<Vertex, Description>();

  /** What `describeVertex` gives. O(1) where nothing changed, else O(properties). */
  readonly of = (vertex: Vertex): Properties => {
    const { touchedIn, isDeleted, sampleTimestamp, datasource } = vertex;
    const known = this.known.get(vertex);
    // A step notes whatever it touches; only these three it may change without a note.
    if (
      known?.touchedIn === touchedIn &&
      known.sampleTimestamp === sampleTimestamp &&
      known.datasource === datasource &&
      known.isDeleted === isDeleted
    )
      return known.described;
    const described = describeVertex(vertex);
    this.known.set(vertex, { described, touchedIn, isDeleted, sampleTimestamp, datasource });
    return described;
  };
}
