import { tmpdir } from 'node:os';
import { loadConfig } from '../config';
import { ROLES } from './role';
import { nicenessOf } from './standBack';

function nicenesses(env: { readonly [name: string]: string } = {}): unknown {
  const config = loadConfig({ env, cwd: tmpdir() });
  return Object.fromEntries(ROLES.map((role) => [role, nicenessOf(role, config)]));
}

describe('how far a process stands back', () => {
  it('is 10 for an api, 5 for a driver, and elsewhere for the helpers alone', () => {
    const rest = { main: 0, helpers: 10 };
    const [driver, api] = [5, 10].map((main) => ({ main, helpers: 10 }));
    const all = { listener: rest, driver, processor: rest, persister: rest, api };
    expect(nicenesses()).toEqual(all);
  });

  it('is what the configuration says, for helpers no less than for their process', () => {
    const env = { WHEREFORE_NICENESS__API: '3', WHEREFORE_NICENESS__DRIVER: '2', WHEREFORE_NICENESS__HELPERS: '0' };
    expect(nicenesses(env)).toMatchObject({
      processor: { main: 0, helpers: 0 },
      api: { main: 3, helpers: 3 },
      driver: { main: 2, helpers: 2 },
    });
  });
});
