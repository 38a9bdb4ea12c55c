import type { Json, Properties } from '@wherefore/model';

/**
 * What of the cloud an answer may show. A project sees what is its own. `infrastructure` adds, as for an
 * administrator of Vitrage who did not ask for all tenants, what is no project's.
 */
export type Viewer =
  | { readonly sees: 'everything' }
  | { readonly sees: 'project'; readonly projectId: string; readonly infrastructure: boolean };

/** Who operates the cloud: every tenant's entities, and the log. */
export const EVERYTHING: Viewer = { sees: 'everything' };

/** Whose an entity is, seen from one viewer. */
export type Ownership = 'own' | 'infrastructure' | 'foreign';

/**
 * The project that an entity belongs to; `undefined` for infrastructure. An alarm belongs to the project
 * of its resource, and to its own only where the resource has none: so every entity has one owner.
 */
export function projectOf(properties: Properties): string | undefined {
  const isAlarm = properties['vitrage_category'] === 'ALARM';
  const resourceProject = isAlarm ? filled(properties['vitrage_resource_project_id']) : undefined;
  return resourceProject ?? filled(properties['project_id']) ?? projectItself(properties);
}

/** An entity that stands for a project, as `openstack.project`, is that project's. */
function projectItself({ vitrage_type: type, id }: Properties): string | undefined {
  return typeof type === 'string' && type.endsWith('.project') ? filled(id) : undefined;
}

function filled(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * Whose the entity is. A placeholder is foreign to a project: whose it will turn out to be is not known.
 * Never asked for those who see everything.
 */
export function ownershipOf(properties: Properties, { projectId, infrastructure }: ProjectViewer): Ownership {
  const owner = projectOf(properties);
  if (owner !== undefined) return owner === projectId ? 'own' : 'foreign';
  if (properties['vitrage_is_placeholder'] === true && !infrastructure) return 'foreign';
  return 'infrastructure';
}

/** A viewer who does not see everything. */
export type ProjectViewer = Extract<Viewer, { sees: 'project' }>;

/** Whether lists, counts and single items show the entity. */
export function isListed(properties: Properties, viewer: Viewer): boolean {
  if (viewer.sees === 'everything') return true;
  const ownership = ownershipOf(properties, viewer);
  return ownership === 'own' || (ownership === 'infrastructure' && viewer.infrastructure);
}
