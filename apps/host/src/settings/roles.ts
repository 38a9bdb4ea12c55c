import { ListOf, Networks, OneOf, Port, Shaped, Text, WholeNumber } from './allowed';

const AMQP_URL = /^amqps?:\/\/[^\s/]+(\/\S*)?$/;
const AMQP_ALLOWED = 'an address such as amqp://user:password@host:5672/vhost, or a list of them';
const NAME = /^[^\s.*#]+(\.[^\s.*#]+)*$/;

const TTL_MEANING = ' milliseconds: the longest that nobody leads after the leader hung';

/** The role that notifies and ticks, or stands by. */
export class ProcessorSettings {
  /** Of `/healthz`, `/readyz`, `/metrics`. */
  @Port()
  healthPort = 0;

  @WholeNumber(500, 60_000, TTL_MEANING)
  leaseTtlMs = 2000;
}

/** The role that copies the log into the archive, writes the history, and takes the snapshots. */
export class PersisterSettings {
  @Port()
  healthPort = 0;

  @WholeNumber(500, 60_000, TTL_MEANING)
  leaseTtlMs = 2000;

  /** How often what is older than its retention is let go. */
  @WholeNumber(1, 1440)
  expireEveryMinutes = 10;
}

export const QUEUE_TYPES = ['quorum', 'classic'] as const;

/** The role that takes in the notifications of a cloud. */
export class ListenerSettings {
  @Port()
  healthPort = 0;

  /** The cloud's broker; of several, the first that answers. None: the one of the log. */
  @ListOf(AMQP_URL, AMQP_ALLOWED)
  urls: string[] = [];

  /** Wherefore's own queue. Listeners of one queue stand by for each other. */
  @Text()
  queue = 'wherefore.notifications';

  /** A quorum queue is replicated, a classic one lives on one node. */
  @OneOf(QUEUE_TYPES)
  queueType: (typeof QUEUE_TYPES)[number] = 'classic';

  /** The exchanges of the services: each one's `control_exchange`. */
  @ListOf(NAME, 'a list of names of exchanges')
  exchanges = ['nova', 'neutron', 'cinder', 'heat', 'aodh', 'keystone', 'glance', 'openstack', 'vitrage'];

  /** The topics of notifications. */
  @ListOf(NAME, 'a list of topics')
  topics = ['notifications', 'versioned_notifications', 'vitrage_notifications'];

  /** Messages on their way at once. */
  @WholeNumber(1, 10_000)
  prefetch = 256;

  /** Bytes of messages held at once: of large messages there are fewer on their way. */
  @WholeNumber(65_536, 1_000_000_000)
  heldBytesMax = 16_777_216;

  /** What the queue of dead letters keeps at most; the oldest go first. */
  @WholeNumber(65_536, Number.MAX_SAFE_INTEGER)
  deadLetterBytesMax = 100_000_000;

  /** How often exchanges that were missing are looked for. */
  @WholeNumber(1, 3600)
  bindingCheckSeconds = 30;

  /** A listener that could keep nothing for so long leaves the queue to another one. */
  @WholeNumber(1, 3600)
  handOverSeconds = 30;
}

export const BUS_MODES = ['on', 'off'] as const;

/** Whoever is told what the engine found out. */
export class NotifierSettings {
  /** An attempt that takes longer has failed. */
  @WholeNumber(100, 600_000)
  timeoutMs = 5000;

  /** After so many attempts a delivery is given up. */
  @WholeNumber(1, 1000)
  attemptsMax = 20;

  /** Deliveries under way to one webhook at once. Those about one alarm keep their order; with 1 all of them do. */
  @WholeNumber(1, 256)
  webhookWindow = 32;

  /** Where webhooks may lead. None: everywhere but to what is refused. */
  @Networks()
  webhookNetworks: string[] = [];

  /** Where they may not, even if it is part of the above: metadata services of clouds have such addresses. */
  @Networks()
  webhookNetworksRefused: string[] = ['169.254.0.0/16', 'fe80::/10'];

  /** Whether notifications go out on the bus, for those who listen to Vitrage. */
  @OneOf(BUS_MODES)
  bus: (typeof BUS_MODES)[number] = 'on';

  /** The broker of that bus. None: `listener.urls`, else `broker.urls`. Without any there is no bus. */
  @ListOf(AMQP_URL, AMQP_ALLOWED)
  busUrls: string[] = [];

  @Shaped(NAME, 'the name of an exchange')
  busExchange = 'vitrage';

  @Shaped(NAME, 'a topic')
  busTopic = 'vitrage.graph';
}

/** How far what no notification waits for stands back on a machine that processes share, as `nice` counts. */
export class NicenessSettings {
  @WholeNumber(0, 19)
  api = 10;

  /** A poll of a large cloud is a flood: those who have to take it in come first. */
  @WholeNumber(0, 19)
  driver = 5;
}

/** How processes tell that they are well. */
export class HealthSettings {
  /** Where roles other than the api listen, with their `healthPort`. */
  @Text()
  host = '127.0.0.1';

  /** How often each process reports itself. */
  @WholeNumber(1, 60)
  reportEverySeconds = 2;
}
