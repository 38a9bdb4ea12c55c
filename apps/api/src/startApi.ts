import { type ProcessContext, type RunningRole, distributed } from '@wherefore/host';
import { DistributedNode } from './distributedNode';
import { Processes } from './processes';
import { startServer } from './server';

/** The REST server as a process of its own, over the log and the database that it shares with others. */
export async function startApi(context: ProcessContext): Promise<RunningRole> {
  const { config, log, timer, metrics } = context;
  const { board } = distributed(context.ports);
  const node = await DistributedNode.open(context);
  const processes = new Processes({ shape: 'distributed', board, metrics, clock: timer, report: context.report });
  const server = await startServer({ config, node, log, processes });
  return {
    ended: node.ended,
    healthUrl: server.url,
    status: (asker) => node.status(asker),
    stop: () => server.close(),
  };
}
