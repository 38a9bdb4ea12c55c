import { STATUS_MESSAGES, type StatusCode } from './statusCodes';

/** Where something is inside a template's content: keys and list indexes from the root. */
export type Path = readonly (string | number)[];

/** What a check found, before it is known how to report it. */
export interface Finding {
  readonly code: StatusCode;
  readonly path: Path;
  /** What the message alone does not say: an id, a field, a condition. */
  readonly detail?: string;
  readonly hint?: string;
  /** Offset inside the text at `path`, or its key, when the finding points there. */
  readonly offset?: number | 'key';
}

/** A place in the template's text; both count from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** What Vitrage calls the stage that a validation answer comes from. */
export type Stage = 'Template validation' | 'Template syntax validation' | 'Template content validation';

/**
 * One thing that is wrong with a template, as clients of Vitrage know it (`code`, `message`,
 * `description`), and where it is.
 */
export interface TemplateFault {
  readonly code: StatusCode;
  readonly description: Stage;
  /** The status message with its details. */
  readonly message: string;
  /** Path in the template, such as `scenarios[0].condition`; empty for the whole. */
  readonly where: string;
  /** Line and column in the text as given, counted from 1; 0 when the text is not at hand. */
  readonly line: number;
  readonly column: number;
  /** How to mend it; empty when the message says it all. */
  readonly hint: string;
}

/** `scenarios[0].actions[1].set_state`: how people write a path. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** `data['scenarios'][0]`: how Vitrage's messages write a path. */
export function formatDataPath(path: Path): string {
  return `data${path.map((step) => (typeof step === 'number' ? `[${step}]` : `['${step}']`)).join('')}`;
}

/** A finding of code 4: the content does not have the shape that the language asks for. */
export function shapeFinding(detail: string, path: Path, hint?: string): Finding {
  const finding: Finding = { code: 4, path, detail: `${detail} @ ${formatDataPath(path)}` };
  return hint === undefined ? finding : { ...finding, hint };
}

/**
 * The message of a finding. Version 3 and the parameters report `<message> - <details>`, where the
 * details default to the code and the path; versions 1 and 2 report the message, and append the
 * details where there are some.
 */
export function findingMessage(finding: Finding, dashed: boolean): string {
  const message = STATUS_MESSAGES[finding.code];
  if (dashed) return `${message} - ${finding.detail ?? `${finding.code} @ ${formatDataPath(finding.path)}`}`;
  if (finding.detail === undefined) return message;
  return message.endsWith(' ') ? message + finding.detail : `${message} ${finding.detail}`;
}

/** Turns a finding into the fault that is reported. `locate` tells where in the text a path is. */
export function reportFinding(
  finding: Finding,
  stage: Stage,
  locate: (path: Path, offset?: number | 'key') => TextPlace,
): TemplateFault {
  const dashed = stage === 'Template validation' && finding.code !== 66;
  return {
    code: finding.code,
    description: stage,
    message: findingMessage(finding, dashed),
    where: formatPath(finding.path),
    ...locate(finding.path, finding.offset),
    hint: finding.hint ?? '',
  };
}
