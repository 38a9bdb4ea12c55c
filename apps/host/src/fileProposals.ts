import { readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { EngineState } from '@wherefore/engine';
import type { Config } from '@wherefore/host';
import {
  WhereforeError,
  canonicalJson,
  isJsonObject,
  type Json,
  type JsonObject,
  type TemplateSource,
} from '@wherefore/model';
import { loadTemplates } from '@wherefore/templates';
import { parse } from 'yaml';

/** What the files of a configuration ask for that the state does not hold yet. */
export interface FileProposals {
  readonly templates: readonly TemplateSource[];
  readonly sections: readonly { readonly section: 'value-tables' | 'datasources'; readonly value: JsonObject }[];
}

/**
 * Compares files with the state. A template counts as loaded when one of its name has the same content;
 * templates that no file speaks of stay. Throws `file-unreadable`, `invalid-config`.
 */
export function proposalsOf(config: Config, state: EngineState): FileProposals {
  const sources = config.templates.folders.flatMap(readTemplateFiles);
  const sections: { section: 'value-tables' | 'datasources'; value: JsonObject }[] = [];
  const propose = (section: 'value-tables' | 'datasources', value: JsonObject, inForce: JsonObject) => {
    if (canonicalJson(value) !== canonicalJson(inForce)) sections.push({ section, value });
  };
  const { folder } = config.valueTables;
  if (folder !== undefined) propose('value-tables', readValueTables(folder), state.valueTables);
  const { prometheus } = config.datasources;
  if (prometheus !== undefined) {
    propose('datasources', { ...state.datasources, prometheus: readYaml(prometheus) }, state.datasources);
  }
  return { templates: changedTemplates(sources, state), sections };
}

/** Templates in a file, or in the YAML files of a folder. Throws `file-unreadable`. */
export function readTemplateFiles(path: string): TemplateSource[] {
  return yamlFiles(path).map((file) => ({ path: basename(file), text: readText(file) }));
}

function changedTemplates(sources: readonly TemplateSource[], { shelf }: EngineState): TemplateSource[] {
  const { outcomes } = loadTemplates(sources, shelf.loaded(), { overwrite: true });
  const loaded = new Map(shelf.list().map(({ name, content }) => [name, canonicalJson(content)]));
  return sources.filter((_, i) => {
    const outcome = outcomes[i]!;
    const { name, content } = outcome.kind === 'loaded' ? outcome.template : outcome;
    return content === undefined || loaded.get(name) !== canonicalJson(content);
  });
}

/** Files named after their type, as in Vitrage's `datasources_values`: `nova.host.yaml`. */
function readValueTables(folder: string): JsonObject {
  return Object.fromEntries(yamlFiles(folder).map((file) => [basename(file).replace(/\.ya?ml$/, ''), readYaml(file)]));
}

function yamlFiles(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name));
    return names.sort().map((name) => join(path, name));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function readYaml(file: string): JsonObject {
  let content: Json;
  try {
    content = parse(readText(file), { schema: 'failsafe' }) as Json;
  } catch (cause) {
    if (cause instanceof WhereforeError) throw cause;
    throw new WhereforeError('invalid-config', `${file} is not YAML: ${String(cause).split('\n')[0]}`, { cause });
  }
  if (isJsonObject(content)) return content;
  throw new WhereforeError('invalid-config', `${file} is no mapping`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(path: string, cause: unknown): WhereforeError {
  return new WhereforeError('file-unreadable', `${path} cannot be read`, {
    hint: 'Check the path in the configuration, and its permissions.',
    cause,
  });
}
