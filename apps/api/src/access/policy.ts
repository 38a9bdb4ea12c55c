import { readFileSync } from 'node:fs';
import { WhereforeError } from '@wherefore/model';
import { LineCounter, isMap, isScalar, isSeq, parseDocument, type Node as YamlNode } from 'yaml';
import { isAllowed, parseRule, referencesOf, type Credentials, type Rule, type Target } from './policyRule';

/**
 * What may be asked for, and who may by default: Vitrage's rules, and below them ours. Who may ask for all
 * tenants sees everything.
 */
export const DEFAULT_RULES = {
  'get alarm': '',
  'list alarms': '',
  'list alarms:all_tenants': 'role:admin',
  'list alarms history': '',
  'list alarms history:all_tenants': 'role:admin',
  'get alarms count': '',
  'get alarms count:all_tenants': 'role:admin',
  'get rca': '',
  'get rca:all_tenants': 'role:admin',
  'get topology': '',
  'get topology:all_tenants': 'role:admin',
  'get resource': '',
  'list resources': '',
  'list resources:all_tenants': 'role:admin',
  'count resources': '',
  'count resources:all_tenants': 'role:admin',
  'template list': '',
  'template show': '',
  'template add': '',
  'template delete': '',
  'template validate': '',
  'event post': '',
  'webhook list': '',
  'webhook list:all_tenants': 'role:admin',
  'webhook show': '',
  'webhook add': '',
  'webhook delete': '',
  'get service list': '',
  'get status': '',
  'get summary': 'role:admin',
  'get diff': 'role:admin',
  'get log': 'role:admin',
  'list rejected': 'role:admin',
  'list snapshots': 'role:admin',
  'list processes': 'role:admin',
} as const;

/** Something that a rule decides about. */
export type Action = keyof typeof DEFAULT_RULES;

/** Who may do what. */
export class Policy {
  private constructor(private readonly rules: ReadonlyMap<string, Rule>) {}

  /** The defaults, and over them those of a file. Throws `file-unreadable`, `invalid-config`. */
  static load(file: string | undefined): Policy {
    const rules = new Map<string, Rule>(Object.entries(DEFAULT_RULES).map(([name, text]) => [name, parseRule(text)]));
    if (file !== undefined) for (const [name, rule] of readRules(file)) rules.set(name, rule);
    return new Policy(rules);
  }

  allows(action: Action, credentials: Credentials, target: Target): boolean {
    return isAllowed(this.rules.get(action)!, this.rules, credentials, target);
  }

  /** Whether there is such an action; others, such as `get rca` for one alarm only, have no form for all tenants. */
  static hasAllTenants(action: Action): action is TenantAction {
    return `${action}:all_tenants` in DEFAULT_RULES;
  }
}

/** An action that can be asked of all tenants. */
export type TenantAction = {
  [action in Action]: action extends `${infer Base}:all_tenants` ? (Base extends Action ? Base : never) : never;
}[Action];

interface FileRule {
  readonly rule: Rule;
  readonly line: number;
}

function readRules(file: string): Map<string, Rule> {
  const found = parseFile(file);
  const referred = new Set([...found.values()].flatMap(({ rule }) => referencesOf(rule)));
  const known = (name: string): boolean => found.has(name) || name in DEFAULT_RULES;
  for (const [name, { rule, line }] of found) {
    if (!(name in DEFAULT_RULES) && !referred.has(name)) {
      throw fault(file, line, `"${name}" is no rule of this server, and no other rule refers to it`, KNOWN);
    }
    const stray = referencesOf(rule).find((each) => !known(each));
    if (stray !== undefined) throw fault(file, line, `"${name}" refers to "${stray}", which is not there`, KNOWN);
    if (refersToItself(name, found))
      throw fault(file, line, `"${name}" refers to itself`, 'Take it out of its own rule.');
  }
  return new Map([...found].map(([name, { rule }]) => [name, rule]));
}

const KNOWN = `Rules of this server are ${Object.keys(DEFAULT_RULES).join(', ')}.`;

function parseFile(file: string): Map<string, FileRule> {
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines, prettyErrors: false });
  const lineOf = (node: unknown): number => lines.linePos((node as YamlNode | null)?.range?.[0] ?? 0).line;
  const [error] = document.errors;
  if (error) throw fault(file, lines.linePos(error.pos[0]).line, error.message, 'Write YAML or JSON.');
  const found = new Map<string, FileRule>();
  if (document.contents === null) return found;
  if (!isMap(document.contents)) throw fault(file, 1, 'it is no mapping of rules', 'Write "name": "rule" lines.');
  for (const { key, value } of document.contents.items) {
    const name = isScalar(key) ? String(key.value) : '';
    const line = lineOf(key);
    try {
      found.set(name, { rule: ruleOf(value), line });
    } catch (cause) {
      const message = `the rule "${name}" cannot be read: ${(cause as Error).message}`;
      throw fault(file, line, message, 'Write for instance "role:admin or project_id:%(project_id)s".');
    }
  }
  return found;
}

/** A text; or a list of alternatives, each a check or a list of checks that must all hold. */
function ruleOf(value: unknown): Rule {
  if (isSeq(value)) {
    if (value.items.length === 0) return { kind: 'always' };
    const rules = value.items.map((item): Rule => {
      return isSeq(item) ? { kind: 'and', rules: item.items.map(checkOf) } : checkOf(item);
    });
    return { kind: 'or', rules };
  }
  if (value === null || (isScalar(value) && value.value === null)) return { kind: 'always' };
  return checkOf(value);
}

function checkOf(value: unknown): Rule {
  if (isScalar(value) && typeof value.value === 'string') return parseRule(value.value);
  throw new Error('a rule is a text, or a list of texts');
}

function refersToItself(name: string, rules: ReadonlyMap<string, FileRule>): boolean {
  const reached = new Set<string>();
  const waiting = [name];
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    for (const next of referencesOf(rules.get(each)?.rule ?? { kind: 'always' })) {
      if (next === name) return true;
      if (!reached.has(next)) waiting.push(next);
      reached.add(next);
    }
  }
  return false;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new WhereforeError('file-unreadable', `the policy ${file} cannot be read`, {
      hint: 'Check auth.policyFile and the permissions.',
      cause,
    });
  }
}

function fault(file: string, line: number, message: string, hint: string): WhereforeError {
  return new WhereforeError('invalid-config', `${file}, line ${line}: ${message}`, { hint, data: { file, line } });
}
