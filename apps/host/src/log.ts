import { createRequire } from 'node:module';
import type { Logger, LoggerOptions } from 'pino';
import type * as Pino from 'pino';
import type * as PinoPretty from 'pino-pretty';
import type { Config } from './config';

/** What the parts of a node log with. */
export type Log = Pick<Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

const STDERR = 2;

/** A logger to stderr: JSON lines, or for people where there is a terminal. */
export function openLog({ level, format }: Config['log'], isTerminal = process.stderr.isTTY === true): Log {
  const load = createRequire(__filename);
  const { pino } = load('pino') as typeof Pino;
  const options: LoggerOptions = { level, base: null };
  const isPretty = format === 'pretty' || (format === 'auto' && isTerminal);
  if (!isPretty) return pino(options, pino.destination({ fd: STDERR, sync: true }));
  const { build } = load('pino-pretty') as typeof PinoPretty;
  return pino(options, build({ destination: STDERR, sync: true, colorize: isTerminal, ignore: 'pid,hostname' }));
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
