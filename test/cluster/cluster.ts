import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessesAnswer, ProcessView } from '@wherefore/contract';
import { type MariadbStore, openStore } from '@wherefore/mariadb';
import type { JsonObject } from '@wherefore/model';
import { freePort } from '../../apps/cluster/src/services/freePort';
import { eventually, startProcess, type TestProcess } from './processes';
import { type Services, startServices } from './services';

export type Role = 'processor' | 'persister' | 'api';

/** Processes of Wherefore over services of the test's own. */
export class Cluster {
  readonly processes: { readonly role: Role; readonly process: TestProcess; readonly url?: string }[] = [];

  private constructor(readonly services: Services) {}

  static async open(): Promise<Cluster> {
    return new Cluster(await startServices());
  }

  /** `program` is that of another version; by default it is that of this build. */
  async start(role: Role, env: { readonly [name: string]: string } = {}, program?: string): Promise<TestProcess> {
    const port = role === 'api' ? await freePort() : undefined;
    const listening = port === undefined ? {} : { WHEREFORE_SERVER__PORT: String(port) };
    const process = startProcess([role], { ...this.services.env, ...listening, ...env }, program);
    this.processes.push({ role, process, ...(port === undefined ? {} : { url: `http://127.0.0.1:${port}` }) });
    return process;
  }

  /** Settles when the process says that it is ready. */
  async ready(process: TestProcess): Promise<void> {
    const base = this.processes.find((each) => each.process === process)?.url ?? (await process.healthUrl());
    await eventually(async () => ((await fetch(`${base}/readyz`)).status === 200 ? true : undefined), 60_000);
  }

  urlOf(process: TestProcess): string {
    return this.processes.find((each) => each.process === process)!.url!;
  }

  /** What REST answers. */
  async get<T = JsonObject>(api: TestProcess, path: string): Promise<T> {
    return (await (await fetch(this.urlOf(api) + path)).json()) as T;
  }

  async post(api: TestProcess, path: string, body: unknown): Promise<number> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.urlOf(api) + path, { method: 'POST', headers, body: JSON.stringify(body) });
    await response.text();
    return response.status;
  }

  /** What an api says of all processes. */
  status(api: TestProcess): Promise<ProcessesAnswer> {
    return this.get<ProcessesAnswer>(api, '/v1/processes');
  }

  /** The process that holds a lease, as the board has it. */
  holderOf(api: TestProcess, lease: string): Promise<ProcessView> {
    return eventually(async () => {
      const { processes } = await this.status(api);
      return processes.find(({ leads }) => leads.some((held) => held.lease === lease));
    }, 30_000);
  }

  /** The store of the cluster's database; to be closed by the caller. */
  store(): Promise<MariadbStore> {
    const { host, port, user, password } = this.services.database;
    return openStore({ host, port, user, password, database: 'wherefore' });
  }

  /** Has all alarms told to that address from now on. */
  async register(api: TestProcess, url: string): Promise<void> {
    await this.post(api, '/v1/webhook', { url });
    // Processors look for webhooks that others registered once a second.
    await delay(2500);
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map(({ process }) => process.dispose()));
    await this.services.stop();
  }
}

/** An event that puts a compute host into the graph with an alarm on it. */
export function hostDown(hostname: string, status: 'down' | 'up' = 'down'): JsonObject {
  return {
    time: new Date().toISOString(),
    type: 'compute.host.down',
    details: {
      hostname,
      source: 'ipmi',
      cause: 'link-down',
      severity: 'critical',
      status,
      monitor_id: 'monitor-1',
      monitor_event_id: hostname,
    },
  };
}
