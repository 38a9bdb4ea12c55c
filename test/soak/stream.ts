import { comparePositions, type LogEntry, type Position } from '@wherefore/model';
import type { LogEpoch } from '@wherefore/ports';
import { connect } from 'amqplib';
import { decodeBody } from '../../libs/adapters/rabbitmq/src/messages';

const QUIET_MS = 30_000;

/** The entries of a stream up to a place, as the broker has them: not through the log of Wherefore. */
export async function rawStream(url: string, { number, streamId }: LogEpoch, upTo: Position): Promise<LogEntry[]> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  await channel.prefetch(500);
  const entries: LogEntry[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      let late = setTimeout(() => reject(new Error('the stream gives nothing more')), QUIET_MS);
      const take = (message: Parameters<Parameters<typeof channel.consume>[1]>[0]): void => {
        if (message === null) return reject(new Error('the stream was taken away'));
        const { headers = {} } = message.properties;
        const offset = Number(headers['x-stream-offset']);
        if (headers['wherefore-kind'] === 'batch' || headers['wherefore-kind'] === 'hello') {
          entries.push(...decodeBody(message.content, number, offset));
        }
        channel.ack(message);
        clearTimeout(late);
        const last = entries.at(-1);
        if (last && comparePositions(last.position, upTo) >= 0) resolve();
        else late = setTimeout(() => reject(new Error('the stream gives nothing more')), QUIET_MS);
      };
      channel
        .consume(`wherefore.log.${number}.${streamId}`, take, { arguments: { 'x-stream-offset': 'first' } })
        .catch(reject);
    });
  } finally {
    await connection.close();
  }
  return entries;
}
