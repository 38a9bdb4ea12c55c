import { Port, Text, WholeNumber } from './allowed';

const TTL_MEANING = ' milliseconds: the longest that nobody leads after the leader hung';

/** The role that notifies and ticks, or stands by and takes snapshots. */
export class ProcessorSettings {
  /** Of `/healthz`, `/readyz`, `/metrics`. */
  @Port()
  healthPort = 0;

  @WholeNumber(500, 60_000, TTL_MEANING)
  leaseTtlMs = 2000;
}

/** The role that copies the log into the archive, and writes the history. */
export class PersisterSettings {
  @Port()
  healthPort = 0;

  @WholeNumber(500, 60_000, TTL_MEANING)
  leaseTtlMs = 2000;

  /** How often what is older than its retention is let go. */
  @WholeNumber(1, 1440)
  expireEveryMinutes = 10;
}

/** The role that takes in the notifications of a cloud. */
export class ListenerSettings {
  @Port()
  healthPort = 0;
}

/** Whoever is told what the engine found out. */
export class NotifierSettings {
  /** An attempt that takes longer has failed. */
  @WholeNumber(100, 600_000)
  timeoutMs = 5000;

  /** After so many attempts a delivery is given up. */
  @WholeNumber(1, 1000)
  attemptsMax = 20;
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
