import type { JsonObject } from './json';

/**
 * Every code an operating failure or a rejection can carry. `docs/errors.md` documents each one,
 * and a test holds the two lists against each other.
 */
export const ERROR_CODES = {
  // Rejections: the input is at fault; it is recorded, and processing goes on.
  'malformed-json': 'The text is not JSON.',
  'malformed-event': 'The event does not have the shape its datasource requires.',
  'unknown-datasource': 'No datasource of that name is known.',
  'missing-id': 'The event names no entity.',
  'impossible-timestamp': 'A time in the event cannot be a time.',
  'entry-too-large': 'The entry is larger than the limit.',
  'unreadable-entry': 'The entry is of a kind or version this program cannot read.',
  'poll-incomplete': 'The poll did not deliver the rows that its completion announced.',
  'seen-mismatch': 'A row was reported as unchanged, but it is not what the engine holds.',
  'stale-epoch': 'The entry was made under a lease that another process has since taken.',
  'invalid-template': 'The template does not pass validation.',
  'unknown-template': 'No template of that name or id is loaded.',
  'duplicate-template': 'A template of that name is already loaded.',
  'invalid-config': 'The configuration does not pass validation.',
  'behaviour-unsupported': 'The entry asks for a behaviour that this program does not have.',
  // Outcomes of a step that did not go through.
  'entry-failed': 'The step threw; everything it had done was undone.',
  'work-limit': 'The step needed more work than the limit allows; it was undone.',
  // Operating failures.
  'invalid-position': 'The text is not a position.',
  'invalid-time': 'The text is not a time.',
  'bad-request': 'A request is not what its endpoint takes.',
  'before-first-entry': 'The time lies before everything that the store knows.',
  'before-log-time': 'The time lies before the log time of the store, and time in a store only moves on.',
  'alarm-not-found': 'No alarm answers to that name or id.',
  'alarm-ambiguous': 'More than one alarm answers to that name.',
  'alarm-known-later': 'The alarm had occurred by then, but became known later.',
  'entity-not-found': 'No entity answers to that id.',
  'log-unavailable': 'The log cannot be read or written now.',
  'bus-unavailable': 'The message bus of the cloud cannot be used now.',
  'target-unavailable': 'The broker that entries are replayed to cannot be used now, or has no log.',
  'target-is-source': 'Entries would be replayed into the very log that they come from.',
  'log-hole': 'Entries are missing between the archive and the stream.',
  'store-locked': 'Another process writes this store.',
  'store-newer': 'The store was written by a newer version.',
  'store-missing': 'There is no store there.',
  'store-refused': 'The database does not let this program in.',
  'store-full': 'The disk of the store is full.',
  'store-corrupt': 'The store is damaged.',
  'snapshot-corrupt': 'The snapshot does not match its hash.',
  'snapshot-missing': 'No usable snapshot exists.',
  'replay-mismatch': 'A replay did not reach the recorded hash.',
  'port-taken': 'Another program listens on that port.',
  'address-not-loopback': 'A request came by way of a web page or another host name.',
  'unauthenticated': 'The request does not say, or not truly, who asks.',
  'forbidden': 'Who asks may not do this.',
  'identity-unavailable': 'The identity service cannot be asked who sent the request.',
  'source-unavailable': 'A source that is polled does not answer, or not in time.',
  'source-refused': 'A source that is polled does not answer this user, or this question.',
  'source-unusable': 'What a source that is polled answers cannot be read.',
  'rate-limited': 'There were too many requests in a short time.',
  'webhook-not-found': 'No webhook has that id.',
  'position-not-reached': 'The server has not come as far in the log as the request wants.',
  'catching-up': 'The server is still applying what was archived before it started.',
  'server-unreachable': 'No server answers there.',
  'queue-full': 'Too many questions about the past are waiting.',
  'server-failed': 'The server answered with an error.',
  'usage': 'The command line cannot be read.',
  'file-unreadable': 'A file cannot be read.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorDetails {
  /** What to do about it, as a full sentence. */
  readonly hint?: string;
  /** Whether the same call may succeed later without anything being changed. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
  /** For programs: nearest names, candidates, limits. JSON. */
  readonly data?: JsonObject;
}

/** An operating failure: expected, typed, with a hint. Never thrown for a broken invariant. */
export class WhereforeError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly data: JsonObject | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'WhereforeError';
    this.code = code;
    this.hint = details.hint;
    this.retryable = details.retryable ?? false;
    this.data = details.data;
  }
}

/** Bad input as a value: what is wrong, where, and how to fix it. */
export interface Rejection {
  readonly code: ErrorCode;
  /** What is wrong, with the values. */
  readonly message: string;
  /** Where in the input, as a path such as `details.hostname`; absent when it is the whole. */
  readonly where?: string;
  /** How to fix it. */
  readonly hint?: string;
}

/** Thrown when the program itself is wrong. It ends the process: going on could corrupt the log. */
export class BrokenInvariant extends Error {
  constructor(message: string) {
    super(`broken invariant: ${message}`);
    this.name = 'BrokenInvariant';
  }
}

/** Ends the process, by way of `BrokenInvariant`, unless `condition` holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new BrokenInvariant(message);
}
