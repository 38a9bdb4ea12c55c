import type { JsonObject } from '@wherefore/model';
import type { Actor } from './actor';
import type { Faults } from './checks';

const FATAL = 60;
/** What Node or the host says of a defect. */
const DEFECT = /a defect of Wherefore|BrokenInvariant|UnhandledPromise|unhandledRejection|\(node:\d+\) \w*Warning/;

/** Processes that ended by themselves, met a defect, or told a secret. */
export function processFaults(actors: readonly Actor[], secrets: readonly string[]): Faults {
  return actors.flatMap(({ name, runs }) =>
    runs.flatMap(({ process, wasEnded }, place): Faults => {
      const run = runs.length === 1 ? name : `${name}, run ${place + 1}`;
      const written = process.written();
      const fatal = process.log().find(({ level }) => Number(level) >= FATAL);
      const defect = DEFECT.exec(written);
      return [
        ...(!wasEnded && !process.isRunning() ? [`${run} ended by itself: ${lastLine(process.log(), written)}`] : []),
        ...(fatal === undefined ? [] : [`${run} said: ${JSON.stringify(fatal).slice(0, 1_500)}`]),
        ...(defect === null ? [] : [`${run} said: ${written.slice(defect.index, defect.index + 600)}`]),
        ...secrets.filter((secret) => written.includes(secret)).map(() => `${run} wrote a secret into its log`),
      ];
    }),
  );
}

function lastLine(log: readonly JsonObject[], written: string): string {
  return (JSON.stringify(log.at(-1)) ?? written.slice(-300)).slice(0, 600);
}

/** What processes warned of, and how often: for the report. */
export function warningCounts(actors: readonly Actor[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { role, runs } of actors) {
    for (const { process } of runs) {
      for (const { level, msg, code } of process.log()) {
        if (Number(level) < 40) continue;
        const text = `${role}: ${typeof code === 'string' ? `${code}: ` : ''}${generalised(String(msg))}`;
        counts.set(text, (counts.get(text) ?? 0) + 1);
      }
    }
  }
  return new Map([...counts].sort(([, a], [, b]) => b - a));
}

/** Without what differs from one time to the next. */
function generalised(text: string): string {
  return text.replaceAll(/\d+(\.\d+)*/g, 'N').slice(0, 160);
}
