/** What a rule is held against: who asks. */
export interface Credentials {
  readonly userId: string | undefined;
  readonly userName: string | undefined;
  readonly projectId: string | undefined;
  readonly roles: readonly string[];
  readonly isAdmin: boolean;
}

/** What a request is about, as far as rules may name it: `project_id`, `user_id`. */
export type Target = { readonly [name: string]: string | undefined };

/** A rule, read. `rules` are those that `rule:<name>` refers to. */
export type Rule =
  | { readonly kind: 'always' | 'never' }
  | { readonly kind: 'not'; readonly rule: Rule }
  | { readonly kind: 'and' | 'or'; readonly rules: readonly Rule[] }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'role'; readonly name: string }
  | { readonly kind: 'compare'; readonly left: string; readonly isLiteral: boolean; readonly right: string };

const CREDENTIALS = ['user_id', 'user_name', 'project_id', 'tenant_id', 'project', 'tenant', 'user', 'is_admin'];

/**
 * Reads a rule of oslo.policy: `role:x`, `rule:x`, `project_id:%(project_id)s`, `is_admin:True`,
 * `'text':%(name)s`, `@`, `!`, the empty text, with `not`, `and`, `or` and brackets. Throws an `Error`
 * whose message says what cannot be read.
 */
export function parseRule(text: string): Rule {
  const tokens = tokenise(text);
  if (tokens.length === 0) return { kind: 'always' };
  const reader = new Reader(tokens);
  const rule = reader.alternatives();
  reader.end();
  return rule;
}

function tokenise(text: string): string[] {
  const tokens: string[] = [];
  for (const word of text.trim().split(/\s+/)) {
    if (word === '') continue;
    const opening = /^\(*/.exec(word)![0];
    let rest = word.slice(opening.length);
    // A bracket that belongs to `%(name)s` has its own opening one before it.
    let closing = 0;
    while (rest.endsWith(')') && count(rest, ')') > count(rest, '(')) {
      rest = rest.slice(0, -1);
      closing += 1;
    }
    tokens.push(...opening, ...(rest === '' ? [] : [rest]), ...')'.repeat(closing));
  }
  return tokens;
}

function count(text: string, letter: string): number {
  return text.split(letter).length - 1;
}

class Reader {
  private place = 0;

  constructor(private readonly tokens: readonly string[]) {}

  alternatives(): Rule {
    const rules = [this.conjunction()];
    while (this.take('or')) rules.push(this.conjunction());
    return rules.length === 1 ? rules[0]! : { kind: 'or', rules };
  }

  end(): void {
    const rest = this.tokens[this.place];
    if (rest !== undefined) throw new Error(`"${rest}" is not expected there`);
  }

  private conjunction(): Rule {
    const rules = [this.negation()];
    while (this.take('and')) rules.push(this.negation());
    return rules.length === 1 ? rules[0]! : { kind: 'and', rules };
  }

  private negation(): Rule {
    if (this.take('not')) return { kind: 'not', rule: this.negation() };
    if (!this.take('(')) return this.check();
    const rule = this.alternatives();
    if (!this.take(')')) throw new Error('a bracket is not closed');
    return rule;
  }

  private check(): Rule {
    const token = this.tokens[this.place];
    if (token === undefined) throw new Error('it ends where a check is expected');
    if (token === ')' || /^(and|or)$/i.test(token)) throw new Error(`"${token}" stands where a check is expected`);
    this.place += 1;
    return checkOf(token);
  }

  private take(word: string): boolean {
    if (this.tokens[this.place]?.toLowerCase() !== word) return false;
    this.place += 1;
    return true;
  }
}

function checkOf(token: string): Rule {
  if (token === '@') return { kind: 'always' };
  if (token === '!') return { kind: 'never' };
  const colon = token.indexOf(':');
  if (colon <= 0) throw new Error(`"${token}" is no check: one looks like role:admin`);
  const left = token.slice(0, colon);
  const right = token.slice(colon + 1);
  if (right === '') throw new Error(`"${token}" compares with nothing`);
  if (left === 'rule' || left === 'role') return { kind: left, name: right };
  if (left === 'http' || left === 'https') throw new Error(`"${left}" is no kind of check: no other server is asked`);
  if (/%\(/.test(right) && !/^%\([^()]+\)s$/.test(right)) throw new Error(`"${right}" is no %(name)s`);
  const literal = /^'([^']*)'$/.exec(left) ?? /^"([^"]*)"$/.exec(left);
  if (literal !== null) return { kind: 'compare', left: literal[1]!, isLiteral: true, right };
  if (/^(True|False|None|\d+)$/.test(left)) return { kind: 'compare', left, isLiteral: true, right };
  if (CREDENTIALS.includes(left)) return { kind: 'compare', left, isLiteral: false, right };
  throw new Error(`"${left}" is no kind of check; known are role, rule, ${CREDENTIALS.join(', ')}`);
}

/** The rules that a rule refers to. */
export function referencesOf(rule: Rule): string[] {
  switch (rule.kind) {
    case 'rule':
      return [rule.name];
    case 'not':
      return referencesOf(rule.rule);
    case 'and':
    case 'or':
      return rule.rules.flatMap(referencesOf);
    default:
      return [];
  }
}

/** Whether the rule lets them. A rule that refers to one that is not there does not. */
export function isAllowed(
  rule: Rule,
  rules: ReadonlyMap<string, Rule>,
  credentials: Credentials,
  target: Target,
): boolean {
  const holds = (each: Rule): boolean => isAllowed(each, rules, credentials, target);
  switch (rule.kind) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'not':
      return !holds(rule.rule);
    case 'and':
      return rule.rules.every(holds);
    case 'or':
      return rule.rules.some(holds);
    case 'rule': {
      const referred = rules.get(rule.name);
      return referred !== undefined && holds(referred);
    }
    case 'role':
      return credentials.roles.some((role) => role.toLowerCase() === rule.name.toLowerCase());
    case 'compare': {
      const left = rule.isLiteral ? rule.left : credentialOf(credentials, rule.left);
      const right = substituted(rule.right, target);
      return left !== undefined && left === right;
    }
  }
}

function substituted(right: string, target: Target): string | undefined {
  const match = /^%\(([^()]+)\)s$/.exec(right);
  if (match === null) return right;
  return Object.hasOwn(target, match[1]!) ? target[match[1]!] : undefined;
}

function credentialOf(credentials: Credentials, name: string): string | undefined {
  switch (name) {
    case 'user_id':
    case 'user':
      return credentials.userId;
    case 'user_name':
      return credentials.userName;
    case 'is_admin':
      return credentials.isAdmin ? 'True' : 'False';
    default:
      return credentials.projectId;
  }
}
