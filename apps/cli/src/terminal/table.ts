import { clip, pad, plain, widthOf } from './text';
import type { Terminal } from './terminal';

/** One column: its title, what a row shows in it, and how. */
export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string;
  /** Colours a cell after it was laid out. */
  readonly paint?: (text: string, row: T) => string;
  readonly align?: 'left' | 'right';
  /** Gives way when the window is narrow. */
  readonly isFlexible?: boolean;
  /** Left out when the window is too narrow for it. */
  readonly isOptional?: boolean;
}

const GAP = '  ';
const FLEXIBLE_WIDTH_MIN = 12;

/** Rows as a table that fits the window. Columns without any value are left out. */
export function formatTable<T>(rows: readonly T[], columns: readonly Column<T>[], terminal: Terminal): string {
  const cells = rows.map((row) => columns.map(({ value }) => plain(value(row))));
  const used = columns.map((_, at) => rows.length === 0 || cells.some((row) => row[at] !== ''));
  const widths = columns.map(({ title }, at) => Math.max(widthOf(title), ...cells.map((row) => widthOf(row[at]!))));
  shrink(widths, columns, used, terminal.isWindow ? terminal.width : Infinity);
  const lay = (texts: readonly string[], paint: (text: string, at: number) => string): string =>
    texts
      .flatMap((text, at) => {
        if (!used[at]) return [];
        const laid = pad(clip(text, widths[at]!), widths[at]!, columns[at]!.align);
        return [paint(laid, at)];
      })
      .join(GAP)
      .trimEnd();
  const titles = columns.map(({ title }) => title);
  const head = lay(titles, (text) => terminal.paint.dim(text));
  const body = rows.map((row, i) => lay(cells[i]!, (text, at) => columns[at]!.paint?.(text, row) ?? text));
  return [head, ...body].join('\n');
}

/** Leaves out optional columns, then takes what is too much from the flexible ones, the widest first. */
function shrink<T>(widths: number[], columns: readonly Column<T>[], used: boolean[], limit: number): void {
  const total = (): number => widths.reduce((sum, width, at) => sum + (used[at] ? width + GAP.length : 0), -GAP.length);
  for (let at = columns.length - 1; at >= 0 && total() > limit; at -= 1)
    if (columns[at]!.isOptional === true) used[at] = false;
  for (let excess = total() - limit; excess > 0; excess = total() - limit) {
    let widest = -1;
    columns.forEach(({ isFlexible }, at) => {
      if (isFlexible !== true || !used[at] || widths[at]! <= FLEXIBLE_WIDTH_MIN) return;
      if (widest < 0 || widths[at]! > widths[widest]!) widest = at;
    });
    if (widest < 0) return;
    widths[widest]! -= 1;
  }
}
