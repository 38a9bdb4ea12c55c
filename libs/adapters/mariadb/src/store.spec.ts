import { ORIGIN, type Position } from '@wherefore/model';
import { createConnection } from 'mariadb';
import { freshDatabase, sharedServer, stopSharedServer } from '../../../../test/conformance/mariadbDatabases';
import { mariadbNeed } from '../../../../test/support/services/mariadbServer';
import { describeWithService } from '../../../../test/support/shared';
import { SCHEMA_VERSION } from './schema';
import { openStore } from './store';

const at = (offset: number): Position => ({ epoch: 1, offset, index: 0 });

describeWithService('a store in MariaDB', mariadbNeed, () => {
  afterAll(stopSharedServer);

  it('is migrated once, however many processes open it together', async () => {
    const { options, run } = await freshDatabase();
    const stores = await Promise.all(Array.from({ length: 8 }, () => openStore(options)));
    const versions = await run('SELECT version FROM schema_versions');
    expect(versions).toEqual(Array.from({ length: SCHEMA_VERSION }, (_, i) => [i + 1]));
    expect(await stores[7]!.archive.cursor()).toEqual(ORIGIN);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('takes up a migration that was interrupted', async () => {
    const { options, run } = await freshDatabase();
    await (await openStore(options)).close();
    // What a migrator leaves that is killed in the middle: some tables, and no version.
    await run('DROP TABLE webhooks');
    await run('DROP TABLE outbox_watermark');
    await run('DELETE FROM schema_versions');
    const store = await openStore(options);
    expect(await store.outbox.watermark()).toEqual({ position: ORIGIN, epoch: 0 });
    expect(await store.webhooks.list()).toEqual([]);
    await store.close();
  });

  it('tells the projects of alarms that an earlier version wrote', async () => {
    const { options, run } = await freshDatabase();
    await (await openStore(options)).close();
    await run(
      'ALTER TABLE history_alarms DROP KEY by_start, DROP KEY by_project, DROP KEY by_life, DROP KEY by_lasted',
    );
    await run('ALTER TABLE history_alarms DROP COLUMN lasted, DROP COLUMN project_id');
    await run('DELETE FROM schema_versions WHERE version >= 5');
    const alarms = [
      { name: 'own', project_id: 'shop' },
      { name: 'resource', project_id: 'bank', vitrage_resource_project_id: 'shop' },
      { name: 'empty', project_id: 'bank', vitrage_resource_project_id: '' },
      { name: 'odd', project_id: 7 },
      { name: 'none', project_id: null },
    ];
    for (const [i, properties] of alarms.entries()) {
      const text = JSON.stringify(properties);
      await run(
        `INSERT INTO history_alarms (generation, id, vitrage_id, name, severity, started_at, started_at_ms, ended_at_ms,
           properties_at_start, properties) VALUES (1, ?, ?, ?, '', ?, ?, NULL, ?, ?)`,
        i + 1,
        properties.name,
        properties.name,
        '1',
        i * 1000,
        text,
        text,
      );
    }
    const store = await openStore(options);
    const rows = await run('SELECT name, project_id FROM history_alarms ORDER BY id');
    expect(rows).toEqual([
      ['own', 'shop'],
      ['resource', 'shop'],
      ['empty', 'bank'],
      ['odd', ''],
      ['none', ''],
    ]);
    await store.close();
  });

  it('is migrated though a statement over a large table takes longer than any other answer may', async () => {
    const { options, run } = await freshDatabase();
    await (await openStore(options)).close();
    await run('ALTER TABLE history_alarms DROP KEY by_start, DROP KEY by_project');
    await run('DELETE FROM schema_versions WHERE version >= 5');
    await run(
      `INSERT INTO history_alarms (generation, id, vitrage_id, name, severity, started_at, started_at_ms, project_id,
         properties_at_start, properties)
       SELECT 1, seq, CONCAT('alarm ', seq), 'a', 'b', '1', seq, 'shop', '{}', REPEAT('x', 500) FROM seq_1_to_100000`,
    );
    const answerTimeoutMs = 100;
    const began = performance.now();
    const store = await openStore({ ...options, answerTimeoutMs });
    expect(performance.now() - began).toBeGreaterThan(answerTimeoutMs);
    expect(await run('SELECT MAX(version) FROM schema_versions')).toEqual([[SCHEMA_VERSION]]);
    await store.close();
  });

  it('keeps what it holds when it is opened again', async () => {
    const { options } = await freshDatabase();
    const first = await openStore(options);
    await first.outbox.claim(3);
    await first.outbox.advance({ expected: ORIGIN, position: at(7), epoch: 3, deliveries: [], notBeforeMs: 0 });
    await first.close();
    const second = await openStore(options);
    expect(await second.outbox.watermark()).toEqual({ position: at(7), epoch: 3 });
    await second.close();
  });

  it.each([
    ['many small ones', 130, 2],
    ['fewer that make full ones', 25, 100],
  ])('puts pages together that are not full: %s', async (_, batches, entriesEach) => {
    const { options, run } = await freshDatabase();
    const store = await openStore(options);
    let offset = 0;
    const batch = () => {
      const expected = offset === 0 ? ORIGIN : at(offset);
      const entries = Array.from({ length: entriesEach }, () => {
        const base = { version: 1, source: 'leader', ingestedAtMs: 1 } as const;
        const entry = { kind: 'tick', id: `t${offset + 1}`, atMs: 1, ...base } as const;
        return { position: at((offset += 1)), entry };
      });
      return { expected, epoch: 1, entries };
    };
    for (let i = 0; i < batches; i++) {
      expect((await store.archiveWriter.append(batch())).kind).toBe('written');
    }
    await store.close();
    const pages = (await run('SELECT entries FROM archive_pages')) as [unknown][];
    expect(pages.length).toBeLessThan(batches * 0.65);
    expect(Math.max(...pages.map(([count]) => Number(count)))).toBeGreaterThanOrEqual(128);
    const again = await openStore(options);
    const read = await again.archive.readRange(ORIGIN, 10_000);
    expect(read.map(({ position, ordinal }) => [position.offset, ordinal])).toEqual(
      Array.from({ length: offset }, (__, i) => [i + 1, i + 1]),
    );
    await again.close();
  });

  it('is refused when a newer program migrated it', async () => {
    const { options, run } = await freshDatabase();
    await (await openStore(options)).close();
    await run('INSERT INTO schema_versions VALUES (?, UTC_TIMESTAMP())', SCHEMA_VERSION + 1);
    await expect(openStore(options)).rejects.toMatchObject({ code: 'store-newer', retryable: false });
  });

  it('waits for a migrator, and gives up on one that hangs', async () => {
    const { options, run } = await freshDatabase();
    const { host, port, user, password, database } = options;
    const other = await createConnection({ host, port, user, password, database });
    await other.query(`SELECT GET_LOCK(CONCAT('wherefore schema ', SHA1(DATABASE())), 5)`);
    const opening = openStore(options);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await run(`SHOW TABLES LIKE 'archive_cursor'`)).toEqual([]);
    // The lock goes with its connection.
    other.destroy();
    const store = await opening;
    expect(await store.archive.count()).toBe(0);
    await store.close();
  });

  it('says what is wrong with address, name and password', async () => {
    const { options } = await freshDatabase();
    const opening = (other: object) => openStore({ ...options, connectTimeoutMs: 500, ...other });
    await expect(opening({ password: 'guess' })).rejects.toMatchObject({ code: 'store-refused', retryable: false });
    await expect(opening({ database: 'nowhere' })).rejects.toMatchObject({ code: 'store-missing' });
    await expect(opening({ port: 9 })).rejects.toMatchObject({ code: 'log-unavailable', retryable: true });
    await expect(opening({ host: 'no-such-host.invalid' })).rejects.toMatchObject({ code: 'log-unavailable' });
  });

  it('never tells a password or a value', async () => {
    const { options } = await freshDatabase();
    const failure: unknown = await openStore({ ...options, password: 'open sesame' }).catch((error: unknown) => error);
    expect(String((failure as Error).message)).not.toContain('sesame');
  });

  it('tells a user without the right to make tables', async () => {
    const { options, run } = await freshDatabase();
    await run(`CREATE OR REPLACE USER reader@'127.0.0.1' IDENTIFIED BY 'r'`);
    await run(`GRANT SELECT ON ${options.database}.* TO reader@'127.0.0.1'`);
    const opening = openStore({ ...options, user: 'reader', password: 'r' });
    await expect(opening).rejects.toMatchObject({ code: 'store-refused' });
  });

  it('answers after it was closed, with an error', async () => {
    const { options } = await freshDatabase();
    const store = await openStore(options);
    await Promise.all([store.close(), store.close()]);
    await expect(store.archive.count()).rejects.toMatchObject({ code: 'log-unavailable' });
  });

  it('keeps names and ids of any length and any letters, and tells them apart by their bytes', async () => {
    const { options } = await freshDatabase();
    const store = await openStore(options);
    const names = ['Straße', 'STRASSE', 'straße', 'straße ', '😀 – ü', `${'n'.repeat(5000)}a`, `${'n'.repeat(5000)}b`];
    const effects = names.map((name, i) => ({
      position: at(i + 1),
      logTimeMs: i,
      effect: {
        kind: 'alarm-raised',
        entityId: `${'i'.repeat(300)}${name}`,
        properties: { name },
        changes: {},
      } as const,
    }));
    await store.history.apply({ expected: ORIGIN, position: at(99), epoch: 1, generation: 1, effects });
    for (const [i, name] of names.entries()) {
      const found = await store.history.alarmsByName(name, 10);
      expect(found.map((alarm) => alarm.startedAtMs)).toEqual([i]);
      expect(found[0]?.vitrageId).toBe(`${'i'.repeat(300)}${name}`);
    }
    await store.close();
  });

  it('does not let a snapshot that takes long keep a lease waiting', async () => {
    const { options } = await freshDatabase();
    const store = await openStore({ ...options, connections: 1 });
    const bytes = new Uint8Array(8 << 20);
    const header = { position: at(1), ordinal: 1, logTimeMs: 1, stateHash: '', behaviour: 1, formatVersion: 1 };
    const saving = store.snapshots.save({ ...header, byteCount: bytes.length, createdAtMs: 0 }, bytes);
    const lease = await store.leases.acquire('leader', 'a', 5000);
    expect(await store.leases.renew(lease!, 5000)).toBeDefined();
    await saving;
    await store.close();
  });
});

describeWithService('a snapshot in MariaDB that is half written', mariadbNeed, () => {
  afterAll(stopSharedServer);

  async function opened() {
    await sharedServer();
    const database = await freshDatabase();
    const store = await openStore(database.options);
    const entry = { kind: 'tick', id: 't', version: 1, source: 'leader', ingestedAtMs: 1, atMs: 1 } as const;
    await store.archiveWriter.append({ expected: ORIGIN, epoch: 1, entries: [{ position: at(9), entry }] });
    const bytes = new Uint8Array(2_500_000).fill(7);
    const header = { position: at(5), ordinal: 5, logTimeMs: 5, stateHash: 'h', behaviour: 1, formatVersion: 1 };
    const save = () => store.snapshots.save({ ...header, byteCount: bytes.length, createdAtMs: 1 }, bytes);
    return { ...database, store, save };
  }

  it('is not seen, and swept up by a prune ten minutes later, not before', async () => {
    const { store, save, run } = await opened();
    await save();
    await run(`UPDATE snapshots SET visible = 0, content_hash = ''`);
    expect(await store.snapshots.list()).toEqual([]);
    await expect(store.snapshots.load(at(5))).rejects.toMatchObject({ code: 'snapshot-missing' });
    await store.snapshots.prune({ nowMs: 0 });
    expect(await run('SELECT COUNT(*) FROM snapshot_chunks')).toEqual([[3]]);
    await run('UPDATE snapshots SET touched_at = touched_at - INTERVAL 601 SECOND');
    await store.snapshots.prune({ nowMs: 0 });
    expect(await run('SELECT COUNT(*) FROM snapshot_chunks')).toEqual([[0]]);
    expect(await run('SELECT COUNT(*) FROM snapshots')).toEqual([[0]]);
    await store.close();
  });

  it('is refused to its writer when that wakes up after the sweep', async () => {
    const { store, save, run } = await opened();
    // The sweep, between two pieces of the save.
    await run(`CREATE TRIGGER sweep BEFORE UPDATE ON snapshots FOR EACH ROW
      SET NEW.visible = IF((SELECT COUNT(*) FROM snapshot_chunks) >= 2, 2, NEW.visible)`);
    await expect(save()).rejects.toMatchObject({ code: 'log-unavailable', retryable: true });
    expect(await store.snapshots.list()).toEqual([]);
    await store.close();
  });

  it('is corrupt when a piece is gone', async () => {
    const { store, save, run } = await opened();
    await save();
    await run('DELETE FROM snapshot_chunks WHERE number = 1');
    await expect(store.snapshots.load(at(5))).rejects.toMatchObject({ code: 'snapshot-corrupt' });
    await store.close();
  });
});
