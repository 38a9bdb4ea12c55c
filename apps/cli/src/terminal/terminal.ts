import { createColors } from 'picocolors';

type Colors = ReturnType<typeof createColors>;

/** What a command writes to, as much of a stream as it needs. */
export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Where a command runs: its streams, its environment, its folder, its clock. */
export interface Surroundings {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly nowMs: () => number;
}

/** Where there is no window; lines are not cut to one then. */
const PIPED_WIDTH = 110;
const WIDTH_MIN = 50;
const WIDTH_MAX = 140;
const PROGRESS_EVERY_MS = 100;
const PROGRESS_EVERY_MS_WITHOUT_WINDOW = 3_000;

/** Data goes to stdout, and whatever is said about it to stderr, so that either can be piped alone. */
export class Terminal {
  /** For stdout. */
  readonly paint: Colors;
  /** For stderr. */
  readonly paintNote: Colors;
  readonly width: number;
  /** Whether data goes to a window, whose width it should fit. */
  readonly isWindow: boolean;
  /** What the process should end with when nothing was thrown. */
  exitCode: number = 0;
  private progressAtMs: number;
  private isProgressShown = false;

  constructor(readonly surroundings: Surroundings) {
    const { stdout, stderr, env } = surroundings;
    this.paint = createColors(mayColour(stdout, env));
    this.paintNote = createColors(mayColour(stderr, env));
    this.isWindow = stdout.isTTY === true;
    // A window that does not know its width says 0.
    const columns = (this.isWindow && stdout.columns) || PIPED_WIDTH;
    this.width = Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, columns));
    // Work that is soon done needs no progress.
    this.progressAtMs = surroundings.nowMs() + (stderr.isTTY === true ? 300 : PROGRESS_EVERY_MS_WITHOUT_WINDOW);
  }

  get nowMs(): number {
    return this.surroundings.nowMs();
  }

  /** Writes data. */
  data(text: string): void {
    this.clearProgress();
    this.surroundings.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Writes data for machines: JSON that people can read, too. */
  json(value: unknown): void {
    this.data(JSON.stringify(value, null, 2));
  }

  /** Says something about the data or the work. */
  note(text: string): void {
    this.clearProgress();
    this.surroundings.stderr.write(`${text}\n`);
  }

  /** The same, less loudly. */
  aside(text: string): void {
    this.note(this.paintNote.dim(text));
  }

  warn(text: string): void {
    this.note(`${this.paintNote.yellow('warning:')} ${text}`);
  }

  /** Shows how far long work has come: one line that changes in a window, now and then a line elsewhere. */
  progress(describe: () => string): void {
    const { stderr, nowMs } = this.surroundings;
    const now = nowMs();
    if (now < this.progressAtMs) return;
    this.progressAtMs = now + (stderr.isTTY === true ? PROGRESS_EVERY_MS : PROGRESS_EVERY_MS_WITHOUT_WINDOW);
    if (stderr.isTTY === true) {
      stderr.write(`\r\u001b[2K${this.paintNote.dim(describe())}`);
      this.isProgressShown = true;
    } else stderr.write(`${describe()}\n`);
  }

  private clearProgress(): void {
    if (!this.isProgressShown) return;
    this.isProgressShown = false;
    this.surroundings.stderr.write('\r\u001b[2K');
  }
}

function mayColour(stream: TextSink, env: Surroundings['env']): boolean {
  if ((env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return false;
  return stream.isTTY === true;
}
