import { WhereforeError } from '@wherefore/model';
import type { Channel, ChannelModel } from 'amqplib';
import { bindingKey, type BusSettings, deadLetterQueue } from './busSettings';

const NOT_FOUND = 404;
const ACCESS_REFUSED = 403;
const PRECONDITION_FAILED = 406;
const ANSWER_TIMEOUT_MS = 5_000;

/** What was bound, and what could not be. */
export interface Bindings {
  readonly bound: ReadonlySet<string>;
  /** Exchanges that are not bound, with the reason. */
  readonly missing: ReadonlyMap<string, string>;
}

/**
 * Makes sure of the queue and of that of dead letters. True when the queue was not there: then whatever was
 * announced before is lost. Rejects `bus-unavailable`, not retryable when somebody declared it otherwise.
 */
export async function ensureQueues(connection: ChannelModel, settings: BusSettings): Promise<boolean> {
  const { queue, queueType, deadLetterBytesMax } = settings;
  const dead = deadLetterQueue(queue);
  const isNew = !(await isThere(connection, (channel) => channel.checkQueue(queue)));
  const declare = async (channel: Channel): Promise<void> => {
    await channel.assertQueue(dead, {
      durable: true,
      arguments: { 'x-queue-type': queueType, 'x-max-length-bytes': deadLetterBytesMax, 'x-overflow': 'drop-head' },
    });
    await channel.assertQueue(queue, {
      durable: true,
      arguments: {
        'x-queue-type': queueType,
        'x-single-active-consumer': true,
        // What a broker gives up by itself, as quorum queues do with what was delivered too often, is kept there too.
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': dead,
      },
    });
  };
  await onChannel(connection, declare).catch((error: unknown) => {
    throw codeOf(error) === PRECONDITION_FAILED ? declaredOtherwise(queue, error) : error;
  });
  return isNew;
}

/**
 * Binds the queue to the exchanges that are there. They belong to the cloud's services, which declare them, each as it
 * is configured: one that is missing is not made, or its service could not declare it any more.
 */
export async function bindExchanges(connection: ChannelModel, settings: BusSettings): Promise<Bindings> {
  const bound = new Set<string>();
  const missing = new Map<string, string>();
  for (const exchange of settings.exchanges) {
    try {
      await onChannel(connection, async (channel) => {
        for (const topic of settings.topics) await channel.bindQueue(settings.queue, exchange, bindingKey(topic));
      });
      bound.add(exchange);
    } catch (error) {
      const code = codeOf(error);
      if (code !== NOT_FOUND && code !== ACCESS_REFUSED) throw error;
      missing.set(exchange, code === NOT_FOUND ? 'it is not there' : 'the user may not read it');
    }
  }
  return { bound, missing };
}

async function isThere(connection: ChannelModel, look: (channel: Channel) => Promise<unknown>): Promise<boolean> {
  try {
    await onChannel(connection, look);
    return true;
  } catch (error) {
    if (codeOf(error) === NOT_FOUND) return false;
    throw error;
  }
}

/** Rejects when the broker does not answer: a queue that has just lost its node may leave a question open for ever. */
export async function answered(asked: Promise<unknown>, timeoutMs = ANSWER_TIMEOUT_MS): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A channel of its own: what the broker refuses closes it. */
async function onChannel(connection: ChannelModel, use: (channel: Channel) => Promise<unknown>): Promise<void> {
  const channel = await connection.createChannel().catch(lost);
  channel.on('error', () => undefined);
  try {
    await answered(use(channel));
  } catch (error) {
    throw busTrouble(`the broker refused: ${error instanceof Error ? error.message : String(error)}`, error);
  } finally {
    void channel.close().catch(() => undefined);
  }
}

/** The connection was lost while something was opened on it. */
export function lost(error: unknown): never {
  throw busTrouble(`the connection to the bus was lost: ${(error as Error).message}`, error);
}

/** A failure of the cloud's bus that may pass. */
export function busTrouble(message: string, cause?: unknown): WhereforeError {
  return new WhereforeError('bus-unavailable', message, {
    retryable: true,
    hint: 'See whether the broker of the cloud runs, whether listener.urls is right, and what its user may do.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The broker will refuse the same again tomorrow. */
function declaredOtherwise(queue: string, cause: unknown): WhereforeError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new WhereforeError('bus-unavailable', `the queue ${queue} was declared otherwise: ${detail}`, {
    hint: 'Delete it once it is empty, or choose another name with listener.queue.',
    cause,
  });
}

/** The reply code of the broker, if it said one. */
function codeOf(error: unknown): number | undefined {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  if (typeof code === 'number') return code;
  return cause === undefined || cause === null ? undefined : codeOf(cause);
}
