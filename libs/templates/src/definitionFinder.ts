import type { FindDefinition } from './draft';
import type { LoadedTemplate } from './validateTemplate';

/** Finds definition templates by name among those that are loaded. */
export function definitionFinder(loaded: readonly LoadedTemplate[]): FindDefinition {
  const byName = new Map(
    loaded.filter(({ type }) => type === 'definition').map(({ name, content }) => [name, content]),
  );
  return (name) => byName.get(name);
}
