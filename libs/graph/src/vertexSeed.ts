import type { Category } from '@wherefore/model';

/** What a new vertex is made of. */
export interface VertexSeed {
  readonly id: string;
  readonly key: string;
  readonly category: Category;
  readonly type: string;
  readonly isPlaceholder: boolean;
  readonly sampleTimestamp: string;
  /** Number of the entry at work. */
  readonly ordinal: number;
}
