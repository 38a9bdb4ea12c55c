import { createConnection } from 'mariadb';
import { type MariadbServer, startMariadb } from '../support/services/mariadbServer';
import { type RabbitmqServer, startRabbitmq } from '../support/services/rabbitmqServer';
import { mariadbNeed } from '../support/services/mariadbServer';
import { rabbitmqNeed } from '../support/services/rabbitmqServer';

/** A broker and a database of the tests' own. */
export interface Services {
  readonly broker: RabbitmqServer;
  readonly database: MariadbServer;
  /** What a process has to have in its environment to use them. */
  readonly env: { readonly [name: string]: string };
  stop(): Promise<void>;
}

/** Both are needed. */
export const clusterNeed = {
  needs: [mariadbNeed, rabbitmqNeed]
    .filter((need) => !need.available())
    .map(({ needs }) => needs)
    .join(' and '),
  available: () => mariadbNeed.available() && rabbitmqNeed.available(),
};

/** How long they may take on a busy machine. */
export const SERVICES_START_MS = 120_000;

export async function startServices(): Promise<Services> {
  const [broker, database] = await Promise.all([startRabbitmq(), startMariadb()]);
  await createDatabase(database, 'wherefore');
  return {
    broker,
    database,
    env: environmentOf(broker, database),
    stop: async () => {
      await Promise.all([broker.stop(), database.stop()]);
    },
  };
}

function environmentOf(broker: RabbitmqServer, { host, port, user, password }: MariadbServer): Services['env'] {
  return {
    WHEREFORE_BROKER__URLS: broker.url,
    WHEREFORE_BROKER__HEARTBEAT_SECONDS: '2',
    WHEREFORE_DATABASE__HOST: host,
    WHEREFORE_DATABASE__PORT: String(port),
    WHEREFORE_DATABASE__USER: user,
    WHEREFORE_DATABASE__PASSWORD: password,
    WHEREFORE_DATABASE__ANSWER_TIMEOUT_SECONDS: '5',
    WHEREFORE_LOG__FORMAT: 'json',
    WHEREFORE_HEALTH__REPORT_EVERY_SECONDS: '1',
    // Tests take all cores there are: whoever stood back behind them would hardly get on.
    WHEREFORE_NICENESS__API: '0',
    WHEREFORE_NICENESS__DRIVER: '0',
  };
}

async function createDatabase({ host, port, user, password }: MariadbServer, name: string): Promise<void> {
  const connection = await createConnection({ host, port, user, password });
  await connection.query(`CREATE DATABASE ${name}`);
  await connection.end();
}
