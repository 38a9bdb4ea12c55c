import { WhereforeError, type ErrorCode } from '@wherefore/model';

/** What the connector throws. */
interface SqlFailure {
  readonly errno: number;
  readonly code: string;
  readonly message: string;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly retryable: boolean;
}

const UNREACHABLE: Meaning = {
  code: 'log-unavailable',
  message: 'the database does not answer',
  hint: 'It is tried again. Check that MariaDB runs, and the network between here and there.',
  retryable: true,
};
const BUSY: Meaning = {
  code: 'log-unavailable',
  message: 'the database was busy with the same rows',
  hint: 'It is tried again.',
  retryable: true,
};
const READ_ONLY: Meaning = {
  code: 'log-unavailable',
  message: 'the database may only be read now',
  hint: 'It is tried again. Is this the primary? During a switch-over it passes.',
  retryable: true,
};
const FULL: Meaning = {
  code: 'store-full',
  message: 'the disk of the database is full',
  hint: 'Free some space; sources are not acknowledged meanwhile, so nothing is lost.',
  retryable: true,
};
const REFUSED: Meaning = {
  code: 'store-refused',
  message: 'the database does not let this program in',
  hint: 'Check user, password and grants: it needs all privileges on its own database.',
  retryable: false,
};
const MISSING: Meaning = {
  code: 'store-missing',
  message: 'there is no such database',
  hint: 'Create it, and grant the user all privileges on it.',
  retryable: false,
};
const DAMAGED: Meaning = {
  code: 'store-corrupt',
  message: 'the database is damaged',
  hint: 'Look at the log of MariaDB. Restore it from a backup, or switch over to a replica.',
  retryable: false,
};
const TOO_LARGE: Meaning = {
  code: 'log-unavailable',
  message: 'the database refused a packet as too large',
  hint: 'Set max_allowed_packet of MariaDB to 16M or more.',
  retryable: false,
};

const BY_NUMBER: { readonly [errno: number]: Meaning } = {
  // Connections: refused, lost, killed, too many; and the server going down.
  1040: UNREACHABLE,
  1053: UNREACHABLE,
  1077: UNREACHABLE,
  1152: UNREACHABLE,
  1158: UNREACHABLE,
  1159: UNREACHABLE,
  1160: UNREACHABLE,
  1161: UNREACHABLE,
  1203: UNREACHABLE,
  1317: UNREACHABLE,
  1927: UNREACHABLE,
  // Galera: this node is not part of the cluster now.
  1047: UNREACHABLE,
  1205: BUSY,
  1213: BUSY,
  1969: BUSY,
  1290: READ_ONLY,
  1792: READ_ONLY,
  1836: READ_ONLY,
  1021: FULL,
  1114: FULL,
  1044: REFUSED,
  1045: REFUSED,
  1142: REFUSED,
  1227: REFUSED,
  1698: REFUSED,
  4151: REFUSED,
  1049: MISSING,
  1034: DAMAGED,
  1035: DAMAGED,
  1194: DAMAGED,
  1195: DAMAGED,
  1712: DAMAGED,
  1932: DAMAGED,
  1153: TOO_LARGE,
};

/** ENOSPC, as the server tells of it inside another failure. */
const DISK_FULL = /\b(errno|error):? ?28\b|No space left|Disk full/i;

/** Failures that the connector makes itself begin here: lost sockets, timeouts, a pool without a connection. */
const CLIENT_ERRNO_MIN = 45_000;

/** Deadlocks and lock waits: the same transaction may go through at once. */
export function isContention(error: unknown): boolean {
  return isSqlFailure(error) && (error.errno === 1213 || error.errno === 1205 || error.errno === 1020);
}

/** What a failure of MariaDB or its connector means here. Anything unknown stays what it is: a defect. */
export function translate(error: unknown, name: string): unknown {
  if (error instanceof WhereforeError || !isFailure(error)) return error;
  const meaning = meaningOf(error);
  if (!meaning) return error;
  const { code, message, hint, retryable } = meaning;
  return new WhereforeError(code, `${name}: ${message} (${firstLine(rootOf(error))})`, {
    hint,
    retryable,
    cause: error,
  });
}

function meaningOf(error: Error): Meaning | undefined {
  if (!isSqlFailure(error)) {
    const code = 'code' in error ? String(error.code) : '';
    return /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/.test(code) ? UNREACHABLE : undefined;
  }
  if (DISK_FULL.test(error.message)) return FULL;
  const known = BY_NUMBER[error.errno];
  if (known) return known;
  // While a pool waits in vain for a connection, what it was refused with tells more.
  const cause = isFailure(error.cause) ? meaningOf(error.cause) : undefined;
  if (cause) return cause;
  if (error.errno >= CLIENT_ERRNO_MIN) return CLIENT_DEFECTS.has(error.code) ? undefined : UNREACHABLE;
  return error.errno < 0 ? UNREACHABLE : undefined;
}

/** The connector was used wrongly. */
const CLIENT_DEFECTS: ReadonlySet<string> = new Set([
  'ER_MISSING_PARAMETER',
  'ER_PARAMETER_UNDEFINED',
  'ER_MISSING_SQL_PARAMETER',
  'ER_NOT_SUPPORTED',
  'ER_WRONG_PARAMETER',
]);

function isSqlFailure(error: unknown): error is Error & SqlFailure {
  return isFailure(error) && 'errno' in error && typeof error.errno === 'number';
}

/** By its shape: errors of sockets may come from another realm than the class known here. */
function isFailure(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
}

/** What it came from: of a pool that has no connection, why it could not make one. */
function rootOf(error: Error): Error {
  return isFailure(error.cause) ? rootOf(error.cause) : error;
}

/** The connector adds the statement and its values to its messages; values may be secrets. */
function firstLine(error: Error): string {
  const text = 'sqlMessage' in error && typeof error.sqlMessage === 'string' ? error.sqlMessage : error.message;
  return text.split('\n')[0]!.slice(0, 300);
}
