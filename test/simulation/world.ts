import { WhereforeError } from '@wherefore/model';
import type { Timer } from '@wherefore/ports';
import { VirtualTime } from '../../libs/runtime/src/roles/virtualTime.sim';
import { Chance } from '../fuzz/chance';

export type Service = 'database' | 'broker';

/** How the network is now. */
export interface Weather {
  /** A message takes from 1 ms up to this. */
  delayMaxMs: number;
  /** One answer in so many is lost after the deed was done; 0 for none. */
  lostOneIn: number;
}

/** How long a call takes to notice that nobody answers. */
const SILENCE_MS = 700;

/** Time, chance and the network between processes and services. Everything that happens is decided by the seed. */
export class World {
  readonly chance: Chance;
  readonly time: VirtualTime;
  readonly weather: Weather = { delayMaxMs: 4, lostOneIn: 0 };
  readonly away = new Set<Service>();
  /** What happened, for whoever looks into a seed that fails. */
  readonly course: string[] = [];

  constructor(
    readonly seed: number,
    private readonly isVerbose = false,
  ) {
    this.chance = new Chance(seed);
    this.time = new VirtualTime(() => this.chance.next(), someTurns);
  }

  tell(what: string): void {
    if (this.isVerbose) this.course.push(`${String(this.time.nowMs()).padStart(6)} ${what}`);
  }

  delayMs(): number {
    return 1 + this.chance.below(this.weather.delayMaxMs);
  }
}

/**
 * One run of one process. Everything it waits for passes through here: its clock and its calls. So it can be
 * stopped, for a while or for ever, between any two of its awaits.
 */
export class SimProcess {
  readonly cutOff = new Set<Service>();
  private state: 'running' | 'hung' | 'dead' = 'running';
  private backlog: (() => void)[] = [];
  /** How far its wall clock is off. */
  wallOffsetMs = 0;
  /** It crashes when so many more answers have come. */
  crashesInAnswers = Infinity;
  private readonly ends: (() => void)[] = [];

  constructor(
    readonly name: string,
    readonly world: World,
  ) {}

  get isDead(): boolean {
    return this.state === 'dead';
  }

  get timer(): Timer {
    const { time } = this.world;
    return {
      nowMs: () => Math.round(1_764_000_000_000 + time.nowMs() + this.wallOffsetMs),
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason);
          const abort = () => {
            cancel();
            reject(signal?.reason);
          };
          const cancel = time.plan(ms, () =>
            this.arrive(() => {
              signal?.removeEventListener('abort', abort);
              resolve();
            }),
          );
          signal?.addEventListener('abort', abort, { once: true });
        }),
    };
  }

  onEnd(end: () => void): void {
    this.ends.push(end);
  }

  /** Runs it in this process: now, when it goes on, or never. */
  arrive(run: () => void): void {
    if (this.state === 'dead') return;
    if (this.state === 'hung') this.backlog.push(run);
    else run();
  }

  canReach(service: Service): boolean {
    return !this.world.away.has(service) && !this.cutOff.has(service);
  }

  /**
   * A call to a service: it goes there, is done at once, and the answer comes back. The deed may be done and the answer
   * lost; or the service cannot be reached, which is noticed late.
   */
  call<T>(service: Service, deed: () => Promise<T> | T): Promise<T> {
    const { world } = this;
    return new Promise((resolve, reject) => {
      const fail = (ms: number) =>
        world.time.plan(ms, () => this.answer(() => reject(unavailable(`${service} does not answer`))));
      if (this.isDead) return;
      world.time.plan(world.delayMs(), () => {
        if (!this.canReach(service)) return void fail(world.chance.oneIn(2) ? 1 : SILENCE_MS);
        const { lostOneIn } = world.weather;
        const isLost = lostOneIn > 0 && world.chance.oneIn(lostOneIn);
        Promise.resolve()
          .then(deed)
          .then(
            (result) => {
              if (isLost || !this.canReach(service)) return void fail(SILENCE_MS);
              world.time.plan(world.delayMs(), () => this.answer(() => resolve(result)));
            },
            (error: unknown) => void world.time.plan(world.delayMs(), () => this.answer(() => reject(error))),
          );
      });
    });
  }

  crash(): void {
    if (this.isDead) return;
    this.world.tell(`${this.name} crashes`);
    this.state = 'dead';
    this.backlog = [];
    for (const end of this.ends) end();
  }

  hang(ms: number): void {
    if (this.state !== 'running') return;
    this.world.tell(`${this.name} hangs for ${ms} ms`);
    this.state = 'hung';
    this.world.time.plan(ms, () => {
      if (this.state !== 'hung') return;
      this.world.tell(`${this.name} wakes up`);
      this.state = 'running';
      this.catchUp();
    });
  }

  /** What came meanwhile is met one by one, in order. */
  private catchUp(): void {
    const backlog = this.backlog;
    this.backlog = [];
    const next = () => {
      const run = backlog.shift();
      if (!run) return;
      this.arrive(run);
      if (backlog.length > 0) this.world.time.plan(0, next);
    };
    next();
  }

  private answer(run: () => void): void {
    this.arrive(() => {
      this.crashesInAnswers -= 1;
      if (this.crashesInAnswers <= 0) this.crash();
      else run();
    });
  }
}

/** The port as a process far from it sees it: every method is a call to the service. */
export function remote<T extends object>(process: SimProcess, service: Service, port: T): T {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) =>
        process.call(service, () => (member as (...args: unknown[]) => unknown).apply(target, args));
    },
  });
}

export function unavailable(why: string): WhereforeError {
  return new WhereforeError('log-unavailable', why, { retryable: true });
}

/** No promise here waits for anything but others and the virtual time, so a few turns do, and the same every time. */
async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await undefined;
}
