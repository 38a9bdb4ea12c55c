import { tmpdir } from 'node:os';
import { loadConfig } from '../config';
import { ROLES } from './role';
import { nicenessOf } from './standBack';

function nicenesses(env: { readonly [name: string]: string } = {}): unknown {
  const config = loadConfig({ env, cwd: tmpdir() });
  return Object.fromEntries(ROLES.map((role) => [role, nicenessOf(role, config)]));
}

describe('how far a process stands back', () => {
  it('is 10 for an api, 5 for a driver, and elsewhere not at all', () => {
    expect(nicenesses()).toEqual({ listener: 0, driver: 5, processor: 0, persister: 0, api: 10 });
  });

  it('is what the configuration says', () => {
    const env = { WHEREFORE_NICENESS__API: '3', WHEREFORE_NICENESS__DRIVER: '2' };
    expect(nicenesses(env)).toMatchObject({ processor: 0, api: 3, driver: 2 });
  });
});
