import type { Category } from '@wherefore/model';
import type { PropertyBag } from './elements';

/** A vertex as a snapshot holds it. */
export interface RestoredVertex {
  readonly seed: VertexSeed;
  readonly properties: PropertyBag;
  readonly changedAt: number;
  readonly confirmedAt: number;
  readonly datasource: string | undefined;
  readonly rowHash: string | undefined;
  readonly vitrageState: string | undefined;
  readonly isMarkedDown: boolean;
  readonly isDeleted: boolean;
}

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
