import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { WhereforeError } from '@wherefore/model';
import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { joinWrites } from './joinedWrites';

export interface BrokerAddress {
  /** `amqp://user:password@host:port/vhost`; of several, the first that answers. */
  readonly urls: readonly string[];
  /** How long a broker may be silent before the connection is given up. */
  readonly heartbeatSeconds?: number;
  /** Shown in the broker's list of connections. */
  readonly name?: string;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * One connection to a broker that comes back: whoever needs it asks for it anew, and gets the one that
 * stands or waits for the next. Attempts are spaced out with jitter, so that a broker which starts is
 * not run over by everyone at once.
 */
export class BrokerLink {
  private connection: ChannelModel | undefined;
  private connecting: Promise<ChannelModel> | undefined;
  private failures = 0;
  private closed = false;

  constructor(
    private readonly address: BrokerAddress,
    /** Hears why a connection was lost or refused, and `undefined` when there is one again. */
    private readonly onChange: (trouble: WhereforeError | undefined) => void = () => undefined,
    /** What its failures are, where the broker is not that of the log. */
    private readonly failure: (message: string, cause?: unknown) => WhereforeError = unavailable,
  ) {}

  /** The connection. One attempt; rejects `log-unavailable` (retryable) when no broker answers. */
  async get(): Promise<ChannelModel> {
    if (this.closed) throw this.failure('the connection to the broker was closed');
    if (this.connection) return this.connection;
    this.connecting ??= this.connect().finally(() => (this.connecting = undefined));
    return this.connecting;
  }

  /** A channel of the connection. Rejects as `get` does, also when the connection is lost while it is asked for. */
  channel(): Promise<Channel> {
    return this.opened((connection) => connection.createChannel());
  }

  /** The same, on which what is published is confirmed. */
  confirmChannel(): Promise<ConfirmChannel> {
    return this.opened((connection) => connection.createConfirmChannel());
  }

  /** Waits before the next attempt: longer after each failure in a row. Ends early, without error, on abort. */
  async pause(signal?: AbortSignal): Promise<void> {
    await this.waitBeforeNext(signal === undefined ? {} : { signal });
  }

  async close(): Promise<void> {
    this.closed = true;
    const open = this.connection ?? (await this.connecting?.catch(() => undefined));
    if (open) await closed(open);
  }

  private async opened<T>(open: (connection: ChannelModel) => Promise<T>): Promise<T> {
    const connection = await this.get();
    try {
      return await open(connection);
    } catch (error) {
      throw this.failure(`the connection to the broker was lost: ${messageOf(error)}`, error);
    }
  }

  private async connect(): Promise<ChannelModel> {
    const { urls, heartbeatSeconds = 5, name = 'wherefore' } = this.address;
    let last: unknown;
    for (const url of urls) {
      try {
        const connection = await connect(withHeartbeat(url, heartbeatSeconds), {
          timeout: CONNECT_TIMEOUT_MS,
          // A small frame would wait for the broker's acknowledgement of the one before, up to 40 ms.
          noDelay: true,
          clientProperties: { connection_name: name },
        });
        joinWrites(socketOf(connection));
        this.keep(connection);
        return connection;
      } catch (error) {
        last = error;
      }
    }
    this.failures += 1;
    const trouble = this.failure(`no broker answers: ${messageOf(last)}`, last);
    this.onChange(trouble);
    throw trouble;
  }

  /** One that stands by may not need it for days: whether the broker can be reached is to be known all the same. */
  private async comeBack(): Promise<void> {
    while (!this.closed && !this.connection) {
      await this.waitBeforeNext({ ref: false });
      if (!this.closed) await this.get().catch(() => undefined);
    }
  }

  private async waitBeforeNext(options: { readonly ref?: boolean; readonly signal?: AbortSignal }): Promise<void> {
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.failures, 10));
    await delay(longest * (0.5 + Math.random() / 2), undefined, options).catch(() => undefined);
  }

  private keep(connection: ChannelModel): void {
    this.connection = connection;
    this.failures = 0;
    const lose = (error?: unknown): void => {
      if (this.connection !== connection) return;
      this.connection = undefined;
      if (this.closed) return;
      this.onChange(this.failure(`the connection to the broker was lost: ${messageOf(error)}`, error));
      void this.comeBack();
    };
    // An error is always followed by a close; without a listener it would end the process.
    connection.on('error', lose);
    connection.on('close', lose);
    this.onChange(undefined);
  }
}

/** Closes a channel. Never rejects, and does not wait for an answer that no longer comes. */
export function closed(opened: Pick<Channel, 'close' | 'once'> | Pick<ChannelModel, 'close' | 'once'>): Promise<void> {
  return new Promise((resolve) => {
    // A connection that is lost ends its channels without an answer to those who are closing one.
    opened.once('close', () => resolve());
    opened.close().then(
      () => resolve(),
      () => resolve(),
    );
  });
}

/** The failure of a log that may well work again in a moment. */
export function unavailable(message: string, cause?: unknown): WhereforeError {
  return new WhereforeError('log-unavailable', message, {
    retryable: true,
    hint: 'See whether the broker runs, and whether its address is right.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The client's declarations leave it out. */
function socketOf({ connection }: ChannelModel): Duplex {
  return (connection as unknown as { readonly stream: Duplex }).stream;
}

function withHeartbeat(url: string, seconds: number): string {
  const parsed = new URL(url);
  if (!parsed.searchParams.has('heartbeat')) parsed.searchParams.set('heartbeat', String(seconds));
  return parsed.toString();
}

/** What went wrong, without the address: it may carry a password. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error ?? 'closed');
  return text.replaceAll(/amqps?:\/\/\S+/g, 'the broker');
}
