import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Config, Log } from '@wherefore/host';
import { WhereforeError } from '@wherefore/model';
import { openAccess } from './access/openAccess';
import type * as Application from './http/application';
import type { ApiNode } from './apiNode';
import type { Processes } from './processes';

/** Longer than the minute after which proxies commonly let an idle connection go. */
const KEEP_ALIVE_MS = 65_000;

export interface ServerOptions {
  readonly config: Config;
  readonly log: Log;
  /** Open already; the server closes it. */
  readonly node: ApiNode;
  readonly processes: Processes;
}

export interface RunningServer {
  readonly url: string;
  /** Method and path of every endpoint, as the router has them. */
  routes(): readonly string[];
  /** Ends the answers under way, then the node. */
  close(): Promise<void>;
}

/** Serves REST on the configured address. Rejects `port-taken`; the node is closed then. */
export async function startServer({ config, log, node, processes }: ServerOptions): Promise<RunningServer> {
  const { host, port } = config.server;
  try {
    const { createApplication, routesOf } = createRequire(__filename)('./http/application') as typeof Application;
    const access = openAccess(config, { nowMs: () => node.nowMs() }, log);
    const app = await createApplication({ node, processes, config, access, log });
    // A client that keeps its connections sends on one that is about to be closed: proxies close theirs first.
    app.getHttpServer().keepAliveTimeout = KEEP_ALIVE_MS;
    await app.listen(port, host).catch((error: unknown) => {
      throw asPortTaken(error, host, port);
    });
    const address = app.getHttpServer().address() as AddressInfo;
    const url = `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
    log.info({ url }, 'listening');
    const close = async () => {
      await drain(app);
      await node.stop();
    };
    let closing: Promise<void> | undefined;
    return { url, routes: () => routesOf(app), close: () => (closing ??= close()) };
  } catch (error) {
    await node.stop();
    throw error;
  }
}

/** Ends what is being answered. A client that keeps its connection for later is not waited for. */
async function drain(app: NestExpressApplication): Promise<void> {
  const http: Server = app.getHttpServer();
  const hangUp = setInterval(() => http.closeIdleConnections(), 20);
  await app.close();
  clearInterval(hangUp);
}

/** Rejects `port-taken`. Known at once instead of after a long replay. */
export function tryPort(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(asPortTaken(error, host, port)));
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

function asPortTaken(error: unknown, host: string, port: number): unknown {
  const { code } = (error ?? {}) as { code?: unknown };
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error;
  const reason = code === 'EACCES' ? 'may not be used by this user' : 'is taken by another program';
  return new WhereforeError('port-taken', `port ${port} of ${host} ${reason}`, {
    hint: 'Stop the other program, or set server.port to another one (0 takes any that is free).',
    data: { host, port },
    cause: error,
  });
}
