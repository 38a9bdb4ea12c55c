import type { Json } from '@wherefore/model';
import { type BeforeImage, NEWBORN, type Vertex } from './elements';

/** Properties whose changes are told to the outside, besides states and severities as aggregated. */
const TOLD: ReadonlySet<string> = new Set(['name', 'state', 'severity', 'project_id', 'vitrage_resource_project_id']);

/** How a vertex is now: `last`, if that says the same. */
export function imageOf(vertex: Vertex, last: BeforeImage): BeforeImage {
  const { isDeleted, isPlaceholder, isMarkedDown, vitrageState, aggregated, operational } = vertex;
  const existed = !isDeleted;
  const isSame =
    last !== NEWBORN &&
    last.existed === existed &&
    last.isPlaceholder === isPlaceholder &&
    last.isMarkedDown === isMarkedDown &&
    last.vitrageState === vitrageState &&
    last.aggregated === aggregated &&
    last.operational === operational;
  if (isSame) return last;
  return { existed, isPlaceholder, isMarkedDown, vitrageState, aggregated, operational, told: undefined };
}

/** Notes what such a property was before the step, the first time that it changes. */
export function noteTold(vertex: Vertex, name: string, value: Json | undefined): void {
  if (!TOLD.has(name)) return;
  const { before } = vertex;
  if (before === undefined || before === NEWBORN) return;
  if (before.told === undefined || !(name in before.told)) {
    vertex.before = { ...before, told: { ...before.told, [name]: value } };
  }
}
