import type { Edge, Vertex } from '@wherefore/graph';
import { emptied } from '@wherefore/model';

/** What one round of matching starts from. Lists of two that go together are one pair after another. */
export class Delta {
  added: Edge[] = [];
  removed: Edge[] = [];
  /** A vertex passes a filter that it did not pass before. */
  readonly gainers: Vertex[] = [];
  readonly gained: number[] = [];
  /** A vertex passes a filter no longer. */
  readonly losers: Vertex[] = [];
  readonly lost: number[] = [];

  gain(vertex: Vertex, filter: number): void {
    this.gainers.push(vertex);
    this.gained.push(filter);
  }

  lose(vertex: Vertex, filter: number): void {
    this.losers.push(vertex);
    this.lost.push(filter);
  }

  clear(): void {
    emptied(this.added);
    emptied(this.removed);
    emptied(this.gainers);
    emptied(this.gained);
    emptied(this.losers);
    emptied(this.lost);
  }
}
