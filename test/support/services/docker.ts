import { spawnSync } from 'node:child_process';

/** Whether a Docker engine answers, not only the client. */
export function dockerRuns(): boolean {
  const child = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], {
    encoding: 'utf8',
    timeout: 10_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return child.status === 0 && child.stdout.trim() !== '';
}

/** Runs `docker` with these words; gives what it printed. Throws with what it said instead. */
export function docker(...words: readonly string[]): string {
  const child = spawnSync('docker', words, { encoding: 'utf8' });
  if (child.status === 0) return child.stdout.trim();
  throw new Error(`docker ${words[0]} failed: ${`${child.stderr}`.trim() || child.error?.message}`);
}

/** Fetches an image that is not there yet, and says so on stderr first. */
export function fetchImage(image: string): void {
  if (spawnSync('docker', ['image', 'inspect', image], { stdio: 'ignore' }).status === 0) return;
  process.stderr.write(`Fetching the Docker image ${image}.\n`);
  docker('pull', '--quiet', image);
}
