const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g;
const COLOUR = /\u001b\[[0-9;]*m/g;

/**
 * Text of a source, safe to print: whoever names an alarm must not be able to move the cursor, change
 * colours or break a line.
 */
export function plain(text: string): string {
  return text.replace(CONTROL, ' ');
}

/** Columns that a text takes, colours not counted. */
export function widthOf(text: string): number {
  return [...text.replace(COLOUR, '')].length;
}

/** Cuts plain text to a width and shows that it did. */
export function clip(text: string, width: number): string {
  const letters = [...text];
  return letters.length <= width ? text : `${letters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** Fills up with blanks, colours not counted. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

/** `1 alarm`, `2 alarms`, `2 000 alarms`. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${formatNumber(amount)} ${amount === 1 ? one : many}`;
}

/** `12 345`: groups of three, the same in every locale. */
export function formatNumber(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** Joins parts, colours not counted, in lines of a width. Continued lines are indented. */
export function flow(parts: readonly string[], separator: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  parts.forEach((part, at) => {
    const piece = at === parts.length - 1 ? part : part + separator.trimEnd();
    if (line !== '' && widthOf(line) + 1 + widthOf(piece) > width) {
      lines.push(line);
      line = indent + piece;
    } else line = line === '' ? piece : `${line} ${piece}`;
  });
  return line === '' ? lines : [...lines, line];
}
