/**
 * A persister that is killed. It copies a log that anybody can compute (entry n says that it is n), projects it
 * into the history, and saves snapshots, all at once, beside other copies of itself; and names on stdout how far
 * the archive has confirmed, and the history. Failures that may pass are tried again.
 *
 *   node persistUnderLoad.js OPTIONS_AS_JSON EPOCH
 */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore, type MariadbStore, type OpenOptions } from '@wherefore/mariadb';
import { WhereforeError } from '@wherefore/model';
import { entriesAfter, largeSnapshotAt, raisedAfter } from './loadSamples';

async function forever(step: (round: number) => Promise<void>): Promise<void> {
  for (let round = 0; ; round++) {
    try {
      await step(round);
    } catch (error) {
      if (!(error instanceof WhereforeError) || !error.retryable) throw error;
      await sleep(20);
    }
  }
}

async function copySome(store: MariadbStore, epoch: number, round: number): Promise<void> {
  const expected = await store.archive.cursor();
  const entries = entriesAfter(expected, 1 + ((round * 7) % 40));
  const { kind, cursor } = await store.archiveWriter.append({ expected, epoch, entries });
  if (kind === 'written') writeSync(1, `archived ${cursor.offset}\n`);
}

async function projectSome(store: MariadbStore, epoch: number): Promise<void> {
  const { position: expected, generation } = await store.history.cursor();
  const archived = await store.archive.readRange(expected, 20);
  const position = archived.at(-1)?.position;
  if (!position) return void (await sleep(5));
  const effects = raisedAfter(expected, archived.length);
  const { kind } = await store.history.apply({ expected, position, epoch, generation, effects });
  if (kind === 'applied') writeSync(1, `projected ${position.offset}\n`);
}

async function main(): Promise<void> {
  const [options = '', epoch = ''] = process.argv.slice(2);
  let store: MariadbStore | undefined;
  while (!store) {
    store = await openStore(JSON.parse(options) as OpenOptions).catch((error: unknown) => {
      if (error instanceof WhereforeError && error.retryable) return undefined;
      throw error;
    });
  }
  const opened = store;
  await Promise.all([
    forever((round) => copySome(opened, Number(epoch), round)),
    forever(() => projectSome(opened, Number(epoch))),
    forever(async () => {
      await sleep(30);
      const { header, bytes } = largeSnapshotAt(await opened.archive.cursor());
      await opened.snapshots.save(header, bytes);
      await opened.snapshots.prune({ nowMs: header.createdAtMs });
    }),
  ]);
}

main().catch((error: unknown) => {
  writeSync(2, `${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
