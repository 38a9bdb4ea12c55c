import { cpSync } from 'node:fs';
import path from 'node:path';
import { engineMachine, packSnapshot, Replayer } from '@wherefore/runtime';
import { openReader, openStore } from '@wherefore/sqlite';
import Database from 'libsql';
import { runCli, temporaryFolder } from './cliProcess';
import { makeStore } from './smallCloud';

// Each question starts a process; on a busy machine that takes its time.
jest.setTimeout(60_000);

const { folder, remove } = temporaryFolder();
const original = path.join(folder, 'store');
beforeAll(() => makeStore(original));
afterAll(remove);

/** A copy of the store, with something changed behind the back of Wherefore. */
function tampered(name: string, statement: string): string {
  const copy = path.join(folder, name);
  cpSync(original, copy, { recursive: true });
  const database = new Database(path.join(copy, 'store.db'));
  database.exec(statement);
  database.close();
  return copy;
}

describe('verify', () => {
  it('finds a sound store sound', async () => {
    const { code, stdout, stderr } = await runCli(['verify', '--store', original]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^SNAPSHOT +ENTRIES +RECORDED +REPLAYED +VERDICT/);
    expect(stdout).toMatch(
      /sound: (\d+) snapshots? of \1 reached again; 10 entries replayed to position 1\.10\.0, hash \S+\./,
    );
    expect(stderr).toContain(`verifying the store in ${original}`);
  });

  it('exits with 1 when a replay reaches another hash', async () => {
    const store = tampered('mismatch', `UPDATE snapshots SET state_hash = 'feedfeedfeedfeed'`);
    const { code, stdout, stderr } = await runCli(['verify', '--store', store]);
    expect(code).toBe(1);
    expect(stdout).toContain('mismatch');
    expect(stdout).toContain('NOT SOUND');
    expect(stderr).toContain('Keep the store and report it');
  });

  it('tells another version from a mismatch', async () => {
    const store = tampered('version', `UPDATE snapshots SET state_hash = 'feedfeedfeedfeed', behaviour = 99`);
    const { code, stdout } = await runCli(['verify', '--store', store]);
    expect(code).toBe(0);
    expect(stdout).toContain('other-version');
  });

  it('tells damaged bytes from a mismatch', async () => {
    const store = tampered('damage', `UPDATE snapshot_chunks SET bytes = x'00'`);
    const { code, stdout } = await runCli(['verify', '--store', store, '--json']);
    expect(code).toBe(0);
    const { checks } = JSON.parse(stdout) as { checks: { verdict: string }[] };
    expect(new Set(checks.map(({ verdict }) => verdict))).toEqual(new Set(['damaged']));
  });

  it('exits with 1 when a snapshot holds something else than its hash says', async () => {
    const store = tampered('content', 'DELETE FROM snapshots; DELETE FROM snapshot_chunks');
    const reader = await openReader({ folder: store });
    const { state } = await new Replayer(engineMachine, reader).materialise('newest');
    await reader.close();
    for (const vertex of state.graph.vertices()) vertex.properties['name'] = 'never told';
    const { header, bytes } = await packSnapshot(engineMachine, state, state.logTimeMs);
    const writer = await openStore({ folder: store, writer: 'inline' });
    await writer.snapshots.save(header, bytes);
    await writer.close();
    const { code, stdout } = await runCli(['verify', '--store', store]);
    expect(stdout).toContain('what the snapshot holds is NOT what its hash says');
    expect(code).toBe(1);
  });

  it('finds out when the entries were altered', async () => {
    const store = tampered(
      'altered',
      `UPDATE log_entries SET body = replace(body, '"CRITICAL"', '"WARNING"') WHERE ordinal = 6`,
    );
    expect((await runCli(['verify', '--store', store])).code).toBe(1);
  });

  it('refuses a store of a newer version', async () => {
    const store = tampered('newer', `UPDATE meta SET value = '99' WHERE key = 'version'`);
    const { code, stderr } = await runCli(['verify', '--store', store]);
    expect(code).toBe(1);
    expect(stderr).toContain('has format 99');
  });
});
