import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Cleans up after this process, however it ends: a small shell that waits until its standard input
 * closes (which the operating system does when this process dies), then runs the last command line
 * that it was given, and removes a folder.
 */
export class Guardian {
  private readonly shell: ChildProcess;
  private readonly gone: Promise<void>;

  constructor(folder: string) {
    const script = 'while IFS= read -r line; do last=$line; done; eval "$last"; rm -rf -- "$1"';
    // A group of its own, so that Ctrl-C reaches the tests and not what cleans up after them.
    this.shell = spawn('/bin/sh', ['-c', script, 'guardian', folder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.gone = new Promise((resolve) => this.shell.on('exit', () => resolve()));
    this.shell.on('error', () => undefined);
    this.shell.unref();
    (this.shell.stdin as unknown as { unref?(): void }).unref?.();
  }

  /** What is to be run at the end; replaces what was said before. One line of shell. */
  atEnd(command: string): void {
    this.shell.stdin?.write(`${command}\n`);
  }

  /** Ends the watch now: the last command runs, the folder goes. */
  async finish(): Promise<void> {
    this.shell.stdin?.end();
    this.shell.ref();
    await this.gone;
  }
}
