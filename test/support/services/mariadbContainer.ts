import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { docker } from './docker';
import { freePort } from '../../../apps/cluster/src/services/freePort';
import { Guardian } from '../../../apps/cluster/src/services/guardian';
import type { ProcessParts } from '../../../apps/cluster/src/services/mariadbProcess';
import type { MariadbServer } from './mariadbServer';

const START_DEADLINE_MS = 120_000;

/** An instance in a container. The data is a volume of the container, and goes with it. */
export class MariadbContainer implements MariadbServer {
  readonly host = '127.0.0.1';
  readonly user = 'root';

  private constructor(
    private readonly container: string,
    readonly port: number,
    readonly password: string,
    private readonly guardian: Guardian,
  ) {}

  static async start(
    image: string,
    { folder, password, options, keepFolder }: ProcessParts,
  ): Promise<MariadbContainer> {
    const port = await freePort();
    const volume = keepFolder ? ['-v', `${folder}:/var/lib/mysql`] : [];
    const published = ['-p', `127.0.0.1:${port}:3306`, '-e', `MARIADB_ROOT_PASSWORD=${password}`];
    const container = docker('run', '-d', ...published, ...volume, image, ...options);
    const guardian = new Guardian(keepFolder ? `${folder}/container` : folder);
    guardian.atEnd(`docker rm -f -v ${container}`);
    const server = new MariadbContainer(container, port, password, guardian);
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

  async shutDown(): Promise<void> {
    docker('stop', this.container);
  }

  async restart(options: readonly string[] = []): Promise<void> {
    if (options.length > 0) throw new Error('a container keeps the options that it was made with');
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

  /** The image starts a first server to set itself up, without a network; only then the real one. */
  private async ready(): Promise<void> {
    const deadlineMs = Date.now() + START_DEADLINE_MS;
    const ping = ['exec', this.container, 'mariadb-admin', 'ping', '-h', '127.0.0.1', '-u', 'root'];
    while (spawnSync('docker', [...ping, `-p${this.password}`], { stdio: 'ignore' }).status !== 0) {
      if (Date.now() > deadlineMs)
        throw new Error(`${this.container} was not ready: ${docker('logs', this.container)}`);
      await sleep(200);
    }
  }
}
