import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, type Server } from 'node:net';
import path from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { CERTIFICATE, KEY } from '../../libs/openstack/src/loopbackCertificate.sim';
import { runCli, type ServedCli, serveCli, temporaryFolder } from './cliProcess';
import { makeStore } from './smallCloud';

// Each question starts a process; on a busy machine that takes its time.
jest.setTimeout(60_000);

const { folder, remove } = temporaryFolder();
const authority = path.join(folder, 'authority.pem');
let server: ServedCli;

beforeAll(async () => {
  writeFileSync(authority, CERTIFICATE);
  await makeStore(path.join(folder, 'store'));
  server = await serveCli(['--store', path.join(folder, 'store')]);
});

afterAll(async () => {
  await server.stop();
  remove();
});

async function listening(proxy: Server): Promise<number> {
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return (proxy.address() as AddressInfo).port;
}

describe('a server behind a proxy', () => {
  it('is asked over TLS where its address says so, and only when its certificate is believed', async () => {
    const { hostname, port } = new URL(server.url);
    const proxy = createTlsServer({ cert: CERTIFICATE, key: KEY }, (socket) => {
      const behind = connect(Number(port), hostname);
      behind.on('error', () => socket.destroy());
      socket.on('error', () => behind.destroy());
      socket.pipe(behind).pipe(socket);
    });
    const question = ['alarms', '--at', '2026-11-20T10:05:00Z', '--json'];
    const url = `https://127.0.0.1:${await listening(proxy)}`;
    const believing = await runCli([...question, '--url', url], { env: { NODE_EXTRA_CA_CERTS: authority } });
    const doubting = await runCli([...question, '--url', url]);
    const bare = await runCli([...question, '--url', server.url]);
    proxy.close();
    expect([believing.code, believing.stdout]).toEqual([0, bare.stdout]);
    expect([doubting.code, doubting.stderr]).toEqual([
      1,
      expect.stringContaining(`the server on ${url} does not answer`),
    ]);
  });

  it('that sends on elsewhere is told, with where to', async () => {
    const proxy = createHttpServer((_, response) => response.writeHead(301, { location: 'https://rca/' }).end());
    const url = `http://127.0.0.1:${await listening(proxy)}`;
    const { code, stderr } = await runCli(['alarms', '--url', url]);
    proxy.close();
    expect([code, stderr]).toEqual([1, expect.stringContaining('it sends on to https://rca/')]);
  });
});
