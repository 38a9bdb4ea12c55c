import { pushTo, type Properties } from '@wherefore/model';
import { ownershipOf, type Viewer } from './viewer';

/** One alarm caused another; both by vitrage_id. */
export interface CausalEnds {
  readonly sourceId: string;
  readonly targetId: string;
}

/** An alarm, and what it is on. */
export interface PlacedAlarm {
  readonly properties: Properties;
  readonly resource: Properties | undefined;
}

/**
 * Those of the alarms that the viewer may see when causes are told. A project sees its own, and the alarms
 * of the infrastructure that caused them, as far up as no other project's alarm stands between. An alarm
 * of the infrastructure that brought it nothing stays hidden. O(alarms + links).
 */
export function visibleCauses(
  alarms: ReadonlyMap<string, PlacedAlarm>,
  links: readonly CausalEnds[],
  viewer: Viewer,
): ReadonlySet<string> {
  if (viewer.sees === 'everything') return new Set(alarms.keys());
  const shown = new Set<string>();
  const mayBeShown = new Set<string>();
  for (const [id, { properties, resource }] of alarms) {
    const ownership = ownershipOf(properties, viewer, resource);
    if (ownership === 'own' || (ownership === 'infrastructure' && viewer.infrastructure)) shown.add(id);
    else if (ownership === 'infrastructure') mayBeShown.add(id);
  }
  const causes = new Map<string, string[]>();
  for (const { sourceId, targetId } of links) pushTo(causes, targetId, sourceId);
  for (const id of shown) for (const cause of causes.get(id) ?? []) if (mayBeShown.has(cause)) shown.add(cause);
  return shown;
}
