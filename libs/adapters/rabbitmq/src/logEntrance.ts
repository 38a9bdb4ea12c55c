import { randomUUID } from 'node:crypto';
import { PassingMap, PassingSet, WhereforeError, type NewEntry } from '@wherefore/model';
import type { Channel, ConfirmChannel } from 'amqplib';
import { BrokerLink, closed, type BrokerAddress } from './brokerLink';
import { CONTENT_TYPE, encodeBody, type MessageHeaders, routingKeyOf } from './messages';

export interface EntranceOptions {
  readonly broker: BrokerAddress;
  /** The topic exchange of that log. */
  readonly exchange: string;
  /** How long a confirm may take. Default 30 s. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
const NOT_FOUND = 404;

interface Outgoing {
  readonly key: string;
  readonly body: Buffer;
  readonly headers: MessageHeaders;
}

/**
 * The way into a log of which only broker and exchange are known: another Wherefore's, whose database this process
 * does not see. Neither exchange nor stream is made here. They belong to that Wherefore, which would not read a stream
 * that it did not open.
 *
 * An append settles when the broker has confirmed it and a stream took it. It cannot be read back, for the stream's
 * name is not known: a broker that is killed may lose the last ones that it confirmed. Whoever appends sends those
 * again when the connection was lost; the ids make that harmless.
 */
export class LogEntrance {
  private readonly link: BrokerLink;
  private opening: Promise<ConfirmChannel> | undefined;
  /** Fails what waits for a confirm, when the channel is lost. */
  private readonly waiting = new PassingMap<string, (error: WhereforeError) => void>();
  private readonly returned = new PassingSet<string>();

  constructor(private readonly options: EntranceOptions) {
    this.link = new BrokerLink(options.broker, undefined, targetUnavailable);
  }

  /** Whether the log is there, as far as can be seen without writing to it. Rejects `target-unavailable`. */
  async check(): Promise<void> {
    const channel = await this.link.channel();
    // An error closes the channel and rejects what is under way; without a listener it would be thrown.
    channel.on('error', () => undefined);
    try {
      await channel.checkExchange(this.options.exchange);
    } catch (error) {
      const isMissing = (error as { readonly code?: unknown }).code === NOT_FOUND;
      throw isMissing ? this.noLog() : targetUnavailable('the broker does not let its exchange be seen', error);
    } finally {
      await closed(channel);
    }
  }

  /**
   * One message. One at a time, if the order counts. Rejects `entry-too-large`, or `target-unavailable` (retryable):
   * then the entries may be in the log or not.
   */
  append(entries: readonly NewEntry[]): Promise<void> {
    const headers: MessageHeaders = { 'wherefore-kind': 'batch' };
    return this.publish({ key: routingKeyOf(entries), body: encodeBody(entries), headers });
  }

  /** A message without entries, which readers pass over. Rejects `target-unavailable` where no stream would take it. */
  mark(id: string): Promise<void> {
    const headers: MessageHeaders = { 'wherefore-kind': 'mark', 'wherefore-id': id };
    return this.publish({ key: 'log.mark', body: Buffer.alloc(0), headers });
  }

  async close(): Promise<void> {
    await this.link.close();
  }

  private async publish({ key, body, headers }: Outgoing): Promise<void> {
    const channel = await this.channel();
    const { exchange, timeoutMs = TIMEOUT_MS } = this.options;
    const messageId = randomUUID();
    const options = { persistent: true, mandatory: true, messageId, contentType: CONTENT_TYPE, headers };
    await new Promise<void>((resolve, reject) => {
      const late = (): void => settle(targetUnavailable(`the target confirmed nothing within ${timeoutMs / 1000} s`));
      const timer = setTimeout(late, timeoutMs);
      const settle = (error?: WhereforeError): void => {
        clearTimeout(timer);
        this.waiting.delete(messageId);
        this.returned.delete(messageId);
        if (error === undefined) resolve();
        else reject(error);
      };
      this.waiting.set(messageId, settle);
      const confirmed = (error: unknown): void => {
        if (error) settle(targetUnavailable('the target did not take the entries', error));
        else settle(this.returned.has(messageId) ? this.noLog() : undefined);
      };
      try {
        channel.publish(exchange, key, body, options, confirmed);
      } catch (error) {
        settle(targetUnavailable('the target did not take the entries', error));
      }
    });
  }

  private channel(): Promise<ConfirmChannel> {
    this.opening ??= this.open().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  private async open(): Promise<ConfirmChannel> {
    const channel = await this.link.confirmChannel();
    channel.on('return', ({ properties }) => this.returned.add(String(properties.messageId)));
    const lose = (error?: unknown): void => this.lose(channel, error);
    channel.on('error', lose);
    channel.on('close', lose);
    return channel;
  }

  private lose(channel: Channel, error: unknown): void {
    this.opening = undefined;
    const isMissing = (error as { readonly code?: unknown } | undefined)?.code === NOT_FOUND;
    const failure = isMissing ? this.noLog() : targetUnavailable('the connection to the target was lost', error);
    for (const fail of [...this.waiting.values()]) fail(failure);
    void channel.close().catch(() => undefined);
  }

  private noLog(): WhereforeError {
    const { exchange } = this.options;
    return new WhereforeError('target-unavailable', `no log is at the exchange "${exchange}" of the target`, {
      retryable: true,
      hint:
        'Start a processor of the Wherefore that is to follow it: it makes the exchange and the stream. ' +
        'Its broker.exchange is named with --exchange.',
    });
  }
}

function targetUnavailable(message: string, cause?: unknown): WhereforeError {
  return new WhereforeError('target-unavailable', message, {
    retryable: true,
    hint: 'See whether that broker runs, and whether address, user and virtual host are right.',
    ...(cause === undefined ? {} : { cause }),
  });
}
