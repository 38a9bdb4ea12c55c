/**
 * The program that the kill test kills: appends as fast as it can and names what was confirmed on
 * stdout, projects its log into history, and saves snapshots, all at once, until it is stopped.
 *
 *   node appendUnderLoad.js FOLDER RUN
 */
import { writeSync } from 'node:fs';
import { openStore, type SqliteStore } from '@wherefore/sqlite';
import { effectOf, entryOf, snapshotAt } from './loadSamples';

async function appendForever(store: SqliteStore, run: string): Promise<void> {
  let next = 0;
  const appendSome = async (count: number) => {
    const ids = Array.from({ length: count }, () => `${run}-${next++}`);
    await store.log.append(ids.map(entryOf));
    writeSync(1, ids.map((id) => `${id}\n`).join(''));
  };
  for (let round = 0; ; round++) {
    await Promise.all(Array.from({ length: 1 + (round % 8) }, (_, i) => appendSome(1 + ((round + i) % 7))));
  }
}

async function projectForever(store: SqliteStore): Promise<void> {
  for (;;) {
    const { position: expected, epoch, generation } = await store.history.cursor();
    const entries = await store.archive.readRange(expected, 37);
    const last = entries.at(-1);
    if (last) {
      const effects = entries.map(effectOf);
      await store.history.apply({ expected, position: last.position, epoch, generation, effects });
    } else {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

async function saveForever(store: SqliteStore): Promise<void> {
  for (;;) {
    const position = await store.log.newest();
    const { header, bytes } = snapshotAt(position);
    if (position.offset > 0) await store.snapshots.save(header, bytes);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function main(): Promise<void> {
  const [folder = '', run = ''] = process.argv.slice(2);
  const store = await openStore({ folder, create: true, writer: 'thread' });
  await Promise.all([appendForever(store, run), projectForever(store), saveForever(store)]);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
