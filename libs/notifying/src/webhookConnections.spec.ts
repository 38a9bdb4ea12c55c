import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { WebhookConnections } from './webhookConnections';
import { WebhookNetworks } from './webhookNetworks';

const CONTENT = Buffer.from('{}');
/** A connection is free for the next post a moment after the answer. */
const READY_AGAIN_MS = 30;

describe('WebhookConnections', () => {
  let server: Server;
  let connections: WebhookConnections;
  let sockets: Socket[];

  const listen = async (listener: RequestListener): Promise<string> => {
    server = createServer(listener).on('connection', (socket) => sockets.push(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  };
  const post = (url: string, timeoutMs = 5000, signal = new AbortController().signal): Promise<number> =>
    connections.post(connections.destinationOf(url), ['content-type', 'application/json'], CONTENT, {
      timeoutMs,
      signal,
    });

  beforeEach(() => {
    connections = new WebhookConnections(new WebhookNetworks({ allowed: [], refused: [] }));
    sockets = [];
  });
  afterEach(async () => {
    connections.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('keeps a connection from one post to the next', async () => {
    const url = await listen((request, response) => void request.resume().on('end', () => response.end('thanks')));
    for (let i = 0; i < 5; i++) {
      expect(await post(url)).toBe(200);
      await pause(READY_AGAIN_MS);
    }
    expect(sockets).toHaveLength(1);
  });

  it('sends once more what went to a connection that its other end had given up', async () => {
    let taken = 0;
    const url = await listen((request, response) => {
      // As a server whose patience with an idle connection ends just when the next request comes.
      if (++taken === 2) request.socket.destroy();
      else request.resume().on('end', () => response.end());
    });
    expect(await post(url)).toBe(200);
    await pause(READY_AGAIN_MS);
    expect(await post(url)).toBe(200);
    expect([taken, sockets.length]).toEqual([3, 2]);
  });

  it('has a connection for each post that is under way, and keeps those that its other end keeps', async () => {
    const answers: (() => void)[] = [];
    const url = await listen((request, response) => {
      if (answers.length === 2) response.setHeader('connection', 'close');
      answers.push(() => void request.resume().on('end', () => response.end('thanks')));
      if (answers.length === 3) for (const answer of answers) answer();
    });
    expect(await Promise.all([post(url), post(url), post(url)])).toEqual([200, 200, 200]);
    expect(sockets).toHaveLength(3);
    await pause(READY_AGAIN_MS);
    answers.length = 0;
    expect(await Promise.all([post(url), post(url), post(url)])).toEqual([200, 200, 200]);
    expect(sockets).toHaveLength(4);
  });

  it('takes no answer that nobody asked for', async () => {
    const url = await listen((request, response) => void request.resume().on('end', () => response.end('thanks')));
    expect(await post(url)).toBe(200);
    sockets[0]!.write('HTTP/1.1 500 Not asked\r\nContent-Length: 0\r\n\r\n');
    await once(sockets[0]!, 'close');
    expect(await post(url)).toBe(200);
    expect(sockets).toHaveLength(2);
  });

  it('does not send again on a new connection: that is for who keeps the backoff', async () => {
    let taken = 0;
    const url = await listen((request) => {
      taken += 1;
      request.socket.destroy();
    });
    await expect(post(url)).rejects.toThrow('other side closed');
    expect(taken).toBe(1);
  });

  it('gives up when no answer comes in time, and at once when it is told to', async () => {
    const url = await listen(() => undefined);
    await expect(post(url, 50)).rejects.toThrow('none within 50 ms');
    const control = new AbortController();
    const posting = post(url, 60_000, control.signal);
    control.abort(new Error('the term is over'));
    await expect(posting).rejects.toThrow('the term is over');
    await expect(post(url, 60_000, control.signal)).rejects.toThrow('the term is over');
  });

  it('does not read an answer without an end', async () => {
    const url = await listen((request, response) => {
      request.resume();
      response.writeHead(202);
      const pour = (): void => {
        while (!response.destroyed && response.write(CONTENT.toString().repeat(4096)));
      };
      response.on('drain', pour);
      pour();
    });
    const [socket] = (await Promise.all([once(server, 'connection'), post(url)]))[0] as [Socket];
    if (!socket.closed) await new Promise((closed) => socket.on('close', closed).on('error', () => undefined));
    expect(socket.closed).toBe(true);
  });
});
