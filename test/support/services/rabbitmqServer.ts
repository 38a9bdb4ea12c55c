import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RabbitmqContainer } from './rabbitmqContainer';
import { RabbitmqProcess } from './rabbitmqProcess';
import { locateService, serviceNeed, type ServiceSource } from './service';

const IMAGE = 'rabbitmq:3.13';

/** How RabbitMQ is to be had. */
export const RABBITMQ: ServiceSource = {
  name: 'RabbitMQ',
  programs: [['rabbitmq-server'], ['epmd']],
  image: IMAGE,
  packages: [['rabbitmq-server']],
};

/** `describeWithService('…', rabbitmqNeed, () => { … })`. */
export const rabbitmqNeed = serviceNeed(RABBITMQ);

/** One private broker on loopback, on a port of its own. */
export interface RabbitmqServer {
  /** `amqp://…`, with user and password. */
  readonly url: string;
  /** Ends it without warning (`kill -9`). Settles when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port, after `kill`. */
  restart(): Promise<void>;
  /** It stops answering, but its connections stay (`SIGSTOP`). */
  pause(): void;
  resume(): void;
  /** Ends it, and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts a private RabbitMQ: own data, own names, loopback only, free ports. It ends with this process,
 * however that ends. Takes some 5 s. Rejects where RabbitMQ is not to be had.
 */
export async function startRabbitmq(): Promise<RabbitmqServer> {
  const located = locateService(RABBITMQ);
  if ('missing' in located) throw new Error(`RabbitMQ cannot be started: ${located.missing}`);
  const folder = mkdtempSync(path.join(tmpdir(), 'wherefore-rabbitmq-'));
  const password = randomBytes(12).toString('hex');
  return located.origin === 'docker'
    ? RabbitmqContainer.start(IMAGE, folder, password)
    : RabbitmqProcess.start(folder, password);
}
