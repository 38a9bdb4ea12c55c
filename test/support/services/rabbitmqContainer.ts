import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { docker } from './docker';
import { freePort } from '../../../apps/cluster/src/services/freePort';
import { Guardian } from '../../../apps/cluster/src/services/guardian';
import type { RabbitmqServer } from './rabbitmqServer';

const START_DEADLINE_MS = 120_000;

/** A broker in a container. Its data is a volume of the container, and goes with it. */
export class RabbitmqContainer implements RabbitmqServer {
  private constructor(
    private readonly container: string,
    readonly url: string,
    private readonly guardian: Guardian,
  ) {}

  static async start(image: string, folder: string, password: string): Promise<RabbitmqContainer> {
    const port = await freePort();
    const account = ['-e', 'RABBITMQ_DEFAULT_USER=wherefore', '-e', `RABBITMQ_DEFAULT_PASS=${password}`];
    const container = docker('run', '-d', '-p', `127.0.0.1:${port}:5672`, ...account, image);
    const guardian = new Guardian(folder);
    guardian.atEnd(`docker rm -f -v ${container}`);
    const server = new RabbitmqContainer(container, `amqp://wherefore:${password}@127.0.0.1:${port}`, guardian);
    try {
      await server.ready();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  async kill(): Promise<void> {
    docker('kill', this.container);
  }

  async restart(): Promise<void> {
    docker('start', this.container);
    await this.ready();
  }

  pause(): void {
    docker('pause', this.container);
  }

  resume(): void {
    docker('unpause', this.container);
  }

  async stop(): Promise<void> {
    await this.guardian.finish();
  }

  private async ready(): Promise<void> {
    const deadlineMs = Date.now() + START_DEADLINE_MS;
    const ask = ['exec', this.container, 'rabbitmq-diagnostics', '-q', 'check_port_connectivity'];
    while (spawnSync('docker', ask, { stdio: 'ignore' }).status !== 0) {
      if (Date.now() > deadlineMs)
        throw new Error(`${this.container} was not ready: ${docker('logs', this.container)}`);
      await sleep(500);
    }
  }
}
