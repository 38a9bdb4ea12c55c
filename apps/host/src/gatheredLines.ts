/** By this pino knows that the destination wants to be told of what level a line is. */
const WANTS_LEVEL = Symbol.for('pino.metadata');
/** As pino numbers its levels. */
const INFO = 30;
/** How long a line of no urgency waits for others. */
const GATHER_MS = 20;
const GATHERED_CHARS_MAX = 16 * 1024;

/** All that were ever opened: what they hold is written when the process ends. */
const opened = new Set<GatheredLines>();

/**
 * Lines of a log that are written together: a system call for each line of the access log takes as long as half an
 * answer. A warning, or worse, is written at once, with what came before it; so is whatever is left when somebody asks
 * for it, or the process ends. One that is killed takes the last 20 ms with it.
 */
export class GatheredLines {
  readonly [WANTS_LEVEL] = true;
  /** Of the next line; set by pino. */
  lastLevel = INFO;
  private text = '';
  private due: NodeJS.Timeout | undefined;

  constructor(private readonly put: (lines: string) => void) {
    if (opened.size === 0) process.once('exit', flushAll);
    opened.add(this);
  }

  write(line: string): void {
    this.text += line;
    if (this.lastLevel > INFO || this.text.length >= GATHERED_CHARS_MAX) return this.flush();
    this.due ??= setTimeout(() => this.flush(), GATHER_MS).unref();
  }

  flush(): void {
    clearTimeout(this.due);
    this.due = undefined;
    const { text } = this;
    this.text = '';
    if (text !== '') this.put(text);
  }
}

function flushAll(): void {
  for (const lines of opened) lines.flush();
}
