import { tmpdir } from 'node:os';
import { loadConfig } from '../config';
import { ROLES, type RoleName } from './role';
import { nicenessOf } from './standBack';

const BROKER = { WHEREFORE_BROKER__URLS: 'amqp://127.0.0.1', WHEREFORE_DATABASE__HOST: '127.0.0.1' };

function nicenesses(env: { readonly [name: string]: string } = {}): readonly (readonly [RoleName, number])[] {
  const config = loadConfig({ env: { ...BROKER, ...env }, cwd: tmpdir() });
  return ROLES.map((role) => [role, nicenessOf(role, config)] as const).filter(([, niceness]) => niceness > 0);
}

describe('how far a process stands back', () => {
  it('is 10 for persister and api, which no notification waits for', () => {
    expect(nicenesses()).toEqual([
      ['persister', 10],
      ['api', 10],
    ]);
  });

  it('is nothing for a persister that sources wait for', () => {
    expect(nicenesses({ WHEREFORE_BROKER__DURABILITY: 'archived' })).toEqual([['api', 10]]);
  });

  it('is what the configuration says', () => {
    const env = { WHEREFORE_NICENESS__PERSISTER: '0', WHEREFORE_NICENESS__API: '3' };
    expect(nicenesses(env)).toEqual([['api', 3]]);
  });
});
