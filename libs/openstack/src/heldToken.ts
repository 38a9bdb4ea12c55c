import type { Clock } from '@wherefore/ports';
import type { TokenFacts } from './identity';

/** A token that was issued to us. */
export interface IssuedToken {
  readonly token: string;
  readonly facts: TokenFacts;
}

/** Renewed so long before it ends: whatever is under way must not outlive it. */
const RENEWED_BEFORE_MS = 60_000;

/** Our own token, got once, kept while it is good, and shared by all who ask at the same time. */
export class HeldToken {
  private held: Promise<IssuedToken> | undefined;

  constructor(
    private readonly logIn: () => Promise<IssuedToken>,
    private readonly clock: Clock,
  ) {}

  /** The token, a new one if need be. Rejects as the log-in does, which is tried anew the next time. */
  async current(): Promise<IssuedToken> {
    const held = this.held;
    const issued = await held?.catch(() => undefined);
    if (issued !== undefined && issued.facts.expiresAtMs - RENEWED_BEFORE_MS > this.clock.nowMs()) return issued;
    // Whoever waited for the same one finds the new one under way.
    if (this.held === held || this.held === undefined) this.held = this.logIn();
    return this.held;
  }

  /** That token was refused: it is not given again. One that took its place meanwhile stays. */
  async forget(token: string): Promise<void> {
    const held = this.held;
    const issued = await held?.catch(() => undefined);
    if (issued?.token === token && this.held === held) this.held = undefined;
  }
}
