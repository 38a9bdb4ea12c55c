import { parseDuration } from '@wherefore/contract';
import { WhereforeError } from '@wherefore/model';
import { renderLog } from '../rendering/logAnswer';
import { withDesk } from '../sources/chooseDesk';
import type { DeskOptions } from '../sources/desk';
import type { Terminal } from '../terminal/terminal';
import { count, plain } from '../terminal/text';
import { formatInstant, inLocalTime } from '../time/formatTime';
import { readWhen } from '../time/readWhen';

export interface LogOptions extends DeskOptions {
  readonly at?: string;
  readonly around: string;
  readonly about?: string;
  readonly limit?: number;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `wherefore log`: the entries around a moment, and what became of each. */
export async function log(options: LogOptions, terminal: Terminal): Promise<void> {
  const { about, limit, all = false } = options;
  const { atMs = terminal.nowMs } = readWhen(options.at, terminal);
  const aroundMs = parseDuration(options.around);
  if (aroundMs === undefined) {
    throw new WhereforeError('usage', `"${options.around}" is no length of time`, {
      hint: 'Write for instance --around 5m, 90s, 1.5h.',
    });
  }
  await withDesk(options, terminal, async (desk) => {
    const answer = await desk.log({
      atMs,
      aroundMs,
      ticks: all,
      ...(about === undefined ? {} : { about }),
      ...(limit === undefined ? {} : { limit }),
    });
    if (options.json === true) return terminal.json(answer);
    const [from, to] = [answer.from, answer.to].map((time) => formatInstant(Date.parse(time)));
    terminal.aside(`${from} → ${to}`);
    for (const warning of answer.warnings) terminal.warn(inLocalTime(plain(warning)));
    if (answer.entries.length === 0) return terminal.note('No entries.');
    terminal.data(renderLog(answer, terminal, all));
    terminal.aside(count(answer.entries.length + answer.omittedBefore + answer.omittedAfter, 'entry', 'entries'));
  });
}
