import type { TemplateRow } from '@wherefore/engine';
import {
  WhereforeError,
  incarnationId,
  isJsonObject,
  type Json,
  type JsonObject,
  type TemplateSource,
} from '@wherefore/model';
import type { LoadOutcome } from '@wherefore/templates';
import { databaseTime } from './alarmShapes';

/** Reads the body of a template request: `{templates: [[path, content], …], template_type, params}`. */
export function templateSources(body: Json | undefined): TemplateSource[] {
  const templates = isJsonObject(body) ? body['templates'] : undefined;
  if (!isJsonObject(body) || !Array.isArray(templates) || templates.length === 0) {
    throw new WhereforeError('bad-request', 'templates is no list with at least one template', {
      hint: 'Send {"templates": [["path", {template}]], "template_type": null, "params": {}, "overwrite": false}.',
    });
  }
  const type = body['template_type'];
  const params = isJsonObject(body['params']) ? body['params'] : {};
  const parameters = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
  return (templates as readonly Json[]).map((item, i) => ({
    ...sourceOf(item, i),
    ...(typeof type === 'string' && type !== '' ? { type } : {}),
    parameters,
  }));
}

/** Content comes as JSON; as text, faults are found with their line and column. */
function sourceOf(item: Json, i: number): TemplateSource {
  const [path, content] = Array.isArray(item) ? (item as readonly Json[]) : [null, item];
  if (typeof content !== 'string' && !isJsonObject(content)) {
    throw new WhereforeError('bad-request', `templates[${i}] has no content`, {
      hint: 'Each is [path, {template}]; the path may be null.',
    });
  }
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return { path: typeof path === 'string' && path !== '' ? path : 'api', text };
}

/** A template as Vitrage lists it. */
export function listedTemplate({ id, name, type, status, statusDetails, addedAtMs }: TemplateRow): JsonObject {
  const date = databaseTime(new Date(addedAtMs).toISOString());
  return { uuid: id, name, status, 'status details': statusDetails, type, date };
}

/** What an addition came to, one row a template, as Vitrage answers. */
export function additionRows(
  outcomes: readonly LoadOutcome[],
  rows: readonly TemplateRow[],
  entryId: string,
): JsonObject[] {
  return outcomes.map((outcome, place) => {
    const id = incarnationId(`TEMPLATE:${place}`, entryId);
    const row = rows.find((each) => each.id === id);
    if (row !== undefined)
      return { ...listedTemplate(row), date: listedTemplate(row)['date']!.toString().slice(0, -6) };
    const { name, type } = outcome.kind === 'loaded' ? outcome.template : outcome;
    const details =
      outcome.kind === 'refused' && outcome.reason !== 'invalid' ? outcome.message : 'Duplicate template name';
    return {
      uuid: '',
      name,
      status: 'ERROR',
      date: 'None',
      'status details': details,
      type: type === '' ? null : type,
    };
  });
}

/** The answer of a validation, as Vitrage gives it; where the fault is, as we do. */
export function validationRow(outcome: LoadOutcome, path: string): JsonObject {
  const { status, description, message, statusCode, fault } = outcome.validation;
  const place =
    fault === undefined ? {} : { line: fault.line, column: fault.column, where: fault.where, hint: fault.hint };
  return { 'file path': path, status, description, message, 'status code': statusCode, ...place };
}
