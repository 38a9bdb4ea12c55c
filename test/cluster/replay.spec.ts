import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type EngineState, reportState } from '@wherefore/engine';
import { comparePositions, type NewEntry, ORIGIN } from '@wherefore/model';
import { engineMachine, Follower, Replayer } from '@wherefore/runtime';
import { openReader, openStore } from '@wherefore/sqlite';
import { buildExample } from '../../apps/cli/src/example/exampleCloud';
import { type Finished, finished, runCli, spawnCli, temporaryFolder } from '../cli/cliProcess';
import { type LogOnBroker, openLog, sharedBroker, stopSharedBroker } from '../conformance/rabbitmqLogs';
import { describeWithService } from '../support/shared';
import { rabbitmqNeed, type RabbitmqServer } from '../support/services/rabbitmqServer';
import { eventually } from './processes';

// Each command is a process, and reads the example twice.
jest.setTimeout(120_000);

interface Report {
  readonly sent: { readonly entries: number; readonly byKind: { readonly [kind: string]: number } };
  readonly leftOut: { readonly [reason: string]: number };
  readonly period: { readonly entries: number; readonly from?: string; readonly to?: string };
  readonly shiftSeconds: number;
  readonly repeated: number;
  readonly isComplete: boolean;
  readonly goOnFrom?: string;
}

function reportOf({ code, stdout, stderr }: Finished): Report {
  if (code !== 0) throw new Error(`${code}: ${stderr}`);
  return JSON.parse(stdout) as Report;
}

/** Settles when some messages are in the target's log, and most of them are not. */
async function underWay({ log }: LogOnBroker): Promise<void> {
  await eventually(async () => ((await log.newest()).offset > 40 ? true : undefined), 60_000);
}

/** The story of the example until three minutes after its failure, on a day that is the same in every zone. */
function storyEntries(): readonly NewEntry[] {
  const localYesterday = (_: number, hours: number, minutes: number, seconds: number): number =>
    Date.UTC(2026, 10, 26, hours, minutes, seconds);
  const { entries, failureAtMs } = buildExample({ nowMs: Date.UTC(2026, 10, 27), localYesterday });
  return entries.filter(({ ingestedAtMs }) => ingestedAtMs < failureAtMs + 180_000);
}

function amountsOf(entries: readonly NewEntry[]): { readonly [kind: string]: number } {
  const amounts: { [kind: string]: number } = {};
  for (const { kind } of entries) amounts[kind] = (amounts[kind] ?? 0) + 1;
  return amounts;
}

/** What the target's readers make of its log, as far as it goes now. */
async function followed({ log }: LogOnBroker): Promise<EngineState> {
  const follower = new Follower(log, engineMachine, engineMachine.initialState());
  const stopping = new AbortController();
  const following = follower.run(stopping.signal);
  const newest = await log.newest();
  if (comparePositions(newest, ORIGIN) > 0) await follower.waitForPosition(newest);
  stopping.abort();
  await following;
  return follower.state;
}

