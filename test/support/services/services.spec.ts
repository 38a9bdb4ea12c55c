import { spawn, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection as connect } from 'mariadb';
import { describeWithService } from '../shared';
import { mariadbNeed, startMariadb, type MariadbServer } from './mariadbServer';

describeWithService('a private MariaDB', mariadbNeed, () => {
  let server: MariadbServer;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server?.stop());

  async function query(sql: string): Promise<unknown> {
    const { host, port, user, password } = server;
    const connection = await connect({ host, port, user, password, connectTimeout: 2000 });
    try {
      return await connection.query(sql);
    } finally {
      await connection.end();
    }
  }

  it('keeps its data through a kill, on the same port', async () => {
    await query('CREATE DATABASE kept');
    await query('CREATE TABLE kept.rows (a INT)');
    await query('INSERT INTO kept.rows VALUES (42)');
    await server.kill();
    await expect(query('SELECT 1')).rejects.toThrow();
    await server.restart();
    expect(await query('SELECT a FROM kept.rows')).toEqual([{ a: 42 }]);
  });

  it('takes no stranger', async () => {
    const { host, port, user } = server;
    await expect(connect({ host, port, user, password: 'guess' })).rejects.toMatchObject({ errno: 1045 });
  });
});
