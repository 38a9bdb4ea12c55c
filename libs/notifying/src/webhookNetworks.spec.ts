import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Webhook, Webhooks } from '@wherefore/ports';
import { WebhookConnections } from './webhookConnections';
import { type NetworkRules, WebhookNetworks } from './webhookNetworks';
import { WebhookReceiver } from './webhookReceiver';

const NONE: NetworkRules = { allowed: [], refused: [] };

function webhook(url: string): Webhook {
  return { id: 'w', url, headers: {}, filter: {}, projectId: 'shop', isAdmin: false, createdAtMs: 0 };
}

describe('WebhookNetworks', () => {
  let server: Server;
  let port: number;
  let calls: number;

  beforeEach(async () => {
    calls = 0;
    server = createServer((request, response) => {
      calls += 1;
      request.resume().on('end', () => response.end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const send = async (host: string, rules: Partial<NetworkRules>) => {
    const connections = new WebhookConnections(new WebhookNetworks({ ...NONE, ...rules }));
    const receiver = new WebhookReceiver(webhook(`http://${host}:${port}/hook`), { timeoutMs: 5000 }, connections);
    const message = { receiver: 'w', effectId: 'e', body: {}, attempts: 0, notBeforeMs: 0, lastFailure: '' };
    const result = await receiver.send(message, new AbortController().signal);
    connections.close();
    return { result, calls };
  };
  const delivered = { result: { kind: 'delivered' }, calls: 1 };

  it('lets webhooks lead anywhere where nothing is said', async () => {
    expect(await send('127.0.0.1', {})).toEqual(delivered);
  });

  it('sends to addresses and names within the allowed networks', async () => {
    expect(await send('127.0.0.1', { allowed: ['192.0.2.0/24', '127.0.0.0/8'] })).toEqual(delivered);
    expect((await send('localhost', { allowed: ['127.0.0.1'] })).result).toEqual({ kind: 'delivered' });
  });

  it('connects to no address outside of them, and none that is refused', async () => {
    const result = { kind: 'refused', reason: 'webhooks may not be sent to 127.0.0.1' };
    expect(await send('127.0.0.1', { allowed: ['192.0.2.0/24'] })).toEqual({ result, calls: 0 });
    expect(await send('127.0.0.1', { allowed: ['127.0.0.0/8'], refused: ['127.0.0.1'] })).toEqual({ result, calls: 0 });
  });

  it('looks at what a name means when it connects', async () => {
    const { result, calls: made } = await send('localhost', { refused: ['127.0.0.0/8', '::1'] });
    expect(result).toEqual({
      kind: 'refused',
      reason: expect.stringMatching(/^localhost: webhooks may not be sent to .*127\.0\.0\.1/) as string,
    });
    expect(made).toBe(0);
  });

  it.each(['2130706433', '0x7f.1', '[::ffff:127.0.0.1]', '127.1'])(
    'knows a loopback address as %s too',
    async (host) => {
      expect((await send(host, { refused: ['127.0.0.0/8'] })).result).toMatchObject({ kind: 'refused' });
      expect(calls).toBe(0);
    },
  );

  it('takes in no webhook whose URL names an address that may not be sent to', async () => {
    const put: Webhook[] = [];
    const store: Webhooks = {
      list: async () => put,
      put: async (each) => void put.push(each),
      remove: async () => true,
    };
    const guarded = new WebhookNetworks({ allowed: [], refused: ['169.254.0.0/16', 'fe80::/10'] }).guard(store);
    for (const url of ['http://169.254.169.254/latest', 'https://[fe80::1]/']) {
      await expect(guarded.put(webhook(url))).rejects.toMatchObject({
        code: 'bad-request',
        message: expect.stringMatching(/^Invalid URL: webhooks may not be sent to (169\.254|fe80:)/) as string,
      });
    }
    await guarded.put(webhook('http://203.0.113.9/'));
    await guarded.put(webhook('http://hooks.example.org/'));
    expect((await guarded.list()).map(({ url }) => url)).toEqual(['http://203.0.113.9/', 'http://hooks.example.org/']);
    expect(await guarded.remove('w')).toBe(true);
  });

  it.each(['10.0.0.0/33', '10.0.0/8', 'intranet'])('cannot be made of %s', (text) => {
    expect(() => new WebhookNetworks({ allowed: [text], refused: [] })).toThrow();
  });
});
