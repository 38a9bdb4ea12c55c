import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { relative } from 'node:path';
import { driverEvents } from '@wherefore/datasources';
import { type DistributedPorts, distributed, loadConfig, openPorts, ROLE_NODE_FLAGS, silentLog } from '@wherefore/host';
import { ENTRY_VERSION, type NewEntry } from '@wherefore/model';
import { machineTimer } from '@wherefore/runtime';
import { hostDown } from '../test/cluster/cluster';
import { eventually, startProcess, type TestProcess } from '../test/cluster/processes';
import { type Services, startServices } from '../test/cluster/services';
import { PROJECT_ROOT } from '../test/support/projectRoot';
import { Client } from './client';
import { PROGRAM_FILE } from './nodeFlags';
import { WebhookSink } from './webhookSink';

/** Of a leader that hangs. */
export const LEASE_TTL_MS = 2000;
const READY_MS = 60_000;

/** The source makes up entries meanwhile, for a second and more, and says nothing to the broker. */
const PATIENT = { WHEREFORE_BROKER__HEARTBEAT_SECONDS: '30' };

/** As the command runs, of this build. */
const PROGRAM = relative(PROJECT_ROOT, PROGRAM_FILE);

/** As by default; in the environment of tests nobody stands back. */
const STAND_BACK = { WHEREFORE_NICENESS__API: String(loadConfig({ env: {}, cwd: tmpdir() }).niceness.api) };

/** A cluster over a broker and a database of its own, with a receiver of webhooks, and a source that publishes to its log. */
export class ClusterStand {
  processors: TestProcess[] = [];
  private others: TestProcess[] = [];
  private api: Client | undefined;
  private hosts = 0;

  private constructor(
    readonly services: Services,
    /** As a listener or a driver has them. */
    readonly ports: DistributedPorts,
    private readonly receiver: WebhookSink,
    /** When a webhook was called about each host. */
    private readonly calledAt: ReadonlyMap<string, number>,
  ) {}

  static async open(): Promise<ClusterStand> {
    const services = await startServices();
    const ports = await openPorts(loadConfig({ env: sourceEnvOf(services), cwd: tmpdir() }), {
      ...{ log: silentLog, timer: machineTimer, signal: new AbortController().signal },
      ...{ name: 'source', waits: () => undefined },
    });
    const calledAt = new Map<string, number>();
    const receiver = await WebhookSink.open((text) => {
      const host = /host-\d+/.exec(text)?.[0];
      if (host !== undefined && !calledAt.has(host)) calledAt.set(host, performance.now());
    });
    return new ClusterStand(services, distributed(ports), receiver, calledAt);
  }

  /** For a source in a process of its own. */
  get sourceEnv(): Services['env'] {
    return sourceEnvOf(this.services);
  }

  /** Starts a role, and waits until it is ready. */
  async start(role: string, env: { readonly [name: string]: string } = {}): Promise<TestProcess> {
    const more = {
      NODE_OPTIONS: ROLE_NODE_FLAGS.join(' '),
      ...STAND_BACK,
      WHEREFORE_SERVER__PORT: '0',
      WHEREFORE_PROCESSOR__LEASE_TTL_MS: String(LEASE_TTL_MS),
      ...env,
    };
    const started = startProcess([role], { ...this.services.env, ...more }, PROGRAM);
    if (role === 'processor') this.processors.push(started);
    else this.others.push(started);
    await this.ready(started);
    return started;
  }

  async ready(started: TestProcess): Promise<void> {
    const url = await started.healthUrl();
    await eventually(async () => ((await fetch(`${url}/readyz`)).ok ? true : undefined), READY_MS);
  }

  async end(ended: TestProcess): Promise<void> {
    await ended.dispose();
    this.processors = this.processors.filter((each) => each !== ended);
    this.others = this.others.filter((each) => each !== ended);
  }

  /** Has all alarms told to the receiver from now on. */
  async registerWebhook(api: TestProcess): Promise<void> {
    this.api = new Client(new URL(await api.healthUrl()));
    await this.api.expect('POST', '/v1/webhook/', { url: this.receiver.url });
    // Processors look for new webhooks once in a while.
    await eventually(async () => ((await this.untilCalled(performance.now(), 2000)) > 0 ? true : undefined), READY_MS);
  }

  /** The processor that says that it leads. */
  leader(): Promise<TestProcess> {
    return eventually(async () => {
      for (const each of this.processors) {
        if ((await this.metric(each, 'wherefore_lease_epoch{[^}]*lease="leader"[^}]*}')) > 0) return each;
      }
      return undefined;
    }, READY_MS);
  }

  /** A figure of `/metrics`; 0 when it is not there. */
  async metric(of: TestProcess, pattern: string): Promise<number> {
    const text = await (await fetch(`${await of.healthUrl()}/metrics`)).text();
    return Number(new RegExp(`^${pattern} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  }

  /** A host that nobody heard of before. */
  nextHost(): string {
    this.hosts += 1;
    return `host-${this.hosts}`;
  }

  postDown(host: string): Promise<unknown> {
    return this.api!.expect('POST', '/v1/event', hostDown(host));
  }

  /** What a listener or driver would say of it: that this host is down. */
  downEntry(host: string): NewEntry {
    const context = { userAgent: '', nowText: new Date().toISOString(), datasources: {} };
    const posted = driverEvents(hostDown(host), context);
    if (!('events' in posted)) throw new Error(posted.message);
    const base = { id: randomUUID(), source: 'bench', ingestedAtMs: Date.now() };
    return { kind: 'event', version: ENTRY_VERSION, ...base, event: posted.events[0]! };
  }

  /** Publishes to the log, as a listener or a driver does. */
  publish(entries: readonly NewEntry[]): Promise<void> {
    return this.ports.log.append(entries);
  }

  /** When the webhook was called about a host; rejects when it was not in time. */
  whenCalled(host: string, withinMs: number): Promise<number> {
    return eventually(() => this.calledAt.get(host), withinMs);
  }

  /** Milliseconds from `at` until a webhook is called about an event that is posted now. */
  async untilCalled(at: number, withinMs: number): Promise<number> {
    const host = this.nextHost();
    const posting = this.postDown(host);
    const calledAt = await this.whenCalled(host, withinMs);
    await posting;
    return calledAt - at;
  }

  async close(): Promise<void> {
    await Promise.all([...this.processors, ...this.others].map((each) => each.dispose()));
    this.api?.close();
    this.receiver.close();
    await this.ports.close();
    await this.services.stop();
  }
}

function sourceEnvOf({ env }: Services): Services['env'] {
  return { ...env, ...PATIENT };
}
