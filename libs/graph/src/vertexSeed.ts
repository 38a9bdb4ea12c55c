import type { Category } from '@wherefore/model';

/** What a new vertex is made of. */
export interface VertexSeed {
  readonly id: string;
  readonly key: string;
  /** What follows `key` in the key, if it is told in two parts: see `Vertex.keyStart`. */
  readonly keyRest?: string;
  readonly category: Category;
  readonly type: string;
  readonly isPlaceholder: boolean;
  readonly sampleTimestamp: string;
  /** Number of the entry at work. */
  readonly ordinal: number;
}
