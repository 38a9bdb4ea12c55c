import { randomUUID } from 'node:crypto';
import { ENTRY_VERSION, type NewEntry, type Position } from '@wherefore/model';
import type { EpochBook, LogEpoch } from '@wherefore/ports';
import type { Channel } from 'amqplib';
import { Attachment, StreamGone } from './attachment';
import { type BrokerLink, closed, unavailable } from './brokerLink';
import { CONTENT_TYPE, encodeBody, type MessageHeaders } from './messages';

export interface StreamSettings {
  /** Topic exchange that everything is published to. */
  readonly exchange: string;
  /** Streams are called `<prefix>.<epoch>.<id>`. */
  readonly prefix: string;
  /** What the stream keeps at most; the oldest segments go first. */
  readonly retentionBytes: number;
  /** What the stream keeps at most, as RabbitMQ writes it: `7D`, `12h`. */
  readonly retentionAge?: string;
  readonly segmentBytes?: number;
  /** On how many nodes of a cluster the stream lives. What protects from the loss of a node. */
  readonly replicas?: number;
}

/** How long the broker may take to deliver the first message of a stream. */
const FIRST_TIMEOUT_MS = 5000;

const SEGMENT_BYTES = 64 * 1024 * 1024;

/** The name of the stream of an epoch. */
export function streamName(prefix: string, { number, streamId }: LogEpoch): string {
  return `${prefix}.${number}.${streamId}`;
}

/**
 * Opens the epoch after `before` (`undefined`: the first one): makes a new stream, whose first message names it,
 * enters it in the book, and binds it to the exchange in the place of the one before. `sealedAt` is where the archive
 * ends: whatever the old stream held beyond is given up, so the caller first archives what followers still hold.
 *
 * Of several processes that try at once one succeeds, and one that comes too late changes nothing: the epoch that it
 * wants to give up is not read here again. All of them get the epoch that holds now.
 */
export async function openEpoch(
  link: BrokerLink,
  settings: StreamSettings,
  book: EpochBook,
  before: LogEpoch | undefined,
  sealedAt: Position,
  nowMs: number,
): Promise<LogEpoch> {
  const next: LogEpoch = { number: (before?.number ?? 0) + 1, streamId: randomUUID().slice(0, 8), sealedAt };
  const created = await withChannel(link, (channel) => createStream(channel, settings, next, nowMs));
  if (!(await book.open(next))) {
    await withChannel(link, (channel) => channel.deleteQueue(created));
    return ensureBound(link, settings, book);
  }
  await ensureBound(link, settings, book);
  if (before) await unbind(link, settings, before);
  return next;
}

/** Binds the stream of the current epoch to the exchange, if it is there. Harmless when it is bound. */
export async function ensureBound(link: BrokerLink, settings: StreamSettings, book: EpochBook): Promise<LogEpoch> {
  const current = await book.current();
  if (!current) throw unavailable('no epoch of the log was ever opened');
  await withChannel(link, async (channel) => {
    await channel.assertExchange(settings.exchange, 'topic', { durable: true });
    await channel.bindQueue(streamName(settings.prefix, current), settings.exchange, '#');
  });
  return current;
}

/**
 * Whether the broker says that the stream of that epoch does not exist, or has another in its place: one of the same
 * name that somebody made. Rejects `log-unavailable` when it does not say: a stream whose nodes are down is out of
 * reach, and not gone.
 */
export async function isStreamGone(link: BrokerLink, { prefix }: StreamSettings, epoch: LogEpoch): Promise<boolean> {
  const name = streamName(prefix, epoch);
  let attachment: Attachment | undefined;
  try {
    attachment = await Attachment.open(link, name, 'first', 1);
    const first = await attachment.nextWithin(FIRST_TIMEOUT_MS);
    if (!first) throw unavailable(`the first message of ${name} did not come in time`);
    const isNamed = first.kind === 'hello' && first.id === epoch.streamId;
    // Where retention has dropped the message that names the stream, the first one has another offset.
    return first.offset === 0 && !isNamed;
  } catch (error) {
    if (error instanceof StreamGone) return true;
    throw error;
  } finally {
    await attachment?.close();
  }
}

/** The stream is made passively by everybody else: whoever finds it gone does not make an empty one in its place. */
async function createStream(
  channel: Channel,
  settings: StreamSettings,
  epoch: LogEpoch,
  nowMs: number,
): Promise<string> {
  const name = streamName(settings.prefix, epoch);
  await channel.assertExchange(settings.exchange, 'topic', { durable: true });
  await channel.assertQueue(name, {
    durable: true,
    arguments: {
      'x-queue-type': 'stream',
      'x-max-length-bytes': settings.retentionBytes,
      'x-stream-max-segment-size-bytes': settings.segmentBytes ?? SEGMENT_BYTES,
      ...(settings.retentionAge === undefined ? {} : { 'x-max-age': settings.retentionAge }),
      ...(settings.replicas === undefined ? {} : { 'x-initial-cluster-size': settings.replicas }),
    },
  });
  // Past the exchange and before the binding: whatever else is published comes after it.
  const headers: MessageHeaders = { 'wherefore-kind': 'hello', 'wherefore-id': epoch.streamId };
  const body = encodeBody(firstEntries(epoch, nowMs));
  channel.sendToQueue(name, body, { persistent: true, contentType: CONTENT_TYPE, headers });
  return name;
}

function firstEntries({ number, streamId, sealedAt }: LogEpoch, nowMs: number): NewEntry[] {
  if (number === 1) return [];
  const base = { version: ENTRY_VERSION, source: 'leader', ingestedAtMs: nowMs } as const;
  return [{ ...base, kind: 'epoch-opened', id: `epoch-${number}-${streamId}`, epoch: number, sealedAt }];
}

async function unbind(link: BrokerLink, { exchange, prefix }: StreamSettings, epoch: LogEpoch): Promise<void> {
  // The old stream may be gone, which is why there is a new one.
  await withChannel(link, (channel) => channel.unbindQueue(streamName(prefix, epoch), exchange, '#')).catch(
    () => undefined,
  );
}

async function withChannel<T>(link: BrokerLink, use: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await link.confirmChannel();
  // An error closes the channel and rejects whatever is under way; without a listener it would be thrown.
  channel.on('error', () => undefined);
  try {
    const result = await use(channel);
    await channel.waitForConfirms();
    return result;
  } catch (error) {
    throw unavailable(`the broker refused: ${error instanceof Error ? error.message : String(error)}`, error);
  } finally {
    await closed(channel);
  }
}
