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
 * of its resource, and to its own only where the resource has none: so every entity has one owner. The
 * resource itself knows better than the alarm, which may have been raised before its project was known.
 */
export function projectOf(properties: Properties, resource?: Properties): string | undefined {
  const isAlarm = properties['vitrage_category'] === 'ALARM';
  const known = resource === undefined ? undefined : projectOf(resource);
  const told = isAlarm ? filled(properties['vitrage_resource_project_id']) : undefined;
  return known ?? told ?? filled(properties['project_id']) ?? projectItself(properties);
}

/** An entity that stands for a project, as `openstack.project`, is that project's. */
function projectItself({ vitrage_type: type, id }: Properties): string | undefined {
  return typeof type === 'string' && type.endsWith('.project') ? filled(id) : undefined;
}

function filled(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A viewer who does not see everything. */
export type ProjectViewer = Extract<Viewer, { sees: 'project' }>;

/**
 * Whose the entity is; `resource` is what an alarm is on. A placeholder, and an alarm on one, is foreign to
 * a project: whose it will turn out to be is not known.
 */
export function ownershipOf(
  properties: Properties,
  { projectId, infrastructure }: ProjectViewer,
  resource?: Properties,
): Ownership {
  const owner = projectOf(properties, resource);
  if (owner !== undefined) return owner === projectId ? 'own' : 'foreign';
  const isVague = [properties, resource].some((each) => each?.['vitrage_is_placeholder'] === true);
  return isVague && !infrastructure ? 'foreign' : 'infrastructure';
}

/** Whether lists, counts and single items show the entity. */
export function isListed(properties: Properties, viewer: Viewer, resource?: Properties): boolean {
  if (viewer.sees === 'everything') return true;
  const ownership = ownershipOf(properties, viewer, resource);
  return ownership === 'own' || (ownership === 'infrastructure' && viewer.infrastructure);
}

/** What an alarm is on: of several, the first that is somebody's, or else that is known at all. */
export function mainResource(resources: readonly Properties[]): Properties | undefined {
  return (
    resources.find((each) => projectOf(each) !== undefined) ??
    resources.find((each) => each['vitrage_is_placeholder'] !== true) ??
    resources[0]
  );
}
