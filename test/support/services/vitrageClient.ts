import { execFile } from 'node:child_process';
import { findProgram } from '../../../apps/cluster/src/services/findProgram';
import type { ServiceSource } from './service';

/** The client that operators of Vitrage have: its own command, and the one of OpenStack with its plugin. */
export const VITRAGE_CLIENT: ServiceSource = {
  name: 'Vitrage client',
  programs: [['vitrage'], ['openstack']],
  packages: [['python3-vitrageclient'], ['python3-openstackclient']],
};

/** What a command came to. */
export interface ClientRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MS = 120_000;

/** Runs `vitrage` or `openstack`, with nothing of this machine's own settings. */
export function runClient(
  program: 'vitrage' | 'openstack',
  words: readonly string[],
  env: { readonly [name: string]: string },
): Promise<ClientRun> {
  const path = findProgram(program)!;
  const surroundings = {
    PATH: process.env['PATH'] ?? '',
    HOME: env['HOME'] ?? '/nonexistent',
    LC_ALL: 'C.UTF-8',
    ...env,
  };
  return new Promise((settle) => {
    execFile(path, [...words], { env: surroundings, timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      settle({ code, stdout, stderr });
    });
  });
}
