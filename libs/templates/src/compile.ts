import { type Json, canonicalJson, compareCodeUnits, digestText } from '@wherefore/model';
import { readActionValue } from './actionValue';
import { contradictsItself, numberClause, understandCondition } from './clauses';
import { objectMember, textEntries, textMember } from './content';
import { definitionFinder } from './definitionFinder';
import {
  type ActionDraft,
  type FindDefinition,
  type ScenarioDraft,
  type Vocabulary,
  draftScenarios,
  endsOf,
  vocabularyOneTwo,
  vocabularyThree,
} from './draft';
import {
  CLONES_MAX,
  type EquivalenceIndex,
  type ScenarioBody,
  checkMembership,
  expandEquivalences,
  indexEquivalences,
} from './equivalences';
import { type Finding, type TemplateFault, reportFinding } from './fault';
import type { Action, ActionValue, Clause, Scenario } from './plan';
import type { LoadedTemplate } from './validateTemplate';

/** A template that could not be compiled together with the others, and why. It has no scenarios. */
export interface CompileFault extends TemplateFault {
  readonly template: string;
}

/** Every scenario of every standard template, ready to be evaluated. */
export interface CompiledTemplates {
  /** By template name, then place in the template, then clone: whatever order the templates came in. */
  readonly scenarios: readonly Scenario[];
  readonly faults: readonly CompileFault[];
}

/**
 * Compiles all active templates into one plan. Includes and equivalences are resolved against the
 * templates given, so the whole is compiled anew when one of them changes; `fingerprint` tells which
 * scenarios stayed the same. A template that only fails together with others (an included definition
 * was deleted since, an equivalence names an entity twice) becomes a fault. O(size of all templates).
 */
export function compileTemplates(templates: readonly LoadedTemplate[]): CompiledTemplates {
  const ordered = [...templates].sort((a, b) => compareCodeUnits(a.name, b.name));
  const faults: CompileFault[] = [];
  const refuse = (template: LoadedTemplate, finding: Finding): void => {
    // The text is gone by now: the path has to do.
    const fault = reportFinding(finding, 'Template content validation', () => ({ line: 0, column: 0 }));
    faults.push({ template: template.name, ...fault });
  };

  const equivalences: LoadedTemplate[] = [];
  for (const template of ordered.filter(({ type }) => type === 'equivalence')) {
    const finding = checkMembership(template.content, equivalences);
    if (finding) refuse(template, finding);
    else equivalences.push(template);
  }
  const index = indexEquivalences(equivalences);
  const find = definitionFinder(ordered);

  const scenarios: Scenario[] = [];
  for (const template of ordered.filter(({ type }) => type === 'standard')) {
    const compiled = compileTemplate(template, find, index);
    if ('code' in compiled) refuse(template, compiled);
    else scenarios.push(...compiled);
  }
  return { scenarios, faults };
}

function compileTemplate(
  template: LoadedTemplate,
  find: FindDefinition,
  index: EquivalenceIndex,
): readonly Scenario[] | Finding {
  const { vocabulary, finding } = vocabularyOf(template, find);
  if (finding) return finding;
  const scenarios: Scenario[] = [];
  for (const [number, draft] of draftScenarios(template.content, template.version).entries()) {
    const id = `${template.name}-scenario${number}`;
    const parts = compileScenario(draft, vocabulary, template.version, id);
    if ('code' in parts) return parts;
    const bodies: ScenarioBody[] = [];
    for (const part of parts) {
      const expanded = expandEquivalences(part, index);
      if (!expanded) {
        const hint = `The equivalences make more than ${CLONES_MAX} scenarios of it. Name fewer such entities.`;
        return { code: 85, path: [...draft.path, 'condition'], hint };
      }
      bodies.push(...expanded);
    }
    bodies.forEach((body, clone) => {
      scenarios.push(identify(clone === 0 ? id : `${id}~${clone}`, template.name, draft.condition, body));
    });
  }
  return scenarios;
}

