/**
 * The program that the kill test kills. All at once, until it is stopped: it appends as fast as it
 * can and names what was confirmed on stdout, says on stderr when it begins, follows its own log, projects it into history, and
 * saves snapshots, small and large.
 *
 *   node appendUnderLoad.js FOLDER RUN
 */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore, type SqliteStore } from '@wherefore/sqlite';
import { countingMachine, type CountingState } from '../../libs/runtime/src/countingMachine.sim';
import { Follower } from '../../libs/runtime/src/follower';
import { HistoryProjector } from '../../libs/runtime/src/historyProjector';
import { Replayer } from '../../libs/runtime/src/replayer';
import { packSnapshot } from '../../libs/runtime/src/snapshotCodec';
import { entryOf, largeSnapshotAt } from './loadSamples';

async function appendForever(store: SqliteStore, run: string): Promise<void> {
  let next = 0;
  const appendSome = async (count: number) => {
    const ids = Array.from({ length: count }, () => `alarm-${run}-${next++}`);
    await store.log.append(ids.map(entryOf));
    writeSync(1, ids.map((id) => `${id}\n`).join(''));
  };
  for (let round = 0; ; round++) {
    await Promise.all(Array.from({ length: 1 + (round % 8) }, (_, i) => appendSome(1 + ((round + i) % 7))));
  }
}

async function startFollower(store: SqliteStore): Promise<Follower<CountingState>> {
  const projector = await HistoryProjector.open(store.history, 1);
  const state = await new Replayer(countingMachine, store).stateAtOrBefore(projector.cursor.position);
  const follower = new Follower(store.log, countingMachine, state);
  follower.subscribe(projector.accept);
  return follower;
}

async function saveForever(store: SqliteStore, follower: Follower<CountingState>): Promise<void> {
  for (let round = 0; ; round++) {
    await sleep(15);
    if (follower.state.ordinal === 0) continue;
    const large = largeSnapshotAt(follower.position);
    const packed = round % 2 === 0 ? large : await packSnapshot(countingMachine, follower.state, Date.now());
    await store.snapshots.save(packed.header, packed.bytes);
  }
}

async function main(): Promise<void> {
  const [folder = '', run = ''] = process.argv.slice(2);
  const store = await openStore({ folder, create: true, writer: 'thread' });
  const follower = await startFollower(store);
  process.stderr.write('opened\n');
  const forever = new AbortController().signal;
  await Promise.all([appendForever(store, run), follower.run(forever), saveForever(store, follower)]);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
