import { renderWhy } from '../rendering/whyAnswer';
import { withDesk } from '../sources/chooseDesk';
import type { DeskOptions } from '../sources/desk';
import type { Terminal } from '../terminal/terminal';
import { readWhen } from '../time/readWhen';

export interface WhyOptions extends DeskOptions {
  readonly on?: string;
  readonly at?: string;
  readonly all?: boolean;
  readonly limit?: number;
  readonly json?: boolean;
}

/** `wherefore why`: the causal tree of an alarm. */
export async function why(alarm: string, options: WhyOptions, terminal: Terminal): Promise<void> {
  const { on, limit } = options;
  const when = readWhen(options.at, terminal);
  await withDesk(options, terminal, async (desk) => {
    const answer = await desk.why({
      alarm,
      ...when,
      ...(on === undefined ? {} : { on }),
      ...(limit === undefined ? {} : { limit }),
    });
    if (options.json === true) terminal.json(answer);
    else terminal.data(renderWhy(answer, terminal, { isFull: options.all === true }));
  });
}
