import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { HttpClient, type TlsSettings } from './httpClient';
import { CERTIFICATE, KEY } from './loopbackCertificate.sim';

let server: Server;
let url: string;
let connections: number;
const clients: HttpClient[] = [];

beforeEach(async () => {
  connections = 0;
  const options = { cert: CERTIFICATE, key: KEY, ca: CERTIFICATE, requestCert: true, rejectUnauthorized: false };
  server = createServer(options, (request, response) => {
    response.end((request.socket as TLSSocket).authorized ? 'known' : 'unknown');
  });
  server.on('secureConnection', (_: Socket) => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

async function ask(tls?: TlsSettings, times = 1): Promise<string> {
  const settings = { timeoutMs: 5_000, bodyBytesMax: 1_000, connectionsMax: 2, ...(tls === undefined ? {} : { tls }) };
  const client = new HttpClient(settings);
  clients.push(client);
  let said = '';
  for (let time = 0; time < times; time++) {
    said = (await client.ask({ method: 'GET', url, headers: {} })).body.toString();
  }
  return said;
}

describe('a client over TLS', () => {
  it('does not talk to a server whose certificate nobody vouches for', async () => {
    await expect(ask()).rejects.toMatchObject({
      code: 'source-unavailable',
      message: expect.stringMatching(/self-signed/),
    });
    await expect(ask({ isVerified: true })).rejects.toMatchObject({ code: 'source-unavailable' });
  });

  it('talks to one that the authorities vouch for that it was given', async () => {
    expect(await ask({ isVerified: true, ca: CERTIFICATE })).toBe('unknown');
  });

  it('says who it is with a certificate of its own', async () => {
    expect(await ask({ isVerified: true, ca: CERTIFICATE, cert: CERTIFICATE, key: KEY })).toBe('known');
  });

  it('takes any certificate where it is told to', async () => {
    expect(await ask({ isVerified: false })).toBe('unknown');
  });

  it('keeps its connections', async () => {
    await ask({ isVerified: true, ca: CERTIFICATE }, 5);
    expect(connections).toBe(1);
  });
});
