import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { DEFAULT_RULES, Policy } from './policy';

const FILE = resolve(__dirname, '../../../../examples/policy.yaml');

it('the example of a policy is what holds without one', () => {
  expect(parse(readFileSync(FILE, 'utf8'))).toEqual(DEFAULT_RULES);
  expect(() => Policy.load(FILE)).not.toThrow();
});
