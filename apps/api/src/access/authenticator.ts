import type { IncomingHttpHeaders } from 'node:http';
import { WhereforeError } from '@wherefore/model';
import type { Caller } from './caller';

/** What of a request says who sent it. */
export interface Credentials {
  readonly headers: IncomingHttpHeaders;
  /** Without the query. */
  readonly path: string;
}

/** One way to find out who sent a request. */
export interface Authenticator {
  /**
   * Rejects, or throws, `unauthenticated`, or `identity-unavailable` when nobody can say. A promise only where somebody
   * else has to be asked.
   */
  authenticate(credentials: Credentials): Caller | Promise<Caller>;
  /** The value of `WWW-Authenticate` where a request is refused. */
  readonly challenge: string;
}

/** The message that clients of OpenStack know. */
const DEFAULT_MESSAGE = 'The request you have made requires authentication.';

/** A request that does not say who sent it, or not truly. */
export function unauthenticated(message = DEFAULT_MESSAGE, cause?: unknown): WhereforeError {
  return new WhereforeError('unauthenticated', message, {
    hint: 'Send a valid token as X-Auth-Token.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The token of `X-Auth-Token`, or of `Authorization: Bearer`; `undefined` when there is none. */
export function bearerToken({ headers }: Credentials): string | undefined {
  const token = oneHeader(headers, 'x-auth-token');
  if (token !== undefined) return token;
  const match = /^Bearer +(\S+)$/i.exec(oneHeader(headers, 'authorization') ?? '');
  return match?.[1];
}

/** A header's value, if it is there and not empty. */
export function oneHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  const text = (Array.isArray(value) ? value[0] : value)?.trim();
  return text === '' ? undefined : text;
}
