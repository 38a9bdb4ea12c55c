import { IsOptional } from 'class-validator';
import { ListOf, OneOf, Shaped, Text, WholeNumber } from './allowed';

export const DURABILITIES = ['confirmed', 'archived'] as const;

/** The RabbitMQ that the log lives on. With it, every role is a process of its own. */
export class BrokerSettings {
  /** Of several, the first that answers. None: the log lives in the store's folder, and one process has all roles. */
  @ListOf(/^amqps?:\/\/[^\s/]+(\/\S*)?$/, 'an address such as amqp://user:password@host:5672/vhost, or a list of them')
  urls: string[] = [];

  /** The topic exchange that everything is published to. */
  @Text()
  exchange = 'wherefore.log';

  /** Streams are called `<streamPrefix>.<epoch>.<id>`. */
  @Text()
  streamPrefix = 'wherefore.log';

  /** On how many nodes the stream lives. Default: the broker's. */
  @IsOptional()
  @WholeNumber(1, 9)
  replicas?: number;

  /** What the stream keeps at most; the archive has the rest. */
  @WholeNumber(1_000_000, Number.MAX_SAFE_INTEGER)
  retentionBytes = 10_000_000_000;

  /** How long the stream keeps it at most. */
  @Shaped(/^\d{1,4}[hDM]$/, 'a number with h, D or M, such as 12h or 7D')
  retentionAge = '7D';

  @WholeNumber(100_000, 1_000_000_000)
  segmentBytes = 64 * 1024 * 1024;

  /** When a source is acknowledged: once the broker has an entry, or once the archive has it as well. */
  @OneOf(DURABILITIES)
  durability: (typeof DURABILITIES)[number] = 'confirmed';

  /** A broker that is silent for so long is given up. */
  @WholeNumber(1, 600)
  heartbeatSeconds = 5;

  /** An append that is not confirmed in this time has failed. */
  @WholeNumber(1, 600)
  appendTimeoutSeconds = 30;
}
