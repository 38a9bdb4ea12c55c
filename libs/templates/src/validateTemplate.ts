import type { JsonObject, TemplateSource } from '@wherefore/model';
import { type ContentResult, checkContent, checkDefinitionContent } from './contentChecks';
import { objectMember, textMember, withoutMember } from './content';
import { definitionFinder } from './definitionFinder';
import { versionOf } from './draft';
import { checkMembership } from './equivalences';
import { type Finding, type Stage, type TemplateFault, reportFinding } from './fault';
import { resolveParameters } from './parameters';
import { type TemplateDocument, readTemplate } from './readTemplate';
import { STATUS_MESSAGES, type StatusCode } from './statusCodes';
import { checkDefinitionSyntax, checkEquivalenceSyntax, checkSyntaxOneTwo } from './syntaxOneTwo';
import { checkSyntaxThree } from './syntaxThree';

/** What a template is for. */
export type TemplateType = 'standard' | 'definition' | 'equivalence';

/** A template that passed validation, as it is kept: plain JSON, no functions. */
export interface LoadedTemplate {
  /** `metadata.name`, its parameters put in. Unique among the templates of an engine. */
  readonly name: string;
  readonly version: string;
  readonly type: TemplateType;
  readonly description: string;
  /** Where the source came from. */
  readonly path: string;
  /** What Vitrage shows of it: parameters put in, and the `parameters` section gone. */
  readonly content: JsonObject;
}

/** The answer of a validation: Vitrage's fields, and where and how to mend it. */
export interface ValidationResult {
  readonly status: 'validation OK' | 'validation failed';
  readonly description: Stage;
  readonly message: string;
  readonly statusCode: StatusCode;
  /** What is wrong; on a template that is valid, what its author should know. */
  readonly fault?: TemplateFault;
}

/** A validation with what could be read of the template. */
export interface Examination {
  readonly validation: ValidationResult;
  /** There exactly when the template is valid. */
  readonly template?: LoadedTemplate;
  /** Name, type and content as far as they could be read, for a row that shows the failure. */
  readonly name: string;
  readonly type: string;
  readonly content: JsonObject | undefined;
}

interface Problem {
  readonly finding: Finding;
  readonly stage: Stage;
}

/**
 * Validates one template against the templates that are loaded: definitions it includes, equivalences
 * it must not contradict. Never throws; the first fault ends it. O(template).
 */
export function examine(source: TemplateSource, loaded: readonly LoadedTemplate[]): Examination {
  const outcome = readTemplate(source);
  if (outcome.kind === 'fault') {
    return { validation: failed(outcome.fault), name: '', type: source.type ?? '', content: undefined };
  }
  const { document } = outcome;
  const version = versionOf(document.content);
  const resolution = resolveParameters(document.content, version, source.parameters ?? {});
  const metadata = objectMember(resolution.content, 'metadata');
  const written = textMember(metadata, 'type');
  const content = withoutMember(resolution.content, 'parameters');
  const known = { name: textMember(metadata, 'name') ?? '', type: written ?? source.type ?? '', content };
  const type = written ?? source.type;

  const early = checkHead(document.content, version, written, source.type);
  if (early) return { ...known, validation: report(early, document) };
  if (!isTemplateType(type)) return { ...known, validation: report(unknownType(), document) };
  const checked = checkByType(type, version, resolution.content, resolution.finding, loaded, known.name);
  if ('stage' in checked) return { ...known, validation: report(checked, document) };

  const description = textMember(metadata, 'description') ?? '';
  const template: LoadedTemplate = { name: known.name, version, type, description, path: document.path, content };
  return { ...known, template, validation: passed(checked.warning, type, document) };
}

/** What has to be known before it is known which checks apply: metadata, version, type. */
function checkHead(
  content: JsonObject,
  version: string,
  written: string | undefined,
  given: string | undefined,
): Problem | undefined {
  const syntaxStage = version === '3' ? 'Template validation' : 'Template syntax validation';
  if (!Object.hasOwn(content, 'metadata')) {
    return { finding: { code: 62, path: ['metadata'] }, stage: syntaxStage };
  }
  if (version !== '1' && version !== '2' && version !== '3') {
    const hint = `Version "${version}" is not known; there are 1, 2 and 3.`;
    return { finding: { code: 63, path: ['metadata', 'version'], hint }, stage: 'Template content validation' };
  }
  const type = written ?? given;
  if (type === undefined || (written !== undefined && given !== undefined && written !== given)) return unknownType();
  if (version === '1') return isTemplateType(type) ? undefined : unknownType();
  const stage = version === '3' ? 'Template validation' : 'Template content validation';
  const path = ['metadata', 'type'];
  if (!isTemplateType(type)) return { finding: { code: 65, path }, stage };
  if (written === undefined && type !== 'equivalence') return { finding: { code: 64, path }, stage };
  const hint = 'Version 3 has no definition templates; write it as version 2.';
  return version === '3' && type === 'definition' ? { finding: { code: 65, path, hint }, stage } : undefined;
}

function unknownType(): Problem {
  const hint = 'metadata.type is standard, definition or equivalence; a type given besides has to be the same.';
  return { finding: { code: 66, path: ['metadata', 'type'], hint }, stage: 'Template validation' };
}

function isTemplateType(type: string | undefined): type is TemplateType {
  return type === 'standard' || type === 'definition' || type === 'equivalence';
}

function checkByType(
  type: TemplateType,
  version: string,
  content: JsonObject,
  parameterFinding: Finding | undefined,
  loaded: readonly LoadedTemplate[],
  name: string,
): Problem | ContentResult {
  const three = version === '3';
  const syntax =
    type === 'equivalence'
      ? checkEquivalenceSyntax(content)
      : type === 'definition'
        ? checkDefinitionSyntax(content)
        : three
          ? checkSyntaxThree(content)
          : checkSyntaxOneTwo(content);
  if (syntax) return { finding: syntax, stage: three ? 'Template validation' : 'Template syntax validation' };
  if (parameterFinding) return { finding: parameterFinding, stage: 'Template validation' };
  const result = checkAgainstLoaded(type, content, loaded, name);
  if (!result.finding) return result;
  return { finding: result.finding, stage: three ? 'Template validation' : 'Template content validation' };
}

function checkAgainstLoaded(
  type: TemplateType,
  content: JsonObject,
  loaded: readonly LoadedTemplate[],
  name: string,
): ContentResult {
  if (type === 'standard') return checkContent(content, definitionFinder(loaded));
  if (type === 'definition') return checkDefinitionContent(content);
  const others = loaded.filter((template) => template.type === 'equivalence' && template.name !== name);
  const finding = checkMembership(content, others);
  return finding ? { finding } : {};
}

function report({ finding, stage }: Problem, document: TemplateDocument): ValidationResult {
  return failed(reportFinding(finding, stage, document.locate));
}

function failed(fault: TemplateFault): ValidationResult {
  return {
    status: 'validation failed',
    description: fault.description,
    message: fault.message,
    statusCode: fault.code,
    fault,
  };
}

function passed(warning: Finding | undefined, type: TemplateType, document: TemplateDocument): ValidationResult {
  // Vitrage takes equivalence templates as they are, and says so.
  const message = type === 'equivalence' ? 'No Validation' : STATUS_MESSAGES[0];
  const valid = { status: 'validation OK', description: 'Template validation', message, statusCode: 0 } as const;
  if (!warning) return valid;
  const fault = reportFinding(warning, 'Template content validation', document.locate);
  // Vitrage warns of half a call; of the rest it does not know.
  return warning.code === 138 ? { ...failed(fault), status: 'validation OK' } : { ...valid, fault };
}
