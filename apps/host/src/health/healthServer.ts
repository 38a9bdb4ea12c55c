import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WhereforeError, formatPosition } from '@wherefore/model';
import type { ProcessReport } from '@wherefore/ports';

export interface HealthSource {
  /** What the process would report now. */
  report(): Promise<ProcessReport>;
  metrics(report: ProcessReport): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** `/healthz`, `/readyz` and `/metrics` of a process that has no other server. */
export class HealthServer {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** Rejects `port-taken`. Port 0 takes any that is free. */
  static async listen(host: string, port: number, source: HealthSource): Promise<HealthServer> {
    const server = createServer((request, response) => {
      answer(request, response, source).catch((error: unknown) => {
        response.writeHead(500).end(`${String(error)}\n`);
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(portTaken(error, host, port)));
      server.listen(port, host, resolve);
    });
    const { address, family, port: taken } = server.address() as AddressInfo;
    return new HealthServer(server, `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, source: HealthSource): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end();
  switch (request.url) {
    case '/healthz':
      return json(response, 200, { status: 'ok' });
    case '/readyz': {
      const report = await source.report();
      return json(response, report.phase === 'ready' ? 200 : 503, readiness(report));
    }
    case '/metrics': {
      const { contentType, text } = await source.metrics(await source.report());
      return void response.writeHead(200, { 'content-type': contentType }).end(text);
    }
    default:
      return json(response, 404, { error: 'There are /healthz, /readyz and /metrics.' });
  }
}

/** What `/readyz` says of a process. */
export function readiness({ phase, note, position, leads }: ProcessReport): { readonly [key: string]: unknown } {
  return {
    status: phase,
    ...(note === '' ? {} : { reason: note }),
    ...(position === null ? {} : { position: formatPosition(position) }),
    leads: leads.map(({ lease }) => lease),
  };
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

function portTaken(error: unknown, host: string, port: number): unknown {
  const { code } = error as { readonly code?: unknown };
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return error;
  return new WhereforeError('port-taken', `port ${port} of ${host} cannot be used for health (${String(code)})`, {
    hint: "Stop the other program, or set the role's healthPort to another one (0 takes any that is free).",
    cause: error,
  });
}
