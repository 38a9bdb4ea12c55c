import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RabbitmqContainer } from './rabbitmqContainer';
import { RabbitmqProcess } from '../../../apps/cluster/src/services/rabbitmqProcess';
import { RABBITMQ_PROGRAMS } from '../../../apps/cluster/src/services/sources';
import type { RabbitmqServer } from '../../../apps/cluster/src/services/servers';
import { locateService, serviceNeed, type ServiceSource } from './service';

const IMAGE = 'rabbitmq:3.13';

/** How RabbitMQ is to be had. */
export const RABBITMQ: ServiceSource = { ...RABBITMQ_PROGRAMS, image: IMAGE };

/** `describeWithService('…', rabbitmqNeed, () => { … })`. */
export const rabbitmqNeed = serviceNeed(RABBITMQ);

export type { RabbitmqServer };

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
