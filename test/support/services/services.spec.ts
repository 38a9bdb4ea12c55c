import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mariadb';
import { describeWithService } from '../shared';
import { NO_INSTALL_VARIABLE, installationRefusal } from '../../../apps/cluster/src/services/aptInstall';
import { findProgram } from '../../../apps/cluster/src/services/findProgram';
import { freePort } from '../../../apps/cluster/src/services/freePort';
import { mariadbNeed, startMariadb, type MariadbServer } from './mariadbServer';
import { locateService, prepareService, serviceNeed, type ServiceSource } from './service';

describeWithService('a private MariaDB', mariadbNeed, () => {
  let server: MariadbServer;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server?.stop());

  async function query(sql: string): Promise<unknown> {
    const { host, port, user, password } = server;
    const connection = await createConnection({ host, port, user, password, connectTimeout: 2000 });
    try {
      return await connection.query(sql);
    } finally {
      await connection.end();
    }
  }

  it('keeps its data through a kill, on the same port', async () => {
    await query('CREATE DATABASE kept');
    await query('CREATE TABLE kept.numbers (number INT)');
    await query('INSERT INTO kept.numbers VALUES (42)');
    await server.kill();
    await expect(query('SELECT 1')).rejects.toThrow();
    await server.restart();
    expect(await query('SELECT number FROM kept.numbers')).toEqual([{ number: 42 }]);
  });

  it('takes no stranger', async () => {
    const { host, port, user } = server;
    await expect(createConnection({ host, port, user, password: 'guess' })).rejects.toMatchObject({ errno: 1045 });
  });
});

const RARE: ServiceSource = { name: 'Rare', programs: [['no-such-program']], image: 'rare', packages: [['rare']] };

describe('how a service is found', () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  it('finds programs that lie where the PATH does not lead', () => {
    process.env['PATH'] = '/nowhere';
    expect(findProgram('no-such-program', 'no-other')).toBeUndefined();
    const folder = mkdtempSync(path.join(tmpdir(), 'wherefore-programs-'));
    process.env['PATH'] = `/nowhere${path.delimiter}${folder}`;
    writeFileSync(path.join(folder, 'a-program'), '', { mode: 0o755 });
    writeFileSync(path.join(folder, 'a-text'), '', { mode: 0o644 });
    expect(findProgram('a-text', 'a-program')).toBe(path.join(folder, 'a-program'));
    rmSync(folder, { recursive: true });
  });

  it('installs nothing where that is forbidden, and says why the suites do not run', () => {
    process.env[NO_INSTALL_VARIABLE] = '1';
    process.env['PATH'] = '/nowhere';
    expect(installationRefusal()).toContain(NO_INSTALL_VARIABLE);
    expect(prepareService(RARE)).toEqual({
      missing: `it is not on the PATH, no Docker engine runs, and ${NO_INSTALL_VARIABLE} forbids installing it`,
    });
    const need = serviceNeed(RARE);
    expect(need.available()).toBe(false);
    expect(need.needs).toContain('Rare: it is not on the PATH');
  });

  it('remembers for the workers what was found', () => {
    process.env['WHEREFORE_FOUND_RARE'] = 'docker';
    expect(locateService(RARE)).toEqual({ origin: 'docker' });
    process.env['WHEREFORE_FOUND_RARE'] = 'programs';
    expect(serviceNeed(RARE)).toMatchObject({ needs: 'Rare' });
  });

  it('finds a port on which nothing listens', async () => {
    const [one, other] = [await freePort(), await freePort()];
    expect(one).toBeGreaterThan(1023);
    expect(other).toBeGreaterThan(1023);
  });
});

describe('the guardian of a service', () => {
  it('ends it and removes its folder when the process that started it is killed', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'wherefore-guarded-'));
    const mark = path.join(tmpdir(), `${path.basename(folder)}.ended`);
    // The guardian's protocol, from a process that may be killed: sources cannot be run without a compiler.
    const guarded = `
      const { transformFileSync } = require('@swc/core');
      const { code } = transformFileSync(${JSON.stringify(path.join(__dirname, '../../../apps/cluster/src/services/guardian.ts'))}, {
        configFile: false, swcrc: false, module: { type: 'commonjs' }, jsc: { parser: { syntax: 'typescript' } },
      });
      const module_ = { exports: {} };
      new Function('module', 'exports', 'require', code)(module_, module_.exports, require);
      const guardian = new module_.exports.Guardian(${JSON.stringify(folder)});
      guardian.atEnd('exit 1');
      guardian.atEnd(${JSON.stringify(`: > ${mark}`)});
      console.log('guarded');
      setInterval(() => undefined, 1000);
    `;
    const owner = spawn(process.execPath, ['-e', guarded], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => owner.stdout.once('data', resolve));
    expect(existsSync(folder)).toBe(true);
    owner.kill('SIGKILL');
    for (let i = 0; existsSync(folder) && i < 200; i++) await sleep(20);
    expect(existsSync(folder)).toBe(false);
    expect(existsSync(mark)).toBe(true);
    rmSync(mark);
  });
});
