import { findProgram } from './findProgram';

/** A server, as it is found on a machine, or installed. */
export interface ServerPrograms {
  /** As people call it. */
  readonly name: string;
  /** Programs that must all be there; each with its other names. */
  readonly programs: readonly (readonly string[])[];
  /** Debian packages that bring the programs; each with its other names. */
  readonly packages: readonly (readonly string[])[];
}

export const RABBITMQ_PROGRAMS: ServerPrograms = {
  name: 'RabbitMQ',
  programs: [['rabbitmq-server'], ['epmd']],
  packages: [['rabbitmq-server']],
};

export const MARIADB_PROGRAMS: ServerPrograms = {
  name: 'MariaDB',
  programs: [['mariadbd', 'mysqld'], ['mariadb-install-db', 'mysql_install_db'], ['my_print_defaults']],
  // Only the programs: the package that makes a service of them is another one.
  packages: [
    ['mariadb-server-core', 'mariadb-server-core-10.6', 'mariadb-server-core-10.5'],
    ['mariadb-client-core', 'mariadb-client-core-10.6', 'mariadb-client-core-10.5'],
  ],
};

export function hasPrograms({ programs }: Pick<ServerPrograms, 'programs'>): boolean {
  return programs.every((names) => findProgram(...names) !== undefined);
}
