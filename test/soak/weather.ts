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
      if (this.down.has(strike.victim)) continue;
      if (this.isLast(strike.victim)) this.say(`${strike.victim} is spared: it starts, and no other does its work`);
      else under.push(this.strike(strike));
    }
    await Promise.all(under);
  }

  /**
   * On a slow machine a process may need longer to start than until it is struck again. Who starts is spared while
   * no other of its role is at work: else there would be no load any more, and nothing to go wrong.
   */
  private isLast(name: string): boolean {
    const victim = this.victims.get(name)!;
    if (victim.isAtWork()) return false;
    return ![...this.victims.values()].some((other) => {
      return other.role === victim.role && other !== victim && !this.down.has(other.name) && other.isAtWork();
    });
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
