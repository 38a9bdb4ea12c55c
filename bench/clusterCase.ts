import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { relative, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { hostDown } from '../test/cluster/cluster';
import { eventually, startProcess, type TestProcess } from '../test/cluster/processes';
import { clusterNeed, type Services, startServices } from '../test/cluster/services';
import { PROJECT_ROOT } from '../test/support/projectRoot';
import { Client } from './client';
import { type Figure, median } from './measure';

const RUNS = 20;
const LATENCY_SECONDS = 10;
const EVENTS_PER_SECOND = 500;
const EVENTS_A_POST = 5;
/** Of a leader that hangs; what the measured time is held against is this and a second. */
const LEASE_TTL_MS = 2000;
const GIVE_UP_MS = 30_000;

/** As the command runs, of this build. */
const PROGRAM = relative(PROJECT_ROOT, resolve(__dirname, '../../apps/cli/bin/wherefore.js'));

/**
 * Two processors, a persister and an api over a broker and a database of their own: from an event to the call of a
 * webhook, and from the loss of the leader to the first call for an event that is posted meanwhile.
 */
export async function clusterCase(): Promise<Figure[]> {
  if (!clusterNeed.available()) {
    process.stderr.write(`Left out: the cluster. It needs ${clusterNeed.needs}.\n`);
    return [];
  }
  const bench = await ClusterBench.open();
  try {
    return [...(await bench.latency()), ...(await bench.failover('SIGKILL')), ...(await bench.failover('SIGSTOP'))];
  } finally {
    await bench.close();
  }
}

class ClusterBench {
  /** When a webhook was called about each host. */
  private readonly calledAt = new Map<string, number>();
  private processors: TestProcess[] = [];
  private others: TestProcess[] = [];
  private url = '';
  private client: Client | undefined;
  private count = 0;

  private constructor(
    private readonly services: Services,
    private readonly receiver: Server,
  ) {}

  static async open(): Promise<ClusterBench> {
    const receiver = createServer();
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const bench = new ClusterBench(await startServices(), receiver);
    receiver.on('request', (request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      request.on('end', () => {
        const host = /host-\d+/.exec(text)?.[0];
        if (host !== undefined && !bench.calledAt.has(host)) bench.calledAt.set(host, performance.now());
        response.end();
      });
    });
    bench.processors = [bench.start('processor'), bench.start('processor')];
    const api = bench.start('api');
    bench.others = [bench.start('persister'), api];
    bench.url = await api.healthUrl();
    await eventually(async () => ((await fetch(`${bench.url}/readyz`)).ok ? true : undefined), 60_000);
    const { port } = receiver.address() as AddressInfo;
    await bench.post('/v1/webhook/', { url: `http://127.0.0.1:${port}/` });
    await bench.leader();
    // Processors look for new webhooks once in a while.
    await eventually(async () => ((await bench.untilCalled(performance.now(), 2000)) > 0 ? true : undefined), 60_000);
    return bench;
  }

  async latency(): Promise<Figure[]> {
    const posted: { readonly host: string; readonly at: number }[] = [];
    const pending: Promise<void>[] = [];
    const begunAt = performance.now();
    while (performance.now() - begunAt < LATENCY_SECONDS * 1000) {
      if (posted.length < ((performance.now() - begunAt) / 1000) * EVENTS_PER_SECOND) {
        const hosts = Array.from({ length: EVENTS_A_POST }, () => this.nextHost());
        const at = performance.now();
        for (const host of hosts) posted.push({ host, at });
        pending.push(...hosts.map((host) => this.post('/v1/event', hostDown(host))));
      } else await pause(1);
    }
    await Promise.all(pending);
    const last = posted.at(-1)!.host;
    await eventually(() => this.calledAt.get(last), GIVE_UP_MS);
    const times = posted.map(({ host, at }) => (this.calledAt.get(host) ?? Infinity) - at).sort((a, b) => a - b);
    const name = `event to webhook at ${Math.round(posted.length / LATENCY_SECONDS)} events/s`;
    const p99 = times[Math.floor(times.length * 0.99)]!;
    return [figure(`${name}, p50`, median(times), 15), figure(`${name}, p99`, p99, 100)];
  }

  /** From the signal to the leader until a webhook is called about an event that is posted right after it. */
  async failover(signal: 'SIGKILL' | 'SIGSTOP'): Promise<Figure[]> {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const leader = await this.leader();
      const at = performance.now();
      leader.signal(signal);
      times.push(await this.untilCalled(at, GIVE_UP_MS));
      if (signal === 'SIGSTOP') leader.signal('SIGCONT');
      else {
        await leader.dispose();
        this.processors = [...this.processors.filter((each) => each !== leader), this.start('processor')];
      }
      // The one that is new, or woke up, has to stand by again.
      await Promise.all(this.processors.map((each) => this.ready(each)));
      await pause(1500);
    }
    const [name, limit] = signal === 'SIGKILL' ? ['killed', 1000] : ['hung', LEASE_TTL_MS + 1000];
    return [
      figure(`leader ${name}: until the next one notifies, median of ${RUNS}`, median(times), limit),
      figure(`leader ${name}: the same, the longest`, Math.max(...times), null),
    ];
  }

  async close(): Promise<void> {
    await Promise.all([...this.processors, ...this.others].map((each) => each.dispose()));
    this.client?.close();
    this.receiver.closeAllConnections();
    this.receiver.close();
    await this.services.stop();
  }

  private start(role: string): TestProcess {
    const env = { WHEREFORE_SERVER__PORT: '0', WHEREFORE_PROCESSOR__LEASE_TTL_MS: String(LEASE_TTL_MS) };
    return startProcess([role], { ...this.services.env, ...env }, PROGRAM);
  }

  private async ready(started: TestProcess): Promise<void> {
    const url = await started.healthUrl();
    await eventually(async () => ((await fetch(`${url}/readyz`)).ok ? true : undefined), 60_000);
  }

  /** The processor that says that it leads; the board is behind by a second at most. */
  private leader(): Promise<TestProcess> {
    return eventually(async () => {
      for (const each of this.processors) {
        const metrics = await (await fetch(`${await each.healthUrl()}/metrics`)).text();
        if (/^wherefore_lease_epoch\{[^}]*lease="leader"[^}]*\} [1-9]/m.test(metrics)) return each;
      }
      return undefined;
    }, 60_000);
  }

  /** Milliseconds from `at` until a webhook is called about an event that is posted now. */
  private async untilCalled(at: number, withinMs: number): Promise<number> {
    const host = this.nextHost();
    const posting = this.post('/v1/event', hostDown(host));
    const calledAt = await eventually(() => this.calledAt.get(host), withinMs);
    await posting;
    return calledAt - at;
  }

  private nextHost(): string {
    this.count += 1;
    return `host-${this.count}`;
  }

  private async post(path: string, body: unknown): Promise<void> {
    this.client ??= new Client(new URL(this.url));
    await this.client.expect('POST', path, body);
  }
}

function figure(name: string, ms: number, limit: number | null): Figure {
  return { name: `cluster: ${name}`, value: ms, unit: 'ms', peer: limit, ratio: limit === null ? null : limit / ms };
}
