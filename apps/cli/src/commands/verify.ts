import { resolve } from 'node:path';
import { formatPosition } from '@wherefore/model';
import {
  engineMachine,
  type SnapshotCheck,
  UNSOUND,
  type Verdict,
  type VerifyReport,
  verifyReplay,
} from '@wherefore/runtime';
import { openReader } from '@wherefore/sqlite';
import { existingFolder } from '../sources/chooseDesk';
import { describeReplay } from '../sources/storeDesk';
import { withProgress } from '../sources/storeHost';
import { EXIT } from '../terminal/exitCodes';
import { type Column, formatTable } from '../terminal/table';
import type { Terminal } from '../terminal/terminal';
import { count, formatNumber } from '../terminal/text';

export interface VerifyOptions {
  readonly store?: string;
  readonly json?: boolean;
}

const MEANINGS: { readonly [verdict in Verdict]: string } = {
  'match': 'the replay reached the same hash',
  'mismatch': 'the replay reached ANOTHER hash',
  'other-version': 'made by another version: it proves nothing',
  'damaged': 'the replay agrees, but the stored bytes are damaged; it is passed over',
  'other-content': 'the replay agrees, but what the snapshot holds is NOT what its hash says',
  'not-in-log': 'no entry of the log has its position',
};

/** `wherefore verify`: replays a store and holds it against its snapshots. */
export async function verify(options: VerifyOptions, terminal: Terminal): Promise<void> {
  const { store } = options;
  const { cwd } = terminal.surroundings;
  const folder = store === undefined ? await existingFolder(terminal) : resolve(cwd, store);
  const reader = await openReader({ folder });
  try {
    terminal.aside(`verifying the store in ${folder}`);
    const total = await reader.archive.count();
    const archive = withProgress(reader.archive, (at) => terminal.progress(() => describeReplay(at, total)));
    const report = await verifyReplay(engineMachine, { archive, snapshots: reader.snapshots });
    if (options.json === true) terminal.json(toJson(report));
    else render(report, terminal);
    if (!report.isSound) terminal.exitCode = EXIT.failure;
  } finally {
    await reader.close();
  }
}

function render(report: VerifyReport, terminal: Terminal): void {
  const { paint } = terminal;
  const { checks, replayed, stateHash, to, isSound } = report;
  if (checks.length > 0) terminal.data(`${formatTable(checks, columns(terminal), terminal)}\n`);
  const proven = checks.filter(({ verdict }) => verdict === 'match').length;
  const reached = `${count(replayed, 'entry', 'entries')} replayed to position ${formatPosition(to)}, hash ${stateHash}`;
  const wrong = checks.filter(({ verdict }) => UNSOUND.has(verdict)).length;
  terminal.data(`${describeVerdict(isSound, { proven, wrong, all: checks.length }, paint)}; ${reached}.`);
  if (!isSound) terminal.note('Keep the store and report it: it is a defect, or the entries were altered.');
}

function describeVerdict(
  isSound: boolean,
  { proven, wrong, all }: { readonly proven: number; readonly wrong: number; readonly all: number },
  paint: Terminal['paint'],
): string {
  if (!isSound) return `${paint.red('NOT SOUND')}: ${count(wrong, 'snapshot')} of ${formatNumber(all)} not reached`;
  if (all === 0) return `${paint.yellow('nothing to compare with')}: there are no snapshots yet`;
  return `${paint.green('sound')}: ${count(proven, 'snapshot')} of ${formatNumber(all)} reached again`;
}

function columns({ paint }: Terminal): Column<SnapshotCheck>[] {
  const paintVerdict = (text: string, { verdict }: SnapshotCheck): string => {
    if (verdict === 'match') return paint.green(text);
    return UNSOUND.has(verdict) ? paint.red(text) : paint.yellow(text);
  };
  return [
    { title: 'SNAPSHOT', value: ({ position }) => formatPosition(position) },
    { title: 'ENTRIES', value: ({ ordinal }) => formatNumber(ordinal), align: 'right' },
    { title: 'RECORDED', value: ({ recordedHash }) => recordedHash, paint: (text) => paint.dim(text) },
    { title: 'REPLAYED', value: ({ replayedHash }) => replayedHash, paint: (text) => paint.dim(text) },
    { title: 'VERDICT', value: ({ verdict }) => verdict, paint: paintVerdict },
    { title: '', value: ({ verdict }) => MEANINGS[verdict] },
  ];
}

function toJson({ from, to, checks, ...rest }: VerifyReport): unknown {
  return {
    ...rest,
    from: formatPosition(from),
    to: formatPosition(to),
    checks: checks.map(({ position, ...check }) => ({ position: formatPosition(position), ...check })),
  };
}
