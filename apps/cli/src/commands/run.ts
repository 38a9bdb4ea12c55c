import { WhereforeError } from '@wherefore/model';
import { checkReadable } from '../run/eventLines';
import { type RefusedLine, runEngine } from '../run/runEngine';
import { readTemplateFiles } from '../run/templateFiles';
import { formatVerdict, validateFiles } from '../run/validateFiles';
import type { Terminal } from '../terminal/terminal';
import { parseInstant } from '../time/parseInstant';

export interface RunOptions {
  readonly templates: readonly string[];
  readonly events: readonly string[];
  readonly start: string;
}

const REFUSED_LINES_SHOWN = 50;
const ABSOLUTE_TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)\s*(Z|[+-]\d\d:\d\d)?)?$/;

/** `wherefore run`: driver events from files through an engine in memory, the states as JSON on stdout. */
export function run(options: RunOptions, terminal: Terminal): void {
  const startMs = parseStart(options.start);
  const files = readTemplateFiles(options.templates);
  const faults = validateFiles(files).filter(({ isValid }) => !isValid);
  if (faults.length > 0) {
    throw new WhereforeError('invalid-template', faults.map(formatVerdict).join('\n'), {
      hint: 'A run starts only with templates that are all valid.',
    });
  }
  for (const file of options.events) checkReadable(file);
  const refused = new RefusedLines(terminal);
  let states = 0;
  const sources = files.map(({ source }) => source);
  terminal.data('[');
  runEngine(sources, options.events, startMs, {
    onState: (state) => {
      states += 1;
      terminal.data(`${JSON.stringify(state)}${states < options.events.length ? ',' : ''}`);
    },
    onRefused: (line) => refused.report(line),
    onSuspended: ({ file, line, scenarioId, reason }) =>
      terminal.warn(`${file}:${line}: ${scenarioId} is suspended, and what it deduced is gone: ${reason}.`),
    onProgress: (file, events) => terminal.progress(() => `${file}: ${events} events`),
  });
  terminal.data(']');
  refused.summarise();
}

/** No wall clock and no zone of this machine: an absolute time, in UTC when it names no zone. */
function parseStart(text: string): number {
  const match = ABSOLUTE_TIME.exec(text.trim());
  if (match === null) {
    throw new WhereforeError('invalid-time', `"${text}" is not an absolute time`, {
      hint: `A run reads no clock: write the start as 2026-11-21T00:00:00Z.`,
    });
  }
  const [, day = '', clock = '00:00', zone = 'Z'] = match;
  const written = `${day}T${clock}${zone}`;
  // Says what is wrong with a day or an hour that does not exist, which Date would bend.
  parseInstant(written, 0);
  return Date.parse(written);
}

/** Tells of lines that changed nothing: each of the first ones, and the number of the rest. */
class RefusedLines {
  private count = 0;

  constructor(private readonly terminal: Terminal) {}

  report({ file, line, rejection }: RefusedLine): void {
    this.count += 1;
    if (this.count > REFUSED_LINES_SHOWN) return;
    const { code, message, where, hint } = rejection;
    const place = where === undefined ? '' : ` (at ${where})`;
    this.terminal.note(`${file}:${line}: ${code}: ${message}${place}${hint === undefined ? '' : `. ${hint}`}`);
  }

  summarise(): void {
    if (this.count === 0) return;
    const more = this.count > REFUSED_LINES_SHOWN ? `, of which the first ${REFUSED_LINES_SHOWN} are listed` : '';
    this.terminal.warn(
      `${this.count} ${this.count === 1 ? 'line was' : 'lines were'} refused and changed nothing${more}.`,
    );
  }
}
