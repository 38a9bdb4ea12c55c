import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { median } from './measure';

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
    const { hostname, port } = this.url;
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request({ hostname, port, method, path, headers, agent: this.agent });
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [reply] = (await once(sent, 'response')) as [IncomingMessage];
    const text = (await buffer(reply)).toString('utf8');
    return { status: reply.statusCode!, text, ms: performance.now() - startedMs };
  }

  async expect(method: string, path: string, body?: unknown): Promise<Reply> {
    const reply = await this.send(method, path, body);
    if (reply.status !== 200) throw new Error(`${method} ${path}: ${reply.status} ${reply.text.slice(0, 300)}`);
    return reply;
  }

  async p50(rounds: number, method: string, path: string, body?: unknown): Promise<number> {
    const times: number[] = [];
    for (let i = 0; i < rounds; i++) times.push((await this.expect(method, path, body)).ms);
    return median(times);
  }

  close(): void {
    this.agent.destroy();
  }
}
