import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compareCodeUnits, isJsonObject, type TemplateSource, WhereforeError } from '@wherefore/model';
import { readTemplate } from '@wherefore/templates';

/** A template with the file it was read from, for messages. */
export interface TemplateFile {
  readonly file: string;
  readonly source: TemplateSource;
}

/** Gives values to parameters, by template file; it stands beside templates and is none. */
const PARAMETERS_FILE = 'params.yaml';
const TEMPLATE_FILE = /\.(ya?ml|json)$/i;

/**
 * Reads templates from files and folders, in the order of their names within each folder. A template
 * without `metadata.type` is of type standard, or equivalence when it has equivalences.
 * Throws `file-unreadable`.
 */
export function readTemplateFiles(paths: readonly string[], type?: string): TemplateFile[] {
  return paths.flatMap((path) => {
    const files = isFolder(path) ? templatesIn(path) : [path];
    return files.map((file) => ({ file, source: readSource(file, type) }));
  });
}

/** Reads a text file. Throws `file-unreadable` with the reason in plain words. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/** The names in a folder. Throws `file-unreadable`. */
export function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

/** `file-unreadable` for what the operating system said of a file. */
export function unreadable(file: string, cause: unknown): WhereforeError {
  const { code } = cause as { code?: string };
  const reasons: { readonly [code: string]: string } = {
    ENOENT: 'it does not exist',
    EACCES: 'permission is denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'it is no folder',
  };
  const reason = reasons[code ?? ''] ?? (cause instanceof Error ? cause.message : String(cause));
  return new WhereforeError('file-unreadable', `${file} cannot be read: ${reason}`, {
    hint: 'Check the path and the permissions.',
    cause,
  });
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function templatesIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => TEMPLATE_FILE.test(name) && name !== PARAMETERS_FILE);
  if (names.length === 0) {
    throw new WhereforeError('file-unreadable', `${folder} contains no templates`, {
      hint: 'Templates are files that end in .yaml, .yml or .json.',
    });
  }
  return names.sort(compareCodeUnits).map((name) => join(folder, name));
}

function readSource(file: string, type: string | undefined): TemplateSource {
  const text = readText(file);
  const path = basename(file);
  const parameters = parametersOf(file);
  const supplied = type ?? typeToSupply({ path, text });
  return {
    path,
    text,
    ...(supplied === undefined ? {} : { type: supplied }),
    ...(parameters === undefined ? {} : { parameters }),
  };
}

/** The type of a template: its own, or the one that is given besides; empty when it has none. */
export function typeOf(source: TemplateSource): string {
  return writtenType(source) ?? source.type ?? '';
}

function writtenType(source: TemplateSource): string | undefined {
  const outcome = readTemplate(source);
  const metadata = outcome.kind === 'read' ? outcome.document.content['metadata'] : undefined;
  const type = isJsonObject(metadata) ? metadata['type'] : undefined;
  return typeof type === 'string' ? type : undefined;
}

/** A type is only supplied where the template has none. */
function typeToSupply(source: TemplateSource): string | undefined {
  const outcome = readTemplate(source);
  if (outcome.kind === 'fault' || writtenType(source) !== undefined) return undefined;
  return 'equivalences' in outcome.document.content ? 'equivalence' : 'standard';
}

function parametersOf(templateFile: string): { readonly [name: string]: string } | undefined {
  const file = join(templateFile, '..', PARAMETERS_FILE);
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
  const outcome = readTemplate({ path: PARAMETERS_FILE, text: readText(file) });
  if (outcome.kind === 'fault') {
    const { line, column, message } = outcome.fault;
    throw new WhereforeError('file-unreadable', `${file}:${line}:${column}: ${message}`, {
      hint: 'It gives values by template file: "my_template.yaml: {name: value}".',
    });
  }
  const values = outcome.document.content[basename(templateFile)];
  if (!isJsonObject(values)) return undefined;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}
