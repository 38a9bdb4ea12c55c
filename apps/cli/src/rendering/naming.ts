import type { AlarmView, PlacedEntity, ResourceView } from '@wherefore/contract';
import { plain } from '../terminal/text';

/** What an entity is called; many ports have an empty name. */
export function callEntity({ name, id, vitrageId }: PlacedEntity): string {
  return plain([name, id].find((text) => text !== undefined && text !== '') ?? vitrageId);
}

/** `nova.host compute-01`: an entity as people call it. */
export function nameEntity(entity: PlacedEntity): string {
  return `${plain(entity.type)} ${callEntity(entity)}`;
}

/** The state that matters of a resource: the normalised one where it says more than OK. */
export function stateOf(resource: ResourceView): string {
  const stated = resource.aggregatedState ?? resource.state ?? resource.operationalState ?? '';
  return plain(resource.isMarkedDown ? `${stated === '' ? '' : `${stated}, `}marked down` : stated);
}

/** `CRITICAL`: the operational severity, or the source's own where none was worked out. */
export function severityOf({ operationalSeverity, severity }: AlarmView): string {
  const operational = operationalSeverity === 'N/A' ? '' : operationalSeverity;
  return plain(operational !== '' ? operational : (severity ?? 'N/A')).toUpperCase();
}
