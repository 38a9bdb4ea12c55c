import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
}

/** A client over loopback, with connections that are kept. */
export class Client {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(private readonly url: URL) {}

  async send(method: string, path: string, body?: unknown): Promise<Reply> {
    const startedMs = performance.now();
    const reply = await this.begin(method, path, body);
    const bytes = await buffer(reply);
    const ms = performance.now() - startedMs;
    return { status: reply.statusCode!, text: bytes.toString('utf8'), ms };
  }

  /** Milliseconds until all of an answer was there; of which nothing is kept. */
  async discard(method: string, path: string, body?: unknown): Promise<number> {
    const startedMs = performance.now();
    const reply = await this.begin(method, path, body);
    reply.resume();
    await once(reply, 'end');
    if (reply.statusCode !== 200) throw new Error(`${method} ${path}: ${reply.statusCode}`);
    return performance.now() - startedMs;
  }

  async expect(method: string, path: string, body?: unknown): Promise<Reply> {
    const reply = await this.send(method, path, body);
    if (reply.status !== 200) throw new Error(`${method} ${path}: ${reply.status} ${reply.text.slice(0, 300)}`);
    return reply;
  }

  close(): void {
    this.agent.destroy();
  }

  private async begin(method: string, path: string, body: unknown): Promise<IncomingMessage> {
    const { hostname, port } = this.url;
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request({ hostname, port, method, path, headers, agent: this.agent });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [reply] = (await once(sent, 'response')) as [IncomingMessage];
    return reply;
  }
}
