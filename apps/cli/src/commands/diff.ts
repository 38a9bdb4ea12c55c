import { WhereforeError } from '@wherefore/model';
import { describeSpan, renderDiff, summariseDiff } from '../rendering/diffAnswer';
import { withDesk } from '../sources/chooseDesk';
import type { DeskOptions } from '../sources/desk';
import type { Terminal } from '../terminal/terminal';
import { plain } from '../terminal/text';
import { formatInstant, inLocalTime } from '../time/formatTime';
import { readWhen } from '../time/readWhen';

export interface DiffOptions extends DeskOptions {
  readonly from: string;
  readonly to?: string;
  readonly type?: string;
  readonly about?: string;
  readonly json?: boolean;
}

/** `wherefore diff`: what differs between two moments, and which entries made it so. */
export async function diff(options: DiffOptions, terminal: Terminal): Promise<void> {
  const { type, about } = options;
  const { atMs: fromMs = terminal.nowMs } = readWhen(options.from, terminal);
  const { atMs: toMs } = readWhen(options.to, terminal);
  if (toMs !== undefined && toMs < fromMs) {
    throw new WhereforeError('usage', `--to ${formatInstant(toMs)} lies before --from ${formatInstant(fromMs)}`, {
      hint: 'A difference is told from the earlier moment to the later one.',
    });
  }
  await withDesk(options, terminal, async (desk) => {
    const answer = await desk.diff({
      fromMs,
      ...(toMs === undefined ? {} : { toMs }),
      ...(type === undefined ? {} : { type }),
      ...(about === undefined ? {} : { about }),
    });
    if (options.json === true) return terminal.json(answer);
    terminal.aside(describeSpan(answer));
    for (const warning of answer.to.warnings) terminal.warn(inLocalTime(plain(warning)));
    const text = renderDiff(answer, terminal);
    if (text === '') terminal.note('Nothing is different.');
    else terminal.data(text);
    terminal.aside(summariseDiff(answer));
  });
}
