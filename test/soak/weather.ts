import { setTimeout as sleep } from 'node:timers/promises';
import type { Victim } from './actor';
import type { Strike } from './plan';

/** What was done, as it happened. */
export interface Struck extends Strike {
  readonly tookMs: number;
}

/** Carries out a plan. */
export class Weather {
  readonly struck: Struck[] = [];
  private readonly down = new Set<string>();
  private readonly victims: ReadonlyMap<string, Victim>;

  constructor(
    victims: readonly Victim[],
    private readonly say: (text: string) => void,
  ) {
    this.victims = new Map(victims.map((victim) => [victim.name, victim]));
  }

  /** Who is down now. */
  get away(): readonly string[] {
    return [...this.down];
  }

  /** Settles when the plan is over and everybody is up again. */
  async run(plan: readonly Strike[]): Promise<void> {
    const beganAt = performance.now();
    const under: Promise<void>[] = [];
    for (const strike of plan) {
      await sleep(Math.max(0, strike.atMs - (performance.now() - beganAt)));
      // A service that takes long to start may still be down from before.
      if (!this.down.has(strike.victim)) under.push(this.strike(strike));
    }
    await Promise.all(under);
  }

  private async strike(strike: Strike): Promise<void> {
    const { victim: name, deed, forMs } = strike;
    const victim = this.victims.get(name)!;
    const at = performance.now();
    this.down.add(name);
    this.say(deed === 'kill' ? `kill -9 ${name}` : `SIGSTOP ${name} for ${(forMs / 1000).toFixed(1)} s`);
    if (deed === 'kill') {
      await victim.kill();
      await sleep(forMs);
      await victim.start();
    } else {
      victim.pause();
      try {
        await sleep(forMs);
      } finally {
        victim.resume();
      }
    }
    this.down.delete(name);
    this.struck.push({ ...strike, tookMs: Math.round(performance.now() - at) });
  }
}