describeWithService('a replay of a store onto a broker', rabbitmqNeed, () => {
  const { folder, remove } = temporaryFolder();
  const store = path.join(folder, 'store');
  let broker: RabbitmqServer;
  let source: EngineState;
  const entries = storyEntries();
  const amounts = amountsOf(entries);
  const sentMax = entries.length - amounts['tick']!;

  beforeAll(async () => {
    broker = await sharedBroker();
    const opened = await openStore({ folder: store, create: true });
    for (let at = 0; at < entries.length; at += 1000) await opened.log.append(entries.slice(at, at + 1000));
    await opened.close();
    const reader = await openReader({ folder: store });
    source = (await new Replayer(engineMachine, reader).materialise('newest')).state;
    await reader.close();
  }, 120_000);

  afterAll(async () => {
    await stopSharedBroker();
    remove();
  });

  const commandLine = (target: LogOnBroker, args: readonly string[]): string[] => [
    ...['replay', '--store', store, '--target', broker.url, '--exchange', target.options.stream.exchange],
    ...['--json', ...args],
  ];
  const replay = (target: LogOnBroker, ...args: string[]) => runCli(commandLine(target, args));
  const spawnReplay = (target: LogOnBroker, ...args: string[]) => spawnCli(commandLine(target, args));
  it('gives whoever follows the target the same entities, alarms and causes, and once more changes nothing', async () => {
    const target = await openLog(broker);
    const first = await replay(target, '--speed', 'max');
    const { tick: ticks, ...others } = amounts;
    expect(reportOf(first)).toMatchObject({
      isComplete: true,
      repeated: 0,
      shiftSeconds: 0,
      sent: { entries: sentMax },
    });
    expect(reportOf(first).sent.byKind).toEqual(others);
    // The leader over there has a clock of its own.
    expect(reportOf(first).leftOut).toEqual({ tick: ticks });
    expect(reportState(await followed(target))).toEqual(reportState(source));
    expect(reportOf(await replay(target, '--speed', 'max')).sent.entries).toBe(sentMax);
    expect(reportState(await followed(target))).toEqual(reportState(source));
    await target.close();
  });

  it('tells a period for now, with ids of its own: it can be told once more', async () => {
    const target = await openLog(broker);
    const period = ['--from', '2026-11-26 17:20', '--to', '2026-11-26 17:25', '--speed', 'max', '--shift-to', 'now'];
    const before = Date.now();
    const report = reportOf(await replay(target, ...period));
    const last = await followed(target);
    expect(last.logTimeMs).toBeGreaterThan(before - 2000);
    expect(last.logTimeMs).toBeLessThanOrEqual(Date.now());
    // The polls of the period are complete under their new ids, so what is gone may go.
    const polls = last.polls.outcomes().filter(({ ok }) => ok);
    expect(polls.map(({ datasource }) => datasource)).toContain('nova.host');
    // Another shift, another second: what was told before is not taken for it.
    await delay(1100);
    const again = reportOf(await replay(target, ...period));
    expect(again.shiftSeconds).toBeGreaterThan(report.shiftSeconds);
    const newest = await followed(target);
    expect(newest.ordinal).toBe(last.ordinal * 2);
    expect(newest.logTimeMs).toBeGreaterThan(last.logTimeMs);
    await target.close();
  });

  it('takes a minute as a whole, from its first millisecond to its last', async () => {
    const target = await openLog(broker);
    const report = reportOf(
      await replay(target, '--from', '2026-11-26 17:24', '--to', '2026-11-26 17:24', '--dry-run'),
    );
    const { from, to } = report.period;
    expect([from?.slice(11, 17), to?.slice(11, 17)]).toEqual(['17:24:', '17:24:']);
    const isOfMinute = ({ ingestedAtMs }: NewEntry) => new Date(ingestedAtMs).toISOString().slice(11, 16) === '17:24';
    expect(report.period.entries).toBe(entries.filter((each) => each.kind !== 'tick' && isOfMinute(each)).length);
    // It was a dry run.
    expect((await followed(target)).ordinal).toBe(0);
    await target.close();
  });

  it('leaves templates to the target when only events are wanted', async () => {
    const target = await openLog(broker);
    const report = reportOf(await replay(target, '--speed', 'max', '--events-only'));
    expect(report.leftOut).toEqual({ tick: amounts['tick'], 'templates-and-configuration': 1 });
    expect((await followed(target)).shelf.list()).toEqual([]);
    await target.close();
  });

  it('goes on when the broker was killed and is back, and nothing is missing', async () => {
    const target = await openLog(broker);
    await target.declaredForGood();
    const child = spawnReplay(target, '--rate', '150');
    const ended = finished(child);
    let said = '';
    child.stderr!.on('data', (text: string) => (said += text));
    await underWay(target);
    await broker.kill();
    await eventually(() => (said.includes('waiting for it') ? true : undefined));
    await broker.restart();
    const report = reportOf(await ended);
    expect(said).toContain('The target is there again.');
    expect(report.repeated).toBeGreaterThan(0);
    expect(report).toMatchObject({ isComplete: true, sent: { entries: sentMax } });
    expect(reportState(await followed(target))).toEqual(reportState(source));
    await target.close();
  });

  it('gives up a target that does not come back, and what it says to do goes on from there', async () => {
    const target = await openLog(broker);
    await target.declaredForGood();
    const child = spawnReplay(target, '--rate', '150', '--wait', '2s');
    const ended = finished(child);
    await underWay(target);
    await broker.kill();
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: no broker answers.*; [\d ]+ entries were pushed/);
    const { goOnFrom, isComplete } = JSON.parse(stdout) as Report;
    expect([isComplete, stderr.includes(`--from "${goOnFrom}"`)]).toEqual([false, true]);
    expect(stderr).not.toContain(new URL(broker.url).password);
    await broker.restart();
    // Once, on a busy machine, a broker that had just come back had no way to the stream.
    const goesOn = await eventually(async () => {
      const tried = await replay(target, '--speed', 'max', '--from', goOnFrom!);
      return tried.stderr.includes('no log is at the exchange') ? undefined : tried;
    });
    reportOf(goesOn);
    expect(reportState(await followed(target))).toEqual(reportState(source));
    await target.close();
  });

  it('ends when it is interrupted, in the middle of a poll too, and goes on as it says, with the same shift', async () => {
    const target = await openLog(broker);
    const child = spawnReplay(target, '--rate', '150', '--shift-to', 'now');
    const ended = finished(child);
    await underWay(target);
    child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    const { goOnFrom, shiftSeconds, sent } = JSON.parse(stdout) as Report;
    expect([code, sent.entries < sentMax]).toEqual([1, true]);
    expect(stderr).toContain(`--from "${goOnFrom}", and --shift-by ${shiftSeconds}s in place of --shift-to`);
    const rest = ['--speed', 'max', '--from', goOnFrom!, '--shift-by', `${shiftSeconds}s`];
    expect(reportOf(await replay(target, ...rest)).sent.entries).toBe(sentMax - sent.entries);
    const state = await followed(target);
    expect(state.polls.outcomes().filter(({ ok }) => !ok)).toEqual(source.polls.outcomes().filter(({ ok }) => !ok));
    expect(state.graph.vertexCount).toBe(source.graph.vertexCount);
    expect(state.refusalCount).toBe(source.refusalCount);
    await target.close();
  });

  it('pushes nothing where no log is, and shows no password', async () => {
    const nowhere = await runCli(['replay', '--store', store, '--target', broker.url, '--exchange', 'nobody']);
    expect(nowhere.code).toBe(1);
    expect(nowhere.stderr).toContain('no log is at the exchange "nobody" of the target');
    expect(nowhere.stderr).toContain('Start a processor');
    const closed = await runCli(['replay', '--store', store, '--target', 'amqp://me:secret@127.0.0.1:1']);
    expect(closed.code).toBe(1);
    expect(closed.stderr).toContain('no broker answers');
    const wrong = await runCli(['replay', '--store', store, '--target', 'http://me:secret@127.0.0.1']);
    expect(wrong.code).toBe(2);
    expect(nowhere.stderr + closed.stderr + wrong.stderr).not.toMatch(
      new RegExp(`secret|${new URL(broker.url).password}`),
    );
  });
});
