import { type FSWatcher, watch } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fromStaticFiles, type StaticFile } from '@wherefore/datasources';
import { compareCodeUnits, readText, WhereforeError } from '@wherefore/model';
import type { Timer } from '@wherefore/ports';
import type { Page, PollSource } from './pollSource';

/** An editor writes a file in several steps: a poll comes when it has rested. */
const REST_MS = 250;
const FILE_BYTES_MAX = 16 * 1024 * 1024;

/** A folder of YAML files in Vitrage's format of static datasources. Read again when something in it changes. */
export class StaticSource implements PollSource {
  readonly name = 'static';
  readonly datasources = ['static'];
  /** Of what was read last: names, sizes and times. */
  private readState = '';

  constructor(
    private readonly folder: string,
    private readonly timer: Timer,
  ) {}

  async *read(signal: AbortSignal): AsyncGenerator<Page> {
    const files: StaticFile[] = [];
    this.readState = await this.state();
    for (const name of await this.names()) {
      signal.throwIfAborted();
      files.push({ name, text: await this.text(name) });
    }
    const atMs = this.timer.nowMs();
    const poll = fromStaticFiles(files, new Date(atMs).toISOString());
    if ('code' in poll) throw new WhereforeError('source-unusable', poll.message);
    yield { polls: [poll], atMs };
  }

  async changed(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    let watcher: FSWatcher;
    try {
      watcher = watch(this.folder);
    } catch {
      // It is not there, or cannot be watched: the interval has to do.
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
    }
    try {
      const change = new Promise<void>((resolve, reject) => {
        watcher.once('change', () => resolve());
        watcher.once('error', reject);
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
      change.catch(() => undefined);
      // Something may have changed while nobody watched.
      if ((await this.state()) === this.readState) await change;
    } finally {
      watcher.close();
    }
    await this.timer.sleep(REST_MS, signal);
  }

  private async names(): Promise<string[]> {
    try {
      const names = (await readdir(this.folder)).filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.'));
      return names.sort(compareCodeUnits);
    } catch (cause) {
      throw unreadable(this.folder, cause);
    }
  }

  private async text(name: string): Promise<string> {
    const path = join(this.folder, name);
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch (cause) {
      throw unreadable(path, cause);
    }
    if (bytes.length > FILE_BYTES_MAX) {
      throw new WhereforeError('source-unusable', `${path} has more than ${FILE_BYTES_MAX} bytes`);
    }
    const text = readText(bytes, path);
    if (typeof text === 'string') return text;
    throw new WhereforeError('source-unusable', text.message);
  }

  private async state(): Promise<string> {
    const names = await this.names().catch(() => []);
    const states = names.map(async (name) => {
      const facts = await stat(join(this.folder, name)).catch(() => undefined);
      return [name, facts?.size ?? 0, facts?.mtimeMs ?? 0];
    });
    return JSON.stringify(await Promise.all(states));
  }
}

function unreadable(path: string, cause: unknown): WhereforeError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new WhereforeError('source-unavailable', `${path} cannot be read: ${why}`, {
    hint: 'Check driver.staticFolder, and the permissions.',
    retryable: true,
    cause,
  });
}
