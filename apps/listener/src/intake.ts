import { notificationEntries, type ReadingOptions } from '@wherefore/datasources';
import {
  digestText,
  excerptOf,
  type NewEntry,
  refusedInput,
  type RejectedInputEntry,
  type Rejection,
} from '@wherefore/model';
import type { Clock, EventLog } from '@wherefore/ports';
import type { BusMessage, DeadLetter, TakenBatch } from './transport/busMessage';

/** No message of OpenStack is nearly as long; what is longer is not even looked into. */
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

/** What has passed, for whoever watches. */
export interface IntakeCounts {
  messages: number;
  /** Messages that tell of no entity. */
  ignored: number;
  entries: number;
  /** Messages of which something could not be read. */
  rejected: number;
}

/** Turns messages of the bus into entries, and appends those of a batch together. */
export class Intake {
  readonly counts: IntakeCounts = { messages: 0, ignored: 0, entries: 0, rejected: 0 };

  constructor(
    private readonly log: Pick<EventLog, 'append'>,
    private readonly clock: Clock,
    private readonly reading: ReadingOptions,
    /** Hears that a datasource should be polled soon. */
    private readonly onPoll: (datasource: string) => void = () => undefined,
  ) {}

  /** Settles when the log has confirmed what the batch tells, or with why it has not. Never rejects. */
  async take(messages: readonly BusMessage[]): Promise<TakenBatch> {
    try {
      return await this.keep(messages);
    } catch (error) {
      return { kind: 'failed', error };
    }
  }

  private async keep(messages: readonly BusMessage[]): Promise<TakenBatch> {
    const entries: NewEntry[] = [];
    const dead: DeadLetter[] = [];
    const polls = new Set<string>();
    let ignored = 0;
    for (const message of messages) {
      const read = this.read(message);
      if (read.entries.length === 0) ignored += 1;
      entries.push(...read.entries);
      if (read.rejection !== undefined) dead.push({ message, rejection: read.rejection });
      if (read.poll !== undefined) polls.add(read.poll);
    }
    if (entries.length > 0) await this.log.append(entries);
    for (const datasource of polls) this.onPoll(datasource);
    this.counts.messages += messages.length;
    this.counts.ignored += ignored;
    this.counts.entries += entries.length;
    this.counts.rejected += dead.length;
    return { kind: 'kept', dead };
  }

  private read(message: BusMessage): ReturnType<typeof notificationEntries> {
    const { exchange, routingKey, body } = message;
    const nowMs = this.clock.nowMs();
    const refuse = (rejection: Rejection): RejectedInputEntry => refused(rejection, message, nowMs);
    if (body.length > MESSAGE_BYTES_MAX) {
      const rejection: Rejection = { code: 'entry-too-large', message: `The message has ${body.length} bytes.` };
      return { entries: [refuse(rejection)], rejection };
    }
    const envelope = { exchange, routing_key: routingKey, body, received_at: '' };
    return notificationEntries(envelope, nowMs, refuse, this.reading);
  }
}

/** The same message, delivered again, has the same id: it is listed once. */
function refused(rejection: Rejection, { exchange, routingKey, body }: BusMessage, nowMs: number): RejectedInputEntry {
  const digest = digestText(`${exchange}\n${routingKey}\n${body.length}\n${body.toString('latin1')}`);
  const origin = { id: `rejected/${digest}`, source: 'listener', ingestedAtMs: nowMs };
  const place = `message of ${exchange} with key ${routingKey}`;
  return refusedInput({ ...rejection, message: `${place}: ${rejection.message}` }, excerptOf(body), origin);
}
