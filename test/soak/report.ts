import type { Verdict } from './verdict';

/** What a run came to, for people. */
export function describeVerdict({ checks, figures, warnings }: Verdict): string {
  const width = Math.max(...figures.map(([name]) => name.length));
  const marked = checks.flatMap(({ name, faults }) => [
    `${faults.length === 0 ? '✓' : '✗'} ${name}`,
    ...faults.map((fault) => `    ${fault}`),
  ]);
  const warned = [...warnings].slice(0, 20).map(([text, count]) => `  ${String(count).padStart(5)} × ${text}`);
  return [
    ...figures.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    '',
    ...marked,
    ...(warned.length === 0 ? [] : ['', 'What the processes warned of:', ...warned]),
  ].join('\n');
}
