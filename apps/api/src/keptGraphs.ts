import type { AnsweredAt } from '@wherefore/contract';
import { comparePositions, ORIGIN, type Position } from '@wherefore/model';

/** A graph as the bytes that are sent. */
export interface GraphBytes {
  readonly answeredAt: AnsweredAt;
  readonly slices: readonly Uint8Array[];
}

const KEPT_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Graphs of the live state, kept until the state moves on: who asks for what was asked meanwhile, or is being asked,
 * shares the answer. The key has to name all that decides it, the viewer before all.
 */
export class KeptGraphs {
  private position: Position = ORIGIN;
  private graphs = new Map<string, Promise<GraphBytes>>();
  private bytes = 0;

  of(position: Position, key: string, make: () => Promise<GraphBytes>): Promise<GraphBytes> {
    if (comparePositions(this.position, position) !== 0) {
      this.position = position;
      this.graphs = new Map();
      this.bytes = 0;
    }
    const known = this.graphs.get(key);
    if (known !== undefined) return known;
    const { graphs } = this;
    const made = make();
    graphs.set(key, made);
    made.then(
      ({ slices }) => {
        const bytes = slices.reduce((all, { length }) => all + length, 0);
        if (graphs !== this.graphs) return;
        if (this.bytes + bytes > KEPT_BYTES_MAX) graphs.delete(key);
        else this.bytes += bytes;
      },
      () => graphs.delete(key),
    );
    return made;
  }
}
