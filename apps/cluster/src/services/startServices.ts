import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { WhereforeError } from '@wherefore/model';
import { createConnection } from 'mariadb';
import { installPackages, installationRefusal } from './aptInstall';
import { MariadbProcess } from './mariadbProcess';
import { RabbitmqProcess } from './rabbitmqProcess';
import { MARIADB_PROGRAMS, RABBITMQ_PROGRAMS, hasPrograms, type ServerPrograms } from './sources';

/** A broker and a database of the cluster's own, on loopback. */
export interface ClusterServices {
  readonly broker: RabbitmqProcess;
  readonly database: MariadbProcess;
  readonly databaseName: string;
  stop(): Promise<void>;
}

const DATABASE = 'wherefore';
/** The worst commit is synced: what the cluster keeps is meant to last. */
const MARIADB_OPTIONS = ['--innodb-buffer-pool-size=64M', '--skip-name-resolve', '--max-connections=200'];

/** Starts both on the data in the folder; made when there is none. Installs what is missing, or says what to install. */
export async function startServices(folder: string): Promise<ClusterServices> {
  for (const programs of [RABBITMQ_PROGRAMS, MARIADB_PROGRAMS]) provide(programs);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const password = passwordOf(path.join(folder, 'password'));
  const at = (name: string): string => {
    mkdirSync(path.join(folder, name), { recursive: true });
    return path.join(folder, name);
  };
  const broker = RabbitmqProcess.start(at('rabbitmq'), password, true);
  const database = MariadbProcess.start({
    folder: at('mariadb'),
    password,
    options: MARIADB_OPTIONS,
    keepFolder: true,
  });
  const [started] = await Promise.allSettled([broker, database]);
  if (started.status === 'rejected') await database.then((server) => server.stop()).catch(() => undefined);
  const services = { broker: await broker, database: await database };
  await createDatabase(services.database);
  return {
    ...services,
    databaseName: DATABASE,
    stop: async () => {
      await Promise.all([services.broker.stop(), services.database.stop()]);
    },
  };
}

function provide(programs: ServerPrograms): void {
  if (hasPrograms(programs)) return;
  const refusal = installationRefusal();
  if (refusal === undefined) installPackages(`a cluster on this machine (${programs.name})`, programs.packages);
  if (hasPrograms(programs)) return;
  const names = programs.packages.map(([name]) => name).join(', ');
  throw new WhereforeError('file-unreadable', `${programs.name} is not on this machine${because(refusal)}`, {
    hint: `Install it: on Debian and Ubuntu the packages ${names}, elsewhere "${programs.name}" of your system.`,
  });
}

function because(refusal: string | undefined): string {
  return refusal === undefined ? '' : `, and ${refusal}`;
}

/** Made once: the data is protected with it. */
function passwordOf(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(12).toString('hex'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

async function createDatabase({ host, port, user, password }: MariadbProcess): Promise<void> {
  const connection = await createConnection({ host, port, user, password });
  await connection.query(`CREATE DATABASE IF NOT EXISTS ${DATABASE}`);
  await connection.end();
}
