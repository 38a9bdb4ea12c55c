import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type Config, type Log, openLog } from '@wherefore/host';
import { WhereforeError } from '@wherefore/model';
import { openAccess } from './access/openAccess';
import type * as Application from './http/application';
import { WhereforeNode, type NodeOptions } from './node';

/** Longer than the minute after which proxies commonly let an idle connection go. */
const KEEP_ALIVE_MS = 65_000;

export interface ServerOptions extends NodeOptions {
  readonly config: Config;
  /** A node that is open already; the server closes it. Default: one is opened from the configuration. */
  readonly node?: WhereforeNode;
}

export interface RunningServer {
  readonly url: string;
  readonly node: WhereforeNode;
  /** Method and path of every endpoint, as the router has them. */
  routes(): readonly string[];
  /** Ends the answers under way, then the node. */
  close(): Promise<void>;
}

/**
 * Serves REST on the configured address. Rejects `port-taken`, and as `WhereforeNode.open`
 * does; nothing is left open then, not even a node that was handed in.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { config } = options;
  const { host, port } = config.server;
  const log: Log = options.log ?? openLog(config.log);
  const node = options.node ?? (await openNode(options, log));
  try {
    const { createApplication, routesOf } = createRequire(__filename)('./http/application') as typeof Application;
    const access = openAccess(config, { nowMs: () => node.nowMs() }, log);
    const app = await createApplication({ node, config, access, log });
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
    return { url, node, routes: () => routesOf(app), close: () => (closing ??= close()) };
  } catch (error) {
    await node.stop();
    throw error;
  }
}

/**
 * Serves until SIGTERM, SIGINT, or the end of the node; resolves with the exit code. What was
 * accepted is settled before: 0 means that nothing was left undone.
 */
export async function runServer({ node, close }: RunningServer, log: Log): Promise<number> {
  const signal = new Promise<NodeJS.Signals>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, resolve);
  });
  const ended = await Promise.race([signal, node.ended]);
  const isAsked = ended === 'SIGTERM' || ended === 'SIGINT';
  if (isAsked) log.info({ signal: ended }, 'stopping');
  else log.fatal({ err: ended }, 'the node ended');
  await close();
  return isAsked ? 0 : 1;
}

/** Ends what is being answered. A client that keeps its connection for later is not waited for. */
async function drain(app: NestExpressApplication): Promise<void> {
  const http: Server = app.getHttpServer();
  const hangUp = setInterval(() => http.closeIdleConnections(), 20);
  await app.close();
  clearInterval(hangUp);
}

async function openNode(options: ServerOptions, log: Log): Promise<WhereforeNode> {
  const { host, port } = options.config.server;
  // Known at once instead of after a long replay.
  if (port !== 0) await tryPort(host, port);
  return WhereforeNode.open(options.config, { ...options, log });
}

function tryPort(host: string, port: number): Promise<void> {
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
