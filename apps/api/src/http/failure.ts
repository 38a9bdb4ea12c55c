import { STATUS_CODES } from 'node:http';
import { WhereforeError, type ErrorCode, type JsonObject, type Rejection } from '@wherefore/model';

/** The one table from what went wrong to what HTTP calls it. Bad input is never a 5xx. */
export const STATUS_OF: { readonly [code in ErrorCode]: number } = {
  'malformed-json': 400,
  'malformed-event': 400,
  'unknown-datasource': 400,
  'missing-id': 400,
  'impossible-timestamp': 400,
  'entry-too-large': 413,
  'unreadable-entry': 400,
  'poll-incomplete': 409,
  'seen-mismatch': 409,
  'stale-epoch': 409,
  'invalid-template': 400,
  'unknown-template': 404,
  'duplicate-template': 409,
  'invalid-config': 400,
  'behaviour-unsupported': 400,
  'entry-failed': 422,
  'work-limit': 422,
  'invalid-position': 400,
  'invalid-time': 400,
  'bad-request': 400,
  'before-first-entry': 404,
  'before-log-time': 409,
  'alarm-not-found': 404,
  'alarm-ambiguous': 409,
  'alarm-known-later': 404,
  'entity-not-found': 404,
  'log-unavailable': 503,
  'bus-unavailable': 503,
  'log-hole': 503,
  'target-unavailable': 503,
  'target-is-source': 409,
  'store-locked': 503,
  'store-newer': 503,
  'store-missing': 503,
  'store-refused': 507,
  'store-full': 507,
  'store-corrupt': 503,
  'snapshot-corrupt': 500,
  'snapshot-missing': 500,
  'replay-mismatch': 500,
  'port-taken': 500,
  'address-not-loopback': 403,
  'unauthenticated': 401,
  'forbidden': 403,
  'identity-unavailable': 503,
  'source-unavailable': 503,
  'source-refused': 502,
  'source-unusable': 502,
  'rate-limited': 429,
  'webhook-not-found': 404,
  'position-not-reached': 503,
  'catching-up': 503,
  'server-unreachable': 502,
  'server-failed': 503,
  'queue-full': 503,
  'usage': 400,
  'file-unreadable': 500,
};

/** What a client reads: the fields of Vitrage, and what helps a program in ours. */
export interface FailureBody {
  readonly code: number;
  readonly title: string;
  readonly description: string;
  readonly error?: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly where?: string;
    readonly hint?: string;
    readonly data?: JsonObject;
  };
}

/** A failure under the description by which clients of Vitrage know it. */
export class VitrageFailure extends Error {
  constructor(
    readonly description: string,
    override readonly cause: WhereforeError,
    /** Where Vitrage's status differs from that of the table. */
    readonly status?: number,
  ) {
    super(description);
  }
}

/** Gives failures of `work` the description, and the status, that Vitrage gives them. */
export async function described<T>(description: string, work: () => Promise<T>, status?: number): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof WhereforeError) || STATUS_OF[error.code] >= 500 || isNoMatterOf(error)) throw error;
    throw new VitrageFailure(description, error, status);
  }
}

/**
 * Vitrage takes no time, so it has no description for a wrong one. Where it hides in some places that
 * somebody may not do a thing, we say so.
 */
function isNoMatterOf({ code }: WhereforeError): boolean {
  return ['invalid-time', 'before-first-entry', 'invalid-position', 'forbidden'].includes(code);
}

/** The body for anything that was thrown; what is no failure of ours says nothing of its inside. */
export function failureBody(error: unknown): FailureBody {
  const failure = error instanceof VitrageFailure ? error.cause : error;
  if (!(failure instanceof WhereforeError)) {
    const status = foreignStatus(error);
    const title = titleOf(status);
    return {
      code: status,
      title,
      description: status >= 500 ? 'The server failed; its log says more.' : messageOf(error),
    };
  }
  const { code, message, hint, data } = failure;
  const status = (error instanceof VitrageFailure ? error.status : undefined) ?? STATUS_OF[code];
  const description = error instanceof VitrageFailure ? error.description : message;
  return {
    code: status,
    title: titleOf(status),
    description,
    error: {
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(data === undefined ? {} : { data }),
    },
  };
}

/** A rejection as a failure. */
export function failureOf({ code, message, where, hint }: Rejection, data: JsonObject = {}): WhereforeError {
  return new WhereforeError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    data: { ...data, ...(where === undefined ? {} : { where }) },
  });
}

/** Nest and Express throw errors with a status: an unknown path, a URL that is no URL. */
function foreignStatus(error: unknown): number {
  const { status, statusCode } = (error ?? {}) as { status?: unknown; statusCode?: unknown };
  const found = [status, statusCode].find((each) => typeof each === 'number' && each >= 400 && each < 600);
  return error instanceof URIError ? 400 : ((found as number | undefined) ?? 500);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function titleOf(status: number): string {
  return STATUS_CODES[status] ?? 'Error';
}
