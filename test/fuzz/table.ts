/** What mutants came to, as lines: a row for each kind of mutation, a column for each verdict. */
export function table(tally: { readonly [kind: string]: { readonly [verdict: string]: number } }): string {
  const verdicts = [...new Set(Object.values(tally).flatMap((row) => Object.keys(row)))].sort();
  const columns = ['entries', 'ignored', ...verdicts.filter((each) => each !== 'entries' && each !== 'ignored')];
  const rows = Object.keys(tally)
    .sort()
    .map((kind) => [kind, ...columns.map((column) => tally[kind]![column] ?? 0)]);
  const totals = columns.map((column) => Object.values(tally).reduce((sum, row) => sum + (row[column] ?? 0), 0));
  const lines = [['mutation', ...columns], ...rows, ['total', ...totals]].map((line) => line.map(String));
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '),
    )
    .join('\n');
}
