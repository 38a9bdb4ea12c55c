import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WhereforeError } from '@wherefore/model';
import { temporaryFolder } from '../testing/rig.sim';
import { Policy } from './policy';
import { isAllowed, parseRule, type Credentials } from './policyRule';

const MEMBER: Credentials = { userId: 'u1', userName: 'alice', projectId: 'p1', roles: ['member'], isAdmin: false };
const ADMIN: Credentials = { userId: 'u0', userName: 'root', projectId: 'p0', roles: ['Admin'], isAdmin: true };

describe('a rule', () => {
  it.each([
    ['', true, true],
    ['@', true, true],
    ['!', false, false],
    ['role:admin', false, true],
    ['not role:admin', true, false],
    ['role:admin or role:member', true, true],
    ['role:admin and role:member', false, false],
    ['not (role:admin or role:member)', false, false],
    ['(role:member and (not role:admin)) or is_admin:True', true, true],
    ['is_admin:True', false, true],
    ['project_id:%(project_id)s', true, false],
    ["'p1':%(project_id)s", true, true],
    ['user_id:u1', true, false],
    ['tenant_id:%(nothing)s', false, false],
    ['role:member or role:admin and role:nobody', true, false],
  ])('%s lets a member: %s, an administrator: %s', (text, member, admin) => {
    const rule = parseRule(text);
    const target = { project_id: 'p1' };
    expect(isAllowed(rule, new Map(), MEMBER, target)).toBe(member);
    expect(isAllowed(rule, new Map(), ADMIN, target)).toBe(admin);
  });

  it.each([
    ['role', 'is no check'],
    ['role:', 'compares with nothing'],
    ['role:admin or', 'it ends where a check is expected'],
    ['role:admin role:member', 'is not expected there'],
    ['(role:admin', 'a bracket is not closed'],
    ['role:admin)', 'is not expected there'],
    ['and role:admin', 'stands where a check is expected'],
    ['http://example.org/%(x)s', 'is no kind of check'],
    ['project_id:%(project_id)', 'is no %(name)s'],
  ])('that reads %s is refused', (text, message) => {
    expect(() => parseRule(text)).toThrow(message);
  });
});

describe('a policy', () => {
  let folder: string;
  let remove: () => void;
  beforeEach(() => ({ folder, remove } = temporaryFolder()));
  afterEach(() => remove());

  function load(text: string): Policy {
    const file = join(folder, 'policy.yaml');
    writeFileSync(file, text);
    return Policy.load(file);
  }

  function faultOf(text: string): WhereforeError {
    try {
      load(text);
    } catch (error) {
      if (error instanceof WhereforeError) return error;
      throw error;
    }
    throw new Error('nothing was wrong');
  }

  it('lets everyone ask for what is theirs, and administrators for all tenants, if nobody says otherwise', () => {
    const policy = Policy.load(undefined);
    expect(policy.allows('list alarms', MEMBER, {})).toBe(true);
    expect(policy.allows('list alarms:all_tenants', MEMBER, {})).toBe(false);
    expect(policy.allows('list alarms:all_tenants', ADMIN, {})).toBe(true);
  });

  it('is read from YAML or JSON, with rules that others refer to', () => {
    const yaml = load('operators: "role:admin or role:operator"\n"template add": rule:operators\n');
    expect(yaml.allows('template add', MEMBER, {})).toBe(false);
    expect(yaml.allows('template add', { ...MEMBER, roles: ['operator'] }, {})).toBe(true);
    expect(yaml.allows('template list', MEMBER, {})).toBe(true);
    const json = load('{"event post": [["role:member", "project_id:p1"], ["role:monitor"]], "get status": []}');
    expect(json.allows('event post', MEMBER, {})).toBe(true);
    expect(json.allows('event post', { ...MEMBER, projectId: 'p2' }, {})).toBe(false);
    expect(json.allows('get status', MEMBER, {})).toBe(true);
  });

  it.each([
    ['"list alarmz": ""\n', 'line 1: "list alarmz" is no rule of this server'],
    ['\n"get rca": "rule:nobody"\n', 'line 2: "get rca" refers to "nobody", which is not there'],
    ['a: rule:b\nb: rule:a\n"get rca": rule:a\n', 'line 1: "a" refers to itself'],
    ['"get rca": "role:admin or"\n', 'line 1: the rule "get rca" cannot be read'],
    ['"get rca": {a: b}\n', 'a rule is a text, or a list of texts'],
    ['- a\n', 'it is no mapping of rules'],
    ['a: [\n', 'line'],
  ])('that holds %j is refused at the start, with the line', (text, message) => {
    const fault = faultOf(text);
    expect(fault.code).toBe('invalid-config');
    expect(fault.message).toContain(message);
  });

  it('that is not there is refused', () => {
    const loading = () => Policy.load(join(folder, 'no.yaml'));
    expect(loading).toThrow(expect.objectContaining({ code: 'file-unreadable' }) as Error);
  });
});
