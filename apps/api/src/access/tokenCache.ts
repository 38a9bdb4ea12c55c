import { createHash } from 'node:crypto';
import type { Clock } from '@wherefore/ports';
import { WhereforeError } from '@wherefore/model';
import type { Caller } from './caller';
import { unauthenticated } from './authenticator';

/** What a validation found: who it is, and until when the token itself is good. */
export interface Validated {
  readonly caller: Caller;
  readonly expiresAtMs: number;
}

interface Remembered {
  readonly outcome: Promise<Validated>;
  /** Asked again after this: a token that was revoked meanwhile is refused from then on. */
  askAgainAtMs: number;
}

const ENTRIES_MAX = 10_000;
/** A wrong token is asked about again sooner: it costs its sender more than us. */
const REFUSED_MS = 5_000;

/**
 * Remembers validated tokens by their digest, for `keptMs` and never beyond their end, so that a revoked
 * one is good for that long at most. Requests that bear one token at the same time share one validation.
 */
export class TokenCache {
  private readonly remembered = new Map<string, Remembered>();

  constructor(
    private readonly clock: Clock,
    private readonly keptMs: number,
  ) {}

  /** `validate` rejects `unauthenticated`; what else it rejects with is not remembered. */
  async callerOf(token: string, validate: () => Promise<Validated>): Promise<Caller> {
    const key = createHash('sha256').update(token).digest('base64');
    const nowMs = this.clock.nowMs();
    let found = this.remembered.get(key);
    if (found === undefined || found.askAgainAtMs <= nowMs) {
      found = { outcome: validate(), askAgainAtMs: nowMs + this.keptMs };
      this.remember(key, found);
      this.settle(key, found);
    }
    const { caller, expiresAtMs } = await found.outcome;
    if (expiresAtMs <= this.clock.nowMs()) throw unauthenticated('The token has expired.');
    return caller;
  }

  private settle(key: string, entry: Remembered): void {
    entry.outcome.catch((error: unknown) => {
      const isRefused = error instanceof WhereforeError && error.code === 'unauthenticated';
      if (isRefused) entry.askAgainAtMs = Math.min(entry.askAgainAtMs, this.clock.nowMs() + REFUSED_MS);
      else if (this.remembered.get(key) === entry) this.remembered.delete(key);
    });
  }

  private remember(key: string, entry: Remembered): void {
    this.remembered.delete(key);
    this.remembered.set(key, entry);
    if (this.remembered.size <= ENTRIES_MAX) return;
    const [oldest] = this.remembered.keys();
    this.remembered.delete(oldest!);
  }
}
