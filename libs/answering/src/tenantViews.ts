import type { ResourceView, TenantView } from '@wherefore/contract';
import { compareCodeUnits, type Properties } from '@wherefore/model';
import { textOf } from './views';

/** Kinds of resources that stand for a project, the one whose names count first. */
export const PROJECT_TYPES: readonly string[] = ['keystone.project', 'openstack.project'];

/**
 * Whose the resources are: the projects that own any of them, those with the most of them first, then by
 * name and id. `projects` are resources of the types above, for their names. O(resources + projects).
 */
export function tenantViews(resources: readonly ResourceView[], projects: readonly Properties[]): TenantView[] {
  const counts = new Map<string, number>();
  for (const { projectId } of resources) {
    if (projectId !== undefined) counts.set(projectId, (counts.get(projectId) ?? 0) + 1);
  }
  const names = new Map<string, string>();
  for (const { id, name } of projects) {
    const [projectId, projectName] = [textOf(id), textOf(name)];
    if (projectId !== undefined && projectName !== undefined && !names.has(projectId)) {
      names.set(projectId, projectName);
    }
  }
  return [...counts]
    .map(([projectId, amount]): TenantView => {
      const name = names.get(projectId);
      return { projectId, ...(name === undefined ? {} : { name }), resources: amount };
    })
    .sort((a, b) => b.resources - a.resources || compareCodeUnits(sortName(a), sortName(b)));
}

function sortName({ name = '', projectId }: TenantView): string {
  return `${name}\n${projectId}`;
}
