import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '@wherefore/host';
import { parse } from 'yaml';

const ROOT = join(__dirname, '../..');
const DOCKER = join(ROOT, 'docker');
const ROLES = ['listener', 'driver', 'processor', 'persister', 'api'];

interface Service {
  readonly command?: readonly string[];
  readonly deploy?: { readonly replicas: number };
  readonly environment?: { readonly [name: string]: string };
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly build?: { readonly context: string; readonly dockerfile: string };
}

function compose(file: string): { readonly services: { readonly [name: string]: Service } } {
  return parse(readFileSync(join(DOCKER, file), 'utf8'), { merge: true }) as never;
}

/** `${NAME:-default}` and `${NAME:?message}`, as compose fills them in where nothing is set. */
function filledIn(text: string): string {
  const inner = text
    .replaceAll(/\$\{\w+:-([^${}]*)\}/g, '$1')
    .replaceAll(/\$\{\w+:\?[^${}]*\}/g, 'http://example:5000/v3');
  return inner === text ? text : filledIn(inner);
}

describe('the compose file', () => {
  const { services } = compose('compose.yaml');

  it('runs two of every role, beside one broker and one database', () => {
    expect(Object.keys(services).sort()).toEqual([...ROLES, 'mariadb', 'rabbitmq'].sort());
    for (const role of ROLES) {
      expect(services[role]!.deploy).toEqual({ replicas: 2 });
      expect(services[role]!.command).toEqual([role, '--config', '/etc/wherefore/wherefore.yaml']);
    }
  });

  it.each(ROLES)('gives %s a configuration that holds', (role) => {
    const overlay = compose('openstack.yaml').services[role]?.environment ?? {};
    for (const more of [{}, overlay]) {
      const given = { ...services[role]!.environment, ...more };
      const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, filledIn(value)]));
      const config = loadConfig({ file: join(DOCKER, 'wherefore.yaml'), env, cwd: ROOT });
      expect(config.database).toMatchObject({ host: 'mariadb', password: 'wherefore' });
      expect(config.broker.urls).toEqual(['amqp://wherefore:wherefore@rabbitmq:5672/']);
    }
  });

  it('mounts what is there, and opens nothing to other machines', () => {
    for (const { volumes = [], ports = [] } of Object.values(services)) {
      for (const volume of volumes) {
        if (volume.startsWith('.')) expect(existsSync(join(DOCKER, volume.split(':')[0]!))).toBe(true);
      }
      for (const each of ports) expect(each).toMatch(/^127\.0\.0\.1:/);
    }
  });
});

describe('the image', () => {
  const lines = readFileSync(join(DOCKER, 'Dockerfile'), 'utf8').split('\n');

  it('is made of what is there, and runs as nobody in particular', () => {
    const copied = lines.flatMap((line) => /^COPY --from=build \/build\/(\S+)/.exec(line)?.[1] ?? []);
    const made = ['node_modules', 'dist'];
    expect(copied.filter((path) => !made.includes(path) && !existsSync(join(ROOT, path)))).toEqual([]);
    expect(copied).toEqual(expect.arrayContaining(['dist', 'libs', 'apps', 'templates']));
    expect(lines.findLast((line) => line.startsWith('USER'))).toBe('USER node');
  });

  it('has the templates where the configuration looks for them', () => {
    const { templates } = loadConfig({
      file: join(DOCKER, 'wherefore.yaml'),
      env: { WHEREFORE_BROKER__URLS: 'amqp://here' },
      cwd: ROOT,
    });
    const home = lines.findLast((line) => line.startsWith('WORKDIR'))!.split(' ')[1]!;
    for (const folder of templates.folders) expect(existsSync(folder.replace(home, ROOT))).toBe(true);
  });
});
