import type { RejectedView } from '@wherefore/contract';
import { withDesk } from '../sources/chooseDesk';
import type { DeskOptions } from '../sources/desk';
import type { Terminal } from '../terminal/terminal';
import { clip, plain } from '../terminal/text';
import { formatInstant } from '../time/formatTime';

export interface RejectedOptions extends DeskOptions {
  readonly limit: number;
  readonly json?: boolean;
}

/** `wherefore rejected`: what was refused and why, the newest first. */
export async function rejected(options: RejectedOptions, terminal: Terminal): Promise<void> {
  await withDesk(options, terminal, async (desk) => {
    const answer = await desk.rejected({ limit: options.limit });
    if (options.json === true) return terminal.json(answer);
    if (answer.rejected.length === 0) return terminal.note('Nothing was refused.');
    terminal.data(answer.rejected.map((each) => describe(each, terminal)).join('\n\n'));
  });
}

function describe(refusal: RejectedView, { paint, width, isWindow }: Terminal): string {
  const { at, position, code, message, where, hint, excerpt, entryId, isInputAtFault } = refusal;
  const blame = isInputAtFault ? '' : ` ${paint.red('(a defect of Wherefore: please report it)')}`;
  const lines = [
    `${formatInstant(Date.parse(at))}  ${paint.yellow(code)}${blame}`,
    `  ${plain(message)}${where === undefined ? '' : ` (at ${plain(where)})`}`,
  ];
  if (hint !== undefined) lines.push(`  ${plain(hint)}`);
  lines.push(paint.dim(`  entry ${plain(entryId)}, position ${position}`));
  if (excerpt !== undefined) lines.push(paint.dim(`  ${clip(plain(excerpt), (isWindow ? width : 2_000) - 2)}`));
  return lines.join('\n');
}
