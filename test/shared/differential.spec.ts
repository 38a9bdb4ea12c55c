import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VITRAGE_VALUE_TABLES } from '@wherefore/datasources';
import { initialState, parseEventLine, reportState, RunClock, type StateReport, step } from '@wherefore/engine';
import type { JsonObject, TemplateSource } from '@wherefore/model';
import { parse } from 'yaml';
import { describeWithShared } from '../support/shared';

const START_MS = Date.parse('2026-11-21T00:00:00Z');

interface Expected {
  readonly step: string;
  readonly live_alarms: readonly unknown[];
  readonly causes: readonly unknown[];
  readonly resources: readonly unknown[];
}

export function readTemplates(folder: string): TemplateSource[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml') && file !== 'params.yaml');
  const params = readdirSync(folder).includes('params.yaml')
    ? (parse(readFileSync(join(folder, 'params.yaml'), 'utf8')) as { [file: string]: { [name: string]: string } })
    : {};
  return files.map((path) => ({
    path,
    text: readFileSync(join(folder, path), 'utf8'),
    type: /^equivalences:/m.test(readFileSync(join(folder, path), 'utf8')) ? 'equivalence' : 'standard',
    ...(params[path] === undefined ? {} : { parameters: params[path] }),
  }));
}

export function runSteps(templates: readonly TemplateSource[], files: readonly string[]): StateReport[] {
  const state = initialState(VITRAGE_VALUE_TABLES);
  const clock = new RunClock(START_MS);
  const added = step(state, clock.templates(templates));
  expect(added.outcome).toEqual({ kind: 'applied' });
  return files.map((file) => {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (line === '') continue;
      const { outcome } = step(state, clock.event(parseEventLine(line) as JsonObject));
      expect(outcome.kind).toBe('applied');
    }
    return reportState(state);
  });
}

describeWithShared('differential cases', (sharedDir) => {
  const root = join(sharedDir, 'data', 'differential');
  for (const name of readdirSync(root).filter((entry) => !entry.endsWith('.md'))) {
    it(`reaches every state of ${name}`, () => {
      const folder = join(root, name);
      const steps = readdirSync(folder)
        .filter((file) => /^\d+-.*\.ndjson$/.test(file))
        .sort();
      const isBug = readdirSync(folder).includes('expected_right.json');
      const expected = JSON.parse(
        readFileSync(join(folder, isBug ? 'expected_right.json' : 'expected.json'), 'utf8'),
      ) as Expected[];
      const reports = runSteps(
        readTemplates(join(folder, 'templates')),
        steps.map((file) => join(folder, file)),
      );
      reports.forEach((report, at) => {
        const wanted = expected[at]!;
        expect([wanted.step, 'alarms', ...sortedJson(report.live_alarms)]).toEqual([
          wanted.step,
          'alarms',
          ...sortedJson(wanted.live_alarms),
        ]);
        expect([wanted.step, 'causes', ...sortedJson(report.causes)]).toEqual([
          wanted.step,
          'causes',
          ...sortedJson(wanted.causes),
        ]);
        expect([wanted.step, 'resources', ...sortedJson(report.resources)]).toEqual([
          wanted.step,
          'resources',
          ...sortedJson(wanted.resources),
        ]);
      });
    });
  }
});

/** Elements as canonical text, sorted: lists are compared as multisets. */
function sortedJson(values: readonly unknown[]): string[] {
  return values.map((value) => JSON.stringify(sortKeys(value))).sort();
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sortKeys(v)]),
  );
}
