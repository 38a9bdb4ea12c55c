import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import tls from 'node:tls';
import type { Webhook } from '@wherefore/ports';
import { Receivers, WebhookNetworks } from '@wherefore/notifying';
import { CERTIFICATE, KEY } from '../../libs/openstack/src/loopbackCertificate.sim';

describe('A webhook over TLS', () => {
  let server: Server;
  let receivers: Receivers;
  let webhook: Webhook;
  let connections: number;
  const never = new AbortController().signal;
  const body = { notification: 'vitrage.alarm.activate', payload: {} };

  beforeEach(async () => {
    connections = 0;
    server = createServer({ key: KEY, cert: CERTIFICATE }, (request, response) => {
      request.resume().on('end', () => response.end('thanks'));
    }).on('secureConnection', () => (connections += 1));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    webhook = { id: 'w', projectId: 'p', isAdmin: true, url, filter: {}, headers: {}, createdAtMs: 0 };
    const registered = { list: [webhook] };
    const store = { list: () => Promise.resolve([webhook]) };
    const networks = new WebhookNetworks({ allowed: [], refused: [] });
    receivers = new Receivers(registered, store, { networks, timeoutMs: 5000 });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    receivers.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const send = async () => {
    const receiver = await receivers.find('w');
    const delivery = { effectId: 'e', receiver: 'w', body, attempts: 0, notBeforeMs: 0, lastFailure: '' };
    return receiver!.send(delivery, never);
  };

  it('is not posted to when nobody vouches for its certificate', async () => {
    expect(await send()).toEqual({ kind: 'failed', reason: 'no answer: DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(connections).toBe(0);
  });

  it('keeps its connection from one message to the next', async () => {
    // As a machine whose operator trusts this certificate.
    const { connect } = tls;
    jest
      .spyOn(tls, 'connect')
      .mockImplementation(((options: tls.ConnectionOptions) =>
        connect({ ...options, ca: CERTIFICATE })) as typeof connect);
    for (let i = 0; i < 3; i++) {
      expect(await send()).toEqual({ kind: 'delivered' });
      // It is free for the next post a moment after the answer.
      await pause(30);
    }
    expect(connections).toBe(1);
  });
});
