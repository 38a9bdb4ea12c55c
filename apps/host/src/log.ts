import { createRequire } from 'node:module';
import type { Logger, LoggerOptions } from 'pino';
import type * as Pino from 'pino';
import type * as PinoPretty from 'pino-pretty';
import type { Writable } from 'node:stream';
import type { Config } from './config';
import { GatheredLines } from './gatheredLines';
import { withoutSecrets } from './secrets';

/** What the parts of a node log with. */
export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

const STDERR = 2;

/** A log whose lines may wait for others: `flush` writes them now, ahead of what goes elsewhere. */
export type OpenedLog = Log & Pick<Logger, 'flush'>;

/**
 * A logger to stderr: JSON lines, or for people where there is a terminal. Every line bears `bindings`, and none the
 * password of an address.
 */
export function openLog(
  { level, format }: Config['log'],
  bindings: { readonly [name: string]: string } = {},
  isTerminal = process.stderr.isTTY === true,
): OpenedLog {
  const load = createRequire(__filename);
  const { pino } = load('pino') as typeof Pino;
  const options: LoggerOptions = { level, base: null };
  const isPretty = format === 'pretty' || (format === 'auto' && isTerminal);
  const destination = isPretty ? prettyDestination(load, isTerminal) : pino.destination({ fd: STDERR, sync: true });
  const put = (lines: string): void => void destination.write(withoutSecrets(lines));
  // Whoever looks on sees each line when it is written.
  return pino(options, isPretty ? { write: put } : new GatheredLines(put)).child(bindings);
}

function prettyDestination(load: NodeJS.Require, isTerminal: boolean): Pick<Writable, 'write'> {
  const { build } = load('pino-pretty') as typeof PinoPretty;
  return build({ destination: STDERR, sync: true, colorize: isTerminal, ignore: 'pid,hostname' });
}

/** Logs nothing. */
export const silentLog: Log = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
};
