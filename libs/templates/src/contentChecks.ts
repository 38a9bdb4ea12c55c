import type { JsonObject } from '@wherefore/model';
import { looksLikeBrokenCall, looksLikeCall } from './actionValue';
import { type SymbolClause, commonSymbols, understandCondition } from './clauses';
import { objectMember, textEntries, textMember } from './content';
import {
  type ActionDraft,
  type FindDefinition,
  type ScenarioDraft,
  type Vocabulary,
  draftScenarios,
  endsOf,
  versionOf,
  vocabularyOneTwo,
  vocabularyThree,
} from './draft';
import type { Finding } from './fault';

/** What the content checks found: a finding fails the template, a warning (138, 135) does not. */
export interface ContentResult {
  readonly finding?: Finding;
  readonly warning?: Finding;
}

/**
 * Checks what the ids of a standard template refer to, its conditions and its actions. The content
 * has passed the syntax checks of its version, and its parameters are resolved.
 */
export function checkContent(content: JsonObject, find: FindDefinition): ContentResult {
  const version = versionOf(content);
  if (version === '3') return checkScenarios(content, vocabularyThree(content), version);
  const { vocabulary, findings } = vocabularyOneTwo(content, find);
  return findings[0] ? { finding: findings[0] } : checkScenarios(content, vocabulary, version);
}

/** Checks the ids of a definition template. */
export function checkDefinitionContent(content: JsonObject): ContentResult {
  const finding = vocabularyOneTwo(content, () => undefined).findings[0];
  return finding ? { finding } : {};
}

function checkScenarios(content: JsonObject, vocabulary: Vocabulary, version: string): ContentResult {
  let warning: Finding | undefined;
  for (const scenario of draftScenarios(content, version)) {
    const result = checkScenario(scenario, vocabulary, version);
    if (result.finding) return result;
    warning ??= result.warning;
  }
  return warning ? { warning } : {};
}

function checkScenario(scenario: ScenarioDraft, vocabulary: Vocabulary, version: string): ContentResult {
  const path = [...scenario.path, 'condition'];
  const condition = understandCondition(scenario.condition, vocabulary, version, path);
  if (condition.kind === 'refused') return { finding: condition.finding };
  let warning: Finding | undefined;
  for (const action of scenario.actions) {
    // Version 3 has had its actions looked at by the syntax checks.
    const finding = version === '3' ? undefined : checkAction(action, vocabulary, version);
    if (finding) return { finding };
    warning ??= version === '2' ? mistralWarning(action) : undefined;
    warning ??= endsWarning(action, condition.clauses, scenario.condition, version);
  }
  return warning ? { warning } : {};
}

/** An alternative that does not have what an action is for does not do it; Vitrage accepts that. */
function endsWarning(
  action: ActionDraft,
  clauses: readonly SymbolClause[],
  condition: string,
  version: string,
): Finding | undefined {
  const common = commonSymbols(clauses);
  const missing = endsOf(action).find(([, symbol]) => !common.has(symbol));
  if (!missing) return undefined;
  const [end, symbol] = missing;
  const finding: Finding = {
    code: 135,
    path: [...action.path, ...(version === '3' ? [end] : ['action_target', end])],
    hint: `"${symbol}" is the ${end} of this action. Where the condition holds without it, the action is not done.`,
  };
  return version === '3' ? { ...finding, detail: condition } : finding;
}

function checkAction(action: ActionDraft, vocabulary: Vocabulary, version: string): Finding | undefined {
  if (action.type === 'execute_mistral') return checkMistral(action, version);
  if (!action.hasTarget) return { code: 124, path: [...action.path, 'action_target'] };
  return checkProperties(action) ?? checkTarget(action, vocabulary);
}

function checkProperties({ type, path, properties }: ActionDraft): Finding | undefined {
  const missing = (key: string): boolean => textMember(properties, key) === undefined;
  if (type === 'raise_alarm' && missing('alarm_name')) return { code: 125, path: [...path, 'properties'] };
  if (type === 'raise_alarm' && missing('severity')) return { code: 126, path: [...path, 'properties'] };
  if (type === 'set_state' && missing('state')) return { code: 128, path: [...path, 'properties'] };
  return undefined;
}

const TARGET_MISSING = { raise_alarm: 127, set_state: 129, add_causal_relationship: 130, mark_down: 131 } as const;

function checkTarget(action: ActionDraft, { entities }: Vocabulary): Finding | undefined {
  const path = [...action.path, 'action_target'];
  const type = action.type as keyof typeof TARGET_MISSING;
  const isCausal = type === 'add_causal_relationship';
  if (action.target === undefined || (isCausal && action.source === undefined)) {
    return { code: TARGET_MISSING[type], path };
  }
  for (const end of isCausal ? (['target', 'source'] as const) : (['target'] as const)) {
    const symbol = action[end] ?? '';
    const pattern = entities.get(symbol);
    if (!pattern) return { code: 3, path: [...path, end], detail: `template id: ${symbol}` };
    const isAlarm = pattern.tests.some(
      (test) => test.key === 'vitrage_category' && test.op === 'equals' && test.value === 'ALARM',
    );
    if (isCausal && !isAlarm) return { code: 132, path: [...path, end] };
  }
  return undefined;
}

function checkMistral({ path, properties }: ActionDraft, version: string): Finding | undefined {
  const at = [...path, 'properties'];
  if (textMember(properties, 'workflow') === undefined) return { code: 133, path: at };
  if (version === '1') {
    const call = textEntries(properties).find(([, value]) => looksLikeCall(value));
    return call && { code: 137, path: [...at, call[0]], hint: 'Set metadata.version to 2.' };
  }
  const stray = Object.keys(properties).find((key) => key !== 'workflow' && key !== 'input');
  return stray === undefined ? undefined : { code: 136, path: [...at, stray], hint: `Move ${stray} under input.` };
}

function mistralWarning({ type, path, properties }: ActionDraft): Finding | undefined {
  if (type !== 'execute_mistral') return undefined;
  const broken = textEntries(objectMember(properties, 'input')).find(([, value]) => looksLikeBrokenCall(value));
  return broken && { code: 138, path: [...path, 'properties', 'input', broken[0]] };
}
