import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENTRY_VERSION, type NewEntry, ORIGIN } from '@wherefore/model';
import { openStore } from '@wherefore/sqlite';
import { StoreUnderImport } from './storeUnderImport';

const clock = { nowMs: () => 1_000_000 };
const tick = (atMs: number): NewEntry => ({
  ...{ kind: 'tick', id: `t-${atMs}`, version: ENTRY_VERSION, source: 'import' },
  ...{ ingestedAtMs: atMs, atMs },
});

describe('a store under import', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wherefore-import-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const bringIn = async (...entries: NewEntry[]): Promise<void> => {
    const target = await StoreUnderImport.open(folder, clock);
    await target.append(entries);
    await target.close();
  };
  const watermark = async () => {
    const store = await openStore({ folder, create: false });
    const found = { mark: (await store.outbox.watermark()).position, newest: await store.log.newest() };
    await store.close();
    return found;
  };

  it('that nobody was ever notified from stays so', async () => {
    await bringIn(tick(1000));
    expect((await watermark()).mark).toEqual(ORIGIN);
  });

  it('notifies nobody of what is brought in', async () => {
    await bringIn(tick(1000));
    const store = await openStore({ folder, create: false });
    const { position: expected } = await store.outbox.watermark();
    const { watermark: claimed } = await store.outbox.claim(1);
    const position = await store.log.newest();
    await store.outbox.advance({ expected, position, epoch: claimed.epoch, deliveries: [], notBeforeMs: 0 });
    await store.close();
    await bringIn(tick(2000), tick(3000));
    const { mark, newest } = await watermark();
    expect(mark).toEqual(newest);
  });
});
