import { randomUUID } from 'node:crypto';
import { withoutSecrets } from '@wherefore/host';
import { WhereforeError } from '@wherefore/model';
import { LogEntrance } from '@wherefore/rabbitmq';
import type { Terminal } from '../terminal/terminal';
import type { Replayed } from './replaySource';

export interface TargetOptions {
  readonly target: string;
  readonly exchange: string;
}

/** The address without its password, for messages and reports. Throws `usage` for what is no address of a broker. */
export function targetName({ target }: TargetOptions): string {
  if (addressOf(target) === undefined) {
    // Not repeated: it may have a password in it.
    throw new WhereforeError('usage', 'what --target names is no address of a broker', {
      hint: 'Write for instance --target amqp://user:password@host:5672/vhost.',
    });
  }
  return withoutSecrets(target);
}

/** Opens the way to the target, and makes sure that a log is there. Rejects `target-unavailable`. */
export async function openTarget({ target, exchange }: TargetOptions): Promise<LogEntrance> {
  const entrance = new LogEntrance({ broker: { urls: [target], name: 'wherefore replay' }, exchange });
  try {
    await entrance.check();
    return entrance;
  } catch (error) {
    await entrance.close();
    throw error;
  }
}

/** Rejects `target-is-source` where address and exchange are those of the log that is replayed. Asks nobody. */
export function refuseSameAddress({ log }: Replayed, { target, exchange }: TargetOptions): void {
  if (log === undefined || log.exchange !== exchange) return;
  if (log.urls.some((url) => addressOf(url) === addressOf(target))) throw isSource(exchange);
}

/**
 * Rejects `target-is-source` where the log that is replayed receives what the target takes, by whatever name that goes;
 * and `target-unavailable` where no stream takes it.
 */
export async function refuseSameLog(
  { log }: Replayed,
  entrance: LogEntrance,
  { exchange }: TargetOptions,
  terminal: Terminal,
): Promise<void> {
  const markId = randomUUID();
  if (log === undefined) return entrance.mark(markId);
  try {
    if (await log.receives(markId, () => entrance.mark(markId))) throw isSource(exchange);
  } catch (error) {
    if (!(error instanceof WhereforeError) || error.code !== 'log-unavailable') throw error;
    // A broker that does not answer is not the one that just did.
    terminal.warn(`${withoutSecrets(error.message)}; only the addresses were compared`);
    await entrance.mark(markId);
  }
}

function isSource(exchange: string): WhereforeError {
  return new WhereforeError('target-is-source', `the exchange "${exchange}" there is that of the log to be replayed`, {
    hint: 'Name the broker of another Wherefore, or with --exchange another exchange. Nothing was pushed.',
  });
}

const PORTS: { readonly [protocol: string]: string } = { 'amqp:': '5672', 'amqps:': '5671' };

/** Host, port and virtual host, as far as two ways to write them are told to be the same. */
function addressOf(url: string): string | undefined {
  try {
    const { protocol, hostname, port, pathname } = new URL(url);
    const defaultPort = PORTS[protocol];
    if (defaultPort === undefined || hostname === '') return undefined;
    const vhost = pathname === '' ? '/' : decodeURIComponent(pathname.slice(1));
    const host = hostname.toLowerCase() === 'localhost' ? '127.0.0.1' : hostname.toLowerCase();
    return `${host}:${port || defaultPort}/${vhost}`;
  } catch {
    return undefined;
  }
}
