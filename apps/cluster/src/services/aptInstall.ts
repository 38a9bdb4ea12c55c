import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { findProgram } from './findProgram';

/** Set to anything but empty, nothing is ever installed for the tests. */
export const NO_INSTALL_VARIABLE = 'WHEREFORE_NO_INSTALL';

/** Debian's packaging asks this program whether a service may be started; 101 means no. */
const POLICY_FILE = '/usr/sbin/policy-rc.d';

/** Why packages cannot be installed here; `undefined` when they can. */
export function installationRefusal(): string | undefined {
  if ((process.env[NO_INSTALL_VARIABLE] ?? '') !== '') return `${NO_INSTALL_VARIABLE} forbids installing it`;
  if (findProgram('apt-get') === undefined) return 'this is no Debian or Ubuntu';
  if (process.getuid?.() !== 0) return 'only root may install it';
  return undefined;
}

/**
 * Installs Debian packages, without their services being started: tests start private instances.
 * Each of `packages` is a list of alternatives, of which the first known one is taken.
 * Says what it does on stderr, before it does it. Throws with apt's last words.
 */
export function installPackages(purpose: string, packages: readonly (readonly string[])[]): void {
  const known = () => packages.map((names) => names.find(isKnown));
  let chosen = known();
  if (chosen.includes(undefined)) {
    process.stderr.write('Reading the lists of packages (apt-get update).\n');
    apt('update');
    chosen = known();
  }
  const missing = packages.filter((_, i) => chosen[i] === undefined);
  if (missing.length > 0) throw new Error(`apt knows no package ${missing.map((names) => names[0]).join(', ')}`);
  const names = chosen as string[];
  process.stderr.write(
    `Installing ${names.join(', ')} with apt-get, for ${purpose}; no service is started. ` +
      `(${NO_INSTALL_VARIABLE}=1 forbids it.)\n`,
  );
  withoutServices(() => {
    try {
      apt('install', '--no-install-recommends', ...names);
    } catch {
      // The lists may be older than the packages on the mirror.
      apt('update');
      apt('install', '--no-install-recommends', ...names);
    }
  });
}

function isKnown(name: string): boolean {
  const { stdout } = spawnSync('apt-cache', ['policy', name], { encoding: 'utf8' });
  return /Candidate: (?!\(none\))\S/.test(stdout ?? '');
}

function apt(...words: readonly string[]): void {
  // Another apt may be at work, of the system or of a second run of these tests.
  const options = ['-y', '-q', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  const child = spawnSync('apt-get', [...options, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (child.status === 0) return;
  const said = `${child.stderr}`.trim().split('\n').slice(-3).join(' ');
  throw new Error(`apt-get ${words.join(' ')} failed: ${said || child.error?.message}`);
}

/** Runs `body` while no package may start a service. A policy that the machine has already stays. */
function withoutServices(body: () => void): void {
  if (existsSync(POLICY_FILE)) return body();
  writeFileSync(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    body();
  } finally {
    rmSync(POLICY_FILE, { force: true });
  }
}
