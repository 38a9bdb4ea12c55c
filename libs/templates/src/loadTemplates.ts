import { type JsonObject, type TemplateSource, compareCodeUnits } from '@wherefore/model';
import { objectMember, textMember } from './content';
import { readTemplate } from './readTemplate';
import { type Examination, type LoadedTemplate, type ValidationResult, examine } from './validateTemplate';

/** What became of one source. */
export type LoadOutcome =
  | { readonly kind: 'loaded'; readonly template: LoadedTemplate; readonly validation: ValidationResult }
  | {
      readonly kind: 'refused';
      /** `invalid`: kept by Vitrage as a row in ERROR. The other two leave no row behind. */
      readonly reason: 'invalid' | 'unknown-type' | 'duplicate-name';
      /** What a row says of it: the message of the validation, or that the name is taken. */
      readonly message: string;
      readonly validation: ValidationResult;
      /** As far as they could be read; empty otherwise. */
      readonly name: string;
      readonly type: string;
      readonly content: JsonObject | undefined;
    };

/** What became of a set of sources. */
export interface LoadedSet {
  /** One for each source, in the order the sources were given. */
  readonly outcomes: readonly LoadOutcome[];
  /** The templates that are loaded from here on, by name. */
  readonly templates: readonly LoadedTemplate[];
}

/** Validates one template as it would be added to those that are loaded. Never throws. O(template). */
export function validateTemplate(source: TemplateSource, loaded: readonly LoadedTemplate[]): ValidationResult {
  return examine(source, loaded).validation;
}

/**
 * Loads one template, or says why not. Its name must be free. Never throws. O(template + loaded).
 */
export function loadTemplate(source: TemplateSource, loaded: readonly LoadedTemplate[]): LoadOutcome {
  return settle(examine(source, loaded), loaded);
}

/**
 * Adds a set of sources to the templates that are loaded: definitions first, then equivalences, then
 * standard templates, each by path, so that a set may include its own definitions. With `overwrite`
 * a template replaces the one that bears its name; within the set a name may still occur only once.
 * A source that is refused leaves the rest alone, the template it was to replace included. Never throws. O(sources + loaded).
 */
export function loadTemplates(
  sources: readonly TemplateSource[],
  loaded: readonly LoadedTemplate[],
  { overwrite = false }: { readonly overwrite?: boolean } = {},
): LoadedSet {
  let templates = loaded;
  const fresh = new Set<string>();
  const outcomes: LoadOutcome[] = [];
  for (const { source, index } of inLoadingOrder(sources)) {
    const examination = examine(source, templates);
    const { name } = examination;
    const before = overwrite && !fresh.has(name) ? templates.filter((template) => template.name !== name) : templates;
    const outcome = settle(examination, before);
    outcomes[index] = outcome;
    if (outcome.kind === 'refused') continue;
    fresh.add(name);
    templates = [...before, outcome.template];
  }
  return { outcomes, templates: [...templates].sort((a, b) => compareCodeUnits(a.name, b.name)) };
}

function settle(examination: Examination, loaded: readonly LoadedTemplate[]): LoadOutcome {
  const { validation, template, name, type, content } = examination;
  const refused = { kind: 'refused', validation, name, type, content } as const;
  if (validation.statusCode === 66) return { ...refused, reason: 'unknown-type', message: validation.message };
  if (loaded.some((other) => other.name === name)) {
    return { ...refused, reason: 'duplicate-name', message: 'Duplicate template name' };
  }
  if (!template) return { ...refused, reason: 'invalid', message: validation.message };
  return { kind: 'loaded', template, validation };
}

const LOADING_RANK: { readonly [type: string]: number } = { definition: 0, equivalence: 1 };

function inLoadingOrder(sources: readonly TemplateSource[]): { source: TemplateSource; index: number }[] {
  const ranked = sources.map((source, index) => ({ source, index, rank: LOADING_RANK[typeOf(source)] ?? 2 }));
  return ranked.sort((a, b) => a.rank - b.rank || compareCodeUnits(a.source.path, b.source.path) || a.index - b.index);
}

function typeOf(source: TemplateSource): string {
  const outcome = readTemplate(source);
  const metadata = outcome.kind === 'read' ? objectMember(outcome.document.content, 'metadata') : {};
  return textMember(metadata, 'type') ?? source.type ?? '';
}
