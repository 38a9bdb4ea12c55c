import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Config, type Log, Metrics, openLog, programVersion, Reporter } from '@wherefore/host';
import { MemoryProcessBoard } from '@wherefore/ports';
import { machineTimer } from '@wherefore/runtime';
import { WhereforeNode, type NodeOptions } from './node';
import { Processes } from './processes';
import { type RunningServer, startServer, tryPort } from './server';

export interface EmbeddedOptions extends NodeOptions {
  readonly config: Config;
  /** A node that is open already; the server closes it. Default: one is opened from the configuration. */
  readonly node?: WhereforeNode;
}

/** A server with the node that has all roles. */
export interface EmbeddedServer extends RunningServer {
  readonly node: WhereforeNode;
}

/**
 * All roles in this process, and REST. Rejects `port-taken`, and as `WhereforeNode.open` does; nothing is left open then,
 * not even a node that was handed in.
 */
export async function startEmbeddedServer(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { config } = options;
  const log: Log = options.log ?? openLog(config.log);
  const node = options.node ?? (await openNode(options, log));
  return { ...(await startServer({ config, log, node, processes: onlyProcess(node, log) })), node };
}

/**
 * Serves until SIGTERM, SIGINT, or the end of the node; resolves with the exit code. What was
 * accepted is settled before: 0 means that nothing was left undone.
 */
export async function runServer({ node, close }: EmbeddedServer, log: Log): Promise<number> {
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

async function openNode(options: EmbeddedOptions, log: Log): Promise<WhereforeNode> {
  const { host, port } = options.config.server;
  if (port !== 0) await tryPort(host, port);
  return WhereforeNode.open(options.config, { ...options, log });
}

/** A board with one process on it, whose report is made when somebody asks. */
function onlyProcess(node: WhereforeNode, log: Log): Processes {
  const clock = { nowMs: () => node.nowMs() };
  const identity = {
    id: `all@${hostname()}:${process.pid}:${randomUUID().slice(0, 4)}`,
    role: 'all',
    startedAtMs: clock.nowMs(),
    reportEveryMs: 2000,
  };
  const reporter = new Reporter(identity, { ...machineTimer, ...clock }, log);
  reporter.works({ ended: node.ended, status: (asker) => node.status(asker), stop: async () => undefined });
  const metrics = new Metrics({ ...identity, version: programVersion() });
  const board = new MemoryProcessBoard(clock);
  return new Processes({ shape: 'embedded', board, metrics, clock, report: () => reporter.report('board') });
}
