import { type LoadedTemplate, loadTemplates, type LoadOutcome } from '@wherefore/templates';
import type { TemplateFile } from './templateFiles';

/** What validation says of one file. */
export interface FileVerdict {
  readonly file: string;
  readonly name: string;
  readonly isValid: boolean;
  readonly statusCode: number;
  readonly message: string;
  /** Place in the file, counted from 1; 0 when it is the whole. */
  readonly line: number;
  readonly column: number;
  readonly where: string;
  readonly hint: string;
}

/** Validates files as they would be added together, so that one may include the other. */
export function validateFiles(
  files: readonly TemplateFile[],
  loaded: readonly LoadedTemplate[] = [],
  overwrite = false,
): FileVerdict[] {
  const sources = files.map(({ source }) => source);
  const { outcomes } = loadTemplates(sources, loaded, { overwrite });
  return outcomes.map((outcome, at) => describe(files[at]!.file, outcome));
}

/** `templates/a.yaml:12:5: the message (code 81)`: as compilers say it, so that editors can jump there. */
export function formatVerdict({ file, line, column, message, statusCode, hint }: FileVerdict): string {
  const place = line > 0 ? `${file}:${line}:${column}` : file;
  return `${place}: ${message} (code ${statusCode})${hint === '' ? '' : `\n    ${hint}`}`;
}

function describe(file: string, outcome: LoadOutcome): FileVerdict {
  const { validation } = outcome;
  const { line = 0, column = 0, where = '', hint = '' } = validation.fault ?? {};
  const place = { file, statusCode: validation.statusCode, line, column, where, hint };
  if (outcome.kind === 'loaded') {
    return { ...place, name: outcome.template.name, isValid: true, message: validation.message };
  }
  return { ...place, name: outcome.name, isValid: false, message: outcome.message };
}
