import { WhereforeError, type Json } from '@wherefore/model';

/** What an identity service answered. */
export interface IdentityReply {
  readonly status: number;
  readonly headers: Headers;
  /** `undefined` when it is not JSON. */
  readonly body: Json | undefined;
}

const TIMEOUT_MS = 5_000;
const ATTEMPTS = 2;

/** Asks an identity service, once more if it does not answer. Rejects `identity-unavailable`. */
export async function askIdentity(url: string, init: RequestInit): Promise<IdentityReply> {
  let cause: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      const reply = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
      const body = parsed(await reply.text());
      if (reply.status < 500) return { status: reply.status, headers: reply.headers, body };
      cause = new Error(`status ${reply.status}`);
    } catch (error) {
      cause = error;
    }
  }
  throw new WhereforeError('identity-unavailable', 'The identity service does not answer.', {
    hint: 'Ask again in a few seconds.',
    retryable: true,
    cause,
  });
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