function vocabularyOf(
  template: LoadedTemplate,
  find: FindDefinition,
): { vocabulary: Vocabulary; finding: Finding | undefined } {
  if (template.version === '3') return { vocabulary: vocabularyThree(template.content), finding: undefined };
  const { vocabulary, findings } = vocabularyOneTwo(template.content, find);
  // A definition template that came later may define an id once more; the template's own wins.
  return { vocabulary, finding: findings.find(({ code }) => code !== 2) };
}

/**
 * One body in all common cases. Where an action names a symbol that not every alternative has, it is
 * done for those that have it: the actions are parted by the alternatives they are done for.
 */
function compileScenario(
  draft: ScenarioDraft,
  vocabulary: Vocabulary,
  version: string,
  id: string,
): readonly ScenarioBody[] | Finding {
  const condition = understandCondition(draft.condition, vocabulary, version, [...draft.path, 'condition']);
  if (condition.kind === 'refused') return condition.finding;
  const alternatives = condition.clauses.filter((clause) => !contradictsItself(clause));
  const parts = new Map<string, { clauses: readonly Clause[]; actions: Action[] }>();
  draft.actions.forEach((action, number) => {
    const ends = endsOf(action).map(([, symbol]) => symbol);
    const fitting = alternatives.filter(({ positive }) => ends.every((symbol) => positive.includes(symbol)));
    if (fitting.length === 0 && alternatives.length > 0) return;
    const key = fitting.map((alternative) => alternatives.indexOf(alternative)).join();
    const part = parts.get(key) ?? {
      clauses: fitting.map((alternative) => numberClause(alternative, vocabulary.entities)),
      actions: [],
    };
    part.actions.push(compileAction(action, version, `${id}-action${number}`));
    parts.set(key, part);
  });
  return [...parts.values()];
}

function compileAction(draft: ActionDraft, version: string, id: string): Action {
  const { properties } = draft;
  const target = draft.target ?? '';
  const value = (key: string): ActionValue => readActionValue(textMember(properties, key) ?? '', version);
  switch (draft.type) {
    case 'raise_alarm': {
      const causingAlarm = causingSymbol(draft, version);
      return {
        id,
        kind: 'raise_alarm',
        target,
        alarmName: value('alarm_name'),
        severity: value('severity'),
        ...(causingAlarm === undefined ? {} : { causingAlarm }),
      };
    }
    case 'set_state':
      return { id, kind: 'set_state', target, state: value('state') };
    case 'add_causal_relationship':
      return { id, kind: 'add_causal_relationship', source: draft.source ?? '', target };
    case 'mark_down':
      return { id, kind: 'mark_down', target };
    default: {
      const workflow = textMember(properties, 'workflow') ?? '';
      return { id, kind: 'execute_mistral', workflow, input: mistralInput(draft, version) };
    }
  }
}

/** Version 3 names the symbol; version 2 can only say it the long way. */
function causingSymbol({ properties }: ActionDraft, version: string): string | undefined {
  const written = textMember(properties, 'causing_alarm');
  if (written === undefined || version === '3') return written;
  const value = readActionValue(written, version);
  return value.kind === 'attribute' && value.attribute === 'vitrage_id' ? value.symbol : undefined;
}

function mistralInput({ properties }: ActionDraft, version: string): { readonly [name: string]: ActionValue } {
  const given = version === '1' ? properties : objectMember(properties, 'input');
  const entries = textEntries(given).filter(([key]) => version !== '1' || key !== 'workflow');
  return Object.fromEntries(entries.map(([key, text]) => [key, readActionValue(text, version)]));
}

function identify(id: string, template: string, condition: string, body: ScenarioBody): Scenario {
  const fingerprint = digestText(
    canonicalJson({ id, clauses: body.clauses.map(plainClause), actions: body.actions as unknown as Json }),
  );
  return { id, template, condition, clauses: body.clauses, actions: body.actions, fingerprint };
}

function plainClause(clause: Clause): Json {
  const entities = clause.entities.map(({ symbol, tests }) => ({
    symbol,
    tests: tests.map((test) => [test.key, test.op, test.op === 'equals' ? test.value : test.pattern]),
  }));
  return { ...clause, entities } as unknown as Json;
}
