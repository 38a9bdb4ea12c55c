import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { formatPosition } from '@wherefore/model';
import type { Verdict } from './verdict';

/** Writes down what a run that failed leaves: every log, every entry, everything that was heard. Gives the folder. */
export function keepEvidence({ remains, entries }: Verdict): string {
  const { stand, ears, busEars, weather, rest } = remains;
  const folder = mkdtempSync(path.join(tmpdir(), 'wherefore-soak-evidence-'));
  const keep = (name: string, lines: readonly unknown[]): void => {
    const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    writeFileSync(path.join(folder, name), `${texts.join('\n')}\n`);
  };
  for (const { name, runs } of stand.actors) {
    runs.forEach(({ process }, place) => keep(`${name}.run-${place + 1}.log`, [process.written()]));
  }
  keep(
    'entries.ndjson',
    entries.map(({ position, entry, outcome }) => ({ at: formatPosition(position), outcome: outcome.kind, entry })),
  );
  keep('bus.ndjson', busEars.heard);
  for (const [name, heard] of ears.heard) keep(`webhook-${name.slice(1)}.ndjson`, heard);
  keep('weather.ndjson', weather.struck);
  keep('confirmed.ndjson', rest.confirmed);
  return folder;
}
