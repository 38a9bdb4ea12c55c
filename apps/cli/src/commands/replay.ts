import { parseDuration } from '@wherefore/contract';
import { formatPosition, ORIGIN, parsePosition, WhereforeError } from '@wherefore/model';
import type { LogEntrance } from '@wherefore/rabbitmq';
import { machineTimer } from '@wherefore/runtime';
import { asFromSource } from '../replaying/asFromSources';
import { describePace, type Pace, type PeriodSize, readPace, secondsToNow } from '../replaying/pace';
import { entriesOf, type PeriodBounds } from '../replaying/period';
import { goOnFrom, Relay, type RelayTarget } from '../replaying/relay';
import { byName, describeReplay, type ReplayReport } from '../replaying/replayReport';
import { openReplayed, type Replayed, type SourceOptions } from '../replaying/replaySource';
import {
  openTarget,
  refuseSameAddress,
  refuseSameLog,
  targetName,
  type TargetOptions,
} from '../replaying/replayTarget';
import { EXIT } from '../terminal/exitCodes';
import type { Terminal } from '../terminal/terminal';
import { count, formatNumber } from '../terminal/text';
import { formatInstant } from '../time/formatTime';
import { parseInstant } from '../time/parseInstant';

export interface ReplayOptions extends SourceOptions, TargetOptions {
  /** A time, or the position of an entry. */
  readonly from?: string;
  readonly to?: string;
  readonly speed?: string;
  readonly rate?: string;
  readonly shiftTo?: string;
  readonly shiftBy?: string;
  readonly eventsOnly?: boolean;
  readonly wait: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** What the command line asks for, read. */
interface Plan {
  readonly bounds: PeriodBounds;
  readonly pace: Pace;
  /** Absent when it has to be reckoned. */
  readonly shiftSeconds: number | undefined;
  readonly eventsOnly: boolean;
  readonly waitMs: number;
  readonly target: string;
}

/** `wherefore replay`: the entries of a period, pushed onto another broker as their sources would. */
export async function replay(options: ReplayOptions, terminal: Terminal): Promise<void> {
  const plan = planOf(options, terminal);
  const source = await openReplayed(options, terminal);
  try {
    terminal.aside(`replaying ${source.name}`);
    refuseSameAddress(source, options);
    const entrance = await openTarget(options);
    try {
      if (options.dryRun !== true) await refuseSameLog(source, entrance, options, terminal);
      await untilInterrupted((signal) => push(source, entrance, { options, plan, signal }, terminal));
    } finally {
      await entrance.close();
    }
  } finally {
    await source.close();
  }
}

interface Errand {
  readonly options: ReplayOptions;
  readonly plan: Plan;
  readonly signal: AbortSignal;
}

async function push(source: Replayed, entrance: LogEntrance, errand: Errand, terminal: Terminal): Promise<void> {
  const { options, plan, signal } = errand;
  const size = await measure(source, errand, terminal);
  const shiftSeconds = plan.shiftSeconds ?? secondsToNow(plan.pace, size, terminal.nowMs);
  const startedMs = machineTimer.nowMs();
  // A dry run does all but send, and does not wait.
  const isDryRun = options.dryRun === true;
  const target: RelayTarget = isDryRun ? { append: async () => undefined } : entrance;
  const relay = new Relay(target, machineTimer, {
    ...{ shiftSeconds, eventsOnly: plan.eventsOnly, signal, waitMs: plan.waitMs },
    pace: isDryRun ? 'max' : plan.pace,
    onProgress: ({ sent, logTimeMs }) =>
      terminal.progress(
        () => `replaying: ${formatNumber(sent)} of ${formatNumber(size.entries)}, at ${formatInstant(logTimeMs)}`,
      ),
    onTrouble: (trouble) => {
      if (trouble === undefined) terminal.note('The target is there again.');
      else terminal.warn(`${trouble.message}; waiting for it`);
    },
  });
  let isComplete = false;
  try {
    isComplete = await relay.run(entriesOf(source, plan.bounds));
  } catch (error) {
    throw error instanceof WhereforeError ? withAdvice(error, relay, shiftSeconds, options) : error;
  } finally {
    report(
      { source, errand, size, shiftSeconds, relay, isComplete, tookMs: machineTimer.nowMs() - startedMs },
      terminal,
    );
  }
  if (isComplete) return;
  terminal.warn(`The replay was interrupted after ${count(relay.count, 'entry', 'entries')}.`);
  terminal.note(advice(relay, shiftSeconds, options));
  terminal.exitCode = EXIT.failure;
}

/** Reads the period once: how much there is, and when, has to be known before times are moved and progress is told. */
async function measure(source: Replayed, { plan, signal }: Errand, terminal: Terminal): Promise<PeriodSize> {
  const size = { entries: 0, firstLogTimeMs: 0, lastLogTimeMs: 0 };
  let read = 0;
  for await (const entry of entriesOf(source, plan.bounds)) {
    if (signal.aborted) break;
    read += 1;
    if (read % 100 === 0) {
      terminal.progress(() => `reading the period: ${formatNumber(read)}, at ${formatInstant(entry.logTimeMs)}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (typeof asFromSource(entry, { shiftSeconds: 0, eventsOnly: plan.eventsOnly }) === 'string') continue;
    if (size.entries === 0) size.firstLogTimeMs = entry.logTimeMs;
    size.entries += 1;
    size.lastLogTimeMs = entry.logTimeMs;
  }
  return size;
}

interface Outcome {
  readonly source: Replayed;
  readonly errand: Errand;
  readonly size: PeriodSize;
  readonly shiftSeconds: number;
  readonly relay: Relay;
  readonly isComplete: boolean;
  readonly tookMs: number;
}

function report({ source, errand, size, shiftSeconds, relay, isComplete, tookMs }: Outcome, terminal: Terminal): void {
  const { options, plan } = errand;
  const [from, to] = [size.firstLogTimeMs, size.lastLogTimeMs].map((ms) => new Date(ms).toISOString()) as [
    string,
    string,
  ];
  const answer: ReplayReport = {
    ...{ source: source.name, target: plan.target, exchange: options.exchange },
    period: size.entries === 0 ? { entries: 0 } : { entries: size.entries, from, to },
    ...{ speed: describePace(plan.pace), shiftSeconds },
    sent: { entries: relay.count, byKind: byName(relay.sent) as ReplayReport['sent']['byKind'] },
    ...{
      leftOut: byName(relay.leftOut),
      repeated: relay.repeated,
      tookMs,
      isDryRun: options.dryRun === true,
      isComplete,
    },
    ...(isComplete ? {} : { goOnFrom: nextOf(relay, options) }),
  };
  if (options.json === true) terminal.json(answer);
  else terminal.data(describeReplay(answer, terminal));
}

function planOf(options: ReplayOptions, terminal: Terminal): Plan {
  const bounds = boundsOf(options, terminal);
  const waitMs = parseDuration(options.wait);
  if (waitMs === undefined) throw noLength('--wait', options.wait);
  if (options.shiftTo !== undefined && options.shiftTo !== 'now') {
    throw new WhereforeError('usage', `--shift-to takes now, and not "${options.shiftTo}"`, {
      hint: 'Write --shift-to now, or --shift-by with a length of time such as 24h.',
    });
  }
  const shiftSeconds = options.shiftTo === 'now' ? undefined : shiftOf(options.shiftBy);
  const { eventsOnly = false } = options;
  return { bounds, pace: readPace(options), shiftSeconds, eventsOnly, waitMs, target: targetName(options) };
}

function shiftOf(text: string | undefined): number {
  if (text === undefined) return 0;
  const isBack = text.startsWith('-');
  const ms = parseDuration(isBack ? text.slice(1) : text);
  if (ms === undefined || ms % 1000 !== 0) throw noLength('--shift-by', text);
  return (isBack ? -ms : ms) / 1000;
}

function noLength(option: string, text: string): WhereforeError {
  return new WhereforeError('usage', `"${text}" is no length of time that ${option} takes`, {
    hint: `Write for instance ${option} 90s, 5m, 24h.`,
  });
}

/** A period is whole minutes, seconds, days: from the beginning of what `--from` names to the end of what `--to` names. */
function boundsOf({ from, to }: ReplayOptions, terminal: Terminal): PeriodBounds {
  const end = to === undefined ? undefined : parseInstant(to, terminal.nowMs);
  if (end?.note !== undefined) terminal.warn(end.note);
  const upTo = end === undefined ? {} : { toMs: end.atMs };
  if (from === undefined) return { from: 'first', ...upTo };
  if (/^\d+\.\d+\.\d+$/.test(from)) return { from: { position: parsePosition(from) }, ...upTo };
  const begin = parseInstant(from, terminal.nowMs);
  if (begin.note !== undefined) terminal.warn(begin.note);
  if (end !== undefined && end.atMs < begin.startMs) {
    throw new WhereforeError(
      'usage',
      `--to ${formatInstant(end.atMs)} lies before --from ${formatInstant(begin.startMs)}`,
    );
  }
  return { from: { atMs: begin.startMs }, ...upTo };
}

/** What `--from` has to be to go on: where it began, as long as nothing was dealt with. */
function nextOf(relay: Relay, { from }: ReplayOptions): string {
  return relay.position === undefined ? (from ?? formatPosition(ORIGIN)) : goOnFrom(relay.position);
}

function advice(relay: Relay, shiftSeconds: number, options: ReplayOptions): string {
  const shift = shiftSeconds === 0 ? '' : `, and --shift-by ${shiftSeconds}s in place of --shift-to`;
  return `To go on: the same command with --from "${nextOf(relay, options)}"${shift}. What the target has already changes nothing.`;
}

function withAdvice(error: WhereforeError, relay: Relay, shiftSeconds: number, options: ReplayOptions): WhereforeError {
  const sent = `${count(relay.count, 'entry', 'entries')} were pushed`;
  return new WhereforeError(error.code, `${error.message}; ${sent}`, {
    hint: `${error.hint ?? ''} ${advice(relay, shiftSeconds, options)}`.trim(),
    data: { goOnFrom: nextOf(relay, options), sent: relay.count },
    cause: error,
  });
}

async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    await work(interrupted.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
