import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { ROLE_NODE_FLAGS } from '@wherefore/host';
import { Guardian } from './services/guardian';
import { projectFolder } from './services/projectFolder';

const RESTART_MS = 1000;
const STOP_DEADLINE_MS = 20_000;

/** A process with one role, which is started again whenever it ends by itself. Its log is a file. */
export class RoleProcess {
  private child: ChildProcess | undefined;
  private isStopping = false;
  private restarting: NodeJS.Timeout | undefined;
  private readonly guardian: Guardian;

  constructor(
    /** As its log is called: `processor-1`. */
    readonly name: string,
    private readonly role: string,
    private readonly folder: string,
    private readonly config: string,
    private readonly env: { readonly [name: string]: string },
    private readonly say: (text: string) => void,
  ) {
    // However this program ends, the role ends with it.
    this.guardian = new Guardian(path.join(folder, `${name}.pid`));
  }

  start(): void {
    const log = openSync(path.join(this.folder, `${this.name}.log`), 'a');
    const program = path.join(projectFolder(), 'apps/cli/bin/wherefore.js');
    const args = [...ROLE_NODE_FLAGS, program, this.role, '--config', this.config];
    const child = spawn(process.execPath, args, {
      // Ctrl-C is for this program, which ends the roles one after the other.
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...this.env },
    });
    closeSync(log);
    this.child = child;
    if (child.pid !== undefined) this.guardian.atEnd(`kill -9 ${child.pid}`);
    child.once('exit', (code, signal) => {
      this.guardian.atEnd(':');
      if (this.isStopping) return;
      this.say(`${this.name} ended (${signal ?? `exit code ${code}`}); it is started again`);
      this.restarting = setTimeout(() => this.start(), RESTART_MS);
    });
  }

  /** Asks it to end, and waits until it has. */
  async stop(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.restarting);
    const { child } = this;
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      const insist = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
      child.kill('SIGTERM');
      await gone;
      clearTimeout(insist);
    }
    await this.guardian.finish();
  }
}
