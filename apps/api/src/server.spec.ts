import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { loadConfig, silentLog } from '@wherefore/host';
import type { JsonObject } from '@wherefore/model';
import { WhereforeNode } from './node';
import { startEmbeddedServer } from './embeddedServer';
import { POWER_TEMPLATE, host, instance, power } from './testing/cloud.sim';
import { startRig, temporaryFolder } from './testing/rig.sim';

function configOf(folder: string, sections: JsonObject = {}) {
  return loadConfig({ env: {}, cwd: folder, overrides: { store: { folder }, server: { port: 0 }, ...sections } });
}

describe('a second server', () => {
  it('on one store is refused, and the first goes on', async () => {
    const rig = await startRig();
    const second = startEmbeddedServer({ config: rig.config, log: silentLog });
    await expect(second).rejects.toMatchObject({ code: 'store-locked' });
    expect((await rig.get('/readyz')).status).toBe(200);
    await rig.close();
  });

  it('on a port that is taken is refused by name, and leaves its store free', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { folder, remove } = temporaryFolder();
    const config = configOf(folder, { server: { port } });
    await expect(startEmbeddedServer({ config, log: silentLog })).rejects.toMatchObject({
      code: 'port-taken',
      message: `port ${port} of 127.0.0.1 is taken by another program`,
    });
    const node = await WhereforeNode.open(config);
    await expect(startEmbeddedServer({ config, node, log: silentLog })).rejects.toMatchObject({ code: 'port-taken' });
    other.close();
    const server = await startEmbeddedServer({ config, log: silentLog });
    await server.close();
    remove();
  });
});

describe('a web page', () => {
  it('gets nothing from a server on the machine of its reader', async () => {
    const rig = await startRig();
    const statusWith = (headers: { readonly [name: string]: string }) =>
      new Promise<number | undefined>((settle, fail) => {
        const sent = request(`${rig.server.url}/v1/status`, { headers }, (answer) => {
          answer.resume();
          settle(answer.statusCode);
        });
        sent.on('error', fail).end();
      });
    expect(await statusWith({ host: 'evil.example' })).toBe(403);
    expect(await statusWith({ origin: 'https://evil.example' })).toBe(403);
    expect(await statusWith({ origin: 'null' })).toBe(403);
    expect(await statusWith({ origin: 'http://localhost:3000', host: '[::1]:8999' })).toBe(200);
    await rig.close();
  });
});

describe('a store that is opened again', () => {
  it('answers as before, and goes on where it was', async () => {
    const rig = await startRig();
    await rig.send('PUT', '/v1/template/', { templates: [['power.yaml', POWER_TEMPLATE]] });
    await rig.send('POST', '/v1/event/', [host('host-1'), instance('vm-a', 'host-1'), power('host-1', 1)]);
    const before = (await rig.get('/v1/why?alarm=Unreachable')).body as JsonObject;
    await rig.server.close();
    const progress: number[] = [];
    const node = await WhereforeNode.open(rig.config, {
      clock: rig.clock,
      onProgress: ({ applied, total }) => progress.push(applied / total),
    });
    expect(progress.at(-1)).toBe(1);
    const after = await node.answers.why({ alarm: 'Unreachable' });
    expect(JSON.parse(JSON.stringify(after.roots))).toEqual(before['roots']);
    await node.stop();
    await expect(node.appendAndWait({ kind: 'tick', ...node.entryBase(), atMs: 0 })).rejects.toMatchObject({
      code: 'log-unavailable',
    });
    await rig.close();
  });

  it('takes the files of its configuration in once, and again when they change', async () => {
    const { folder, remove } = temporaryFolder();
    const templates = temporaryFolder();
    const write = (text: string) => writeFileSync(join(templates.folder, 'power.yaml'), text);
    const positionAfterStart = async () => {
      const node = await WhereforeNode.open(configOf(folder, { templates: { folders: [templates.folder] } }));
      const { ordinal } = node.state;
      const rows = node.state.shelf.list().map(({ name, status }) => `${name} ${status}`);
      await node.stop();
      return { ordinal, rows };
    };
    write(POWER_TEMPLATE);
    // A tick, and the template.
    expect(await positionAfterStart()).toEqual({ ordinal: 2, rows: ['power ACTIVE'] });
    expect(await positionAfterStart()).toEqual({ ordinal: 3, rows: ['power ACTIVE'] });
    write(POWER_TEMPLATE.replace('severity: warning', 'severity: critical'));
    expect(await positionAfterStart()).toEqual({ ordinal: 5, rows: ['power ACTIVE'] });
    write('metadata: {version: 3, name: power, type: standard}\n');
    expect(await positionAfterStart()).toEqual({ ordinal: 7, rows: ['power ERROR'] });
    expect(await positionAfterStart()).toEqual({ ordinal: 8, rows: ['power ERROR'] });
    remove();
    templates.remove();
  });
});

describe('a server in a process of its own', () => {
  it('that is killed has lost nothing that it confirmed, the history included', async () => {
    const { folder, remove } = temporaryFolder();
    const { child, url } = await spawnServer(folder);
    const post = (body: unknown) => fetch(`${url}/v1/event/`, { method: 'POST', body: JSON.stringify(body) });
    const names = Array.from({ length: 20 }, (_, i) => `host-${i}`);
    for (const name of names) expect((await post([host(name), power(name, 1)])).status).toBe(200);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const node = await WhereforeNode.open(configOf(folder));
    expect((await node.answers.alarms({})).alarms.map((each) => each.resource?.id).sort()).toEqual([...names].sort());
    const raised = await (await node.answers.raw.history()).alarmsBetween(0, Number.MAX_SAFE_INTEGER, 99);
    expect(raised.filter(({ name }) => name === 'Power supply failure')).toHaveLength(names.length);
    await node.stop();
    remove();
  });

  it('settles what it accepted on SIGTERM, and exits with 0', async () => {
    const { folder, remove } = temporaryFolder();
    const { child, url } = await spawnServer(folder);
    const posts = Array.from({ length: 50 }, (_, i) =>
      fetch(`${url}/v1/event/`, { method: 'POST', body: JSON.stringify(host(`host-${i}`)) }).then(
        ({ status }) => status,
        () => 0,
      ),
    );
    await Promise.any(posts);
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
    const confirmed = (await Promise.all(posts)).filter((status) => status === 200).length;
    expect(confirmed).toBeGreaterThan(0);
    const node = await WhereforeNode.open(configOf(folder));
    const { resources } = await node.answers.resources({ type: 'nova.host' });
    expect(resources.length).toBeGreaterThanOrEqual(confirmed);
    await node.stop();
    remove();
  });

  async function spawnServer(folder: string): Promise<{ child: ChildProcess; url: string }> {
    const program = resolve(__dirname, '../../../dist/apps/api/src/testing/serve.sim.js');
    expect(existsSync(program)).toBe(true);
    const settings = { WHEREFORE_STORE__FOLDER: folder, WHEREFORE_SERVER__PORT: '0', WHEREFORE_LOG__LEVEL: 'warn' };
    const env = { ...process.env, ...settings };
    const child = spawn(process.execPath, [program], { env, cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
    return { child, url };
  }
});
