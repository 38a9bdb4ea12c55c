import { fork } from 'node:child_process';
import { once } from 'node:events';
import { LeanConnection } from './leanConnection';

/** Reads at a fixed rate. */
export interface ReadPlan {
  readonly url: string;
  /** In turn. */
  readonly paths: readonly string[];
  readonly perSecond: number;
  readonly seconds: number;
  readonly connections: number;
}

/** What became of them. What could not be sent when it was due counts from then on. */
export interface ReadReport {
  readonly answered: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

/** Sends the reads from a process of its own, so that they take no time of whoever measures. */
export async function readFromAside(plan: ReadPlan): Promise<ReadReport> {
  const child = fork(__filename, [], { execArgv: [] });
  child.send(plan);
  const [report] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the process that reads has ended'))),
  ])) as [ReadReport];
  return report;
}

async function read({ url, paths, perSecond, seconds, connections }: ReadPlan): Promise<ReadReport> {
  const idle = await Promise.all(Array.from({ length: connections }, () => LeanConnection.open(new URL(url))));
  const all = [...idle];
  const due: { readonly path: string; readonly dueMs: number }[] = [];
  const times: number[] = [];
  const startedMs = performance.now();
  let planned = 0;
  let done: (reason?: unknown) => void = () => undefined;
  const total = perSecond * seconds;
  const sendDue = (): void => {
    for (let next = due.length > 0; next && idle.length > 0; next = due.length > 0) {
      const connection = idle.pop()!;
      const { path, dueMs } = due.shift()!;
      connection.get(path).then(() => {
        times.push(performance.now() - dueMs);
        idle.push(connection);
        if (times.length === total) done();
        else sendDue();
      }, done);
    }
  };
  const finished = new Promise<void>((resolve, reject) => {
    done = (reason) => (reason === undefined ? resolve() : reject(reason as Error));
  });
  const planning = setInterval(() => {
    const elapsed = (performance.now() - startedMs) / 1000;
    for (; planned < Math.min(total, elapsed * perSecond); planned++) {
      due.push({ path: paths[planned % paths.length]!, dueMs: startedMs + (planned / perSecond) * 1000 });
    }
    sendDue();
  }, 1);
  await finished.finally(() => clearInterval(planning));
  const took = (performance.now() - startedMs) / 1000;
  for (const connection of all) connection.close();
  times.sort((a, b) => a - b);
  const quantile = (share: number): number => times[Math.floor(times.length * share)]!;
  return {
    answered: times.length,
    seconds: took,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    longestMs: times.at(-1)!,
  };
}

if (require.main === module) {
  process.once('message', (plan: ReadPlan) => {
    void read(plan).then((report) => {
      process.send!(report, () => process.disconnect());
    });
  });
}
