import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NewEntry } from '@wherefore/model';
import { engineMachine, Follower, HistoryProjector, Replayer } from '@wherefore/runtime';
import { openStore } from '@wherefore/sqlite';
import { expectEqual, type Figure, measureAsync } from './measure';
import { type CloudSize, EntryMill, hostAlarm, MATCHING_TEMPLATES, topologyEvents } from './workload';

const BATCH = 512;
const TOPOLOGY_PEER = 626;
const DEDUCED_PEER = 879;

/** The same work through the embedded store: appended durably, applied, written to the history, replayed. */
export async function sqliteCase(size: CloudSize): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'wherefore-bench-'));
  try {
    return await runCase(size, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runCase(size: CloudSize, folder: string): Promise<Figure[]> {
  const store = await openStore({ folder, create: true });
  const follower = new Follower(store.log, engineMachine, engineMachine.initialState());
  const projector = await HistoryProjector.open(store.history, 1);
  follower.subscribe(projector.accept);
  const abort = new AbortController();
  const running = follower.run(abort.signal).catch(() => undefined);
  const mill = new EntryMill();
  const feed = async (entries: readonly NewEntry[]): Promise<void> => {
    const pending: Promise<void>[] = [];
    for (let at = 0; at < entries.length; at += BATCH) pending.push(store.log.append(entries.slice(at, at + BATCH)));
    await Promise.all(pending);
    await follower.waitForPosition(await store.log.newest());
    await projector.flush();
  };
  await feed([mill.templates(MATCHING_TEMPLATES).entry]);
  const topology = topologyEvents(size).map((event) => mill.entry(event).entry);
  const topologySeconds = await measureAsync(() => feed(topology));
  const alarms = Array.from(
    { length: size.hosts },
    (_, host) => mill.entry(hostAlarm(host, 'CPU load', 'WARNING')).entry,
  );
  const alarmSeconds = await measureAsync(() => feed(alarms));
  const { position, ordinal } = follower.state;
  expectEqual('entries applied', ordinal, topology.length + alarms.length + 1);
  const live = engineMachine.stateHash(follower.state);
  let replayed = '';
  const replaySeconds = await measureAsync(async () => {
    const replayer = new Replayer(engineMachine, store);
    const { state } = await replayer.materialise({ position });
    replayed = engineMachine.stateHash(state);
  });
  expectEqual('hash of the replay', replayed, live);
  abort.abort();
  await running;
  await store.close();
  const figure = (name: string, count: number, seconds: number, peer: number | null): Figure => {
    const value = count / seconds;
    return { name, value, unit: 'per cpu-second', peer, ratio: peer === null ? null : value / peer };
  };
  return [
    figure(`topology with SQLite writes, ${size.name}`, topology.length, topologySeconds, TOPOLOGY_PEER),
    figure(`deduced alarms raised with SQLite writes, ${size.name}`, alarms.length * 20, alarmSeconds, DEDUCED_PEER),
    figure(`entries replayed from SQLite, ${size.name}`, ordinal, replaySeconds, null),
  ];
}
