import { PassingMap } from '@wherefore/model';
import type { Clock } from '@wherefore/ports';

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

const BUCKETS_MAX = 10_000;

/** Lets each key through so many times a second, and twice as many at once after a pause. */
export class RateLimit {
  private readonly buckets = new PassingMap<string, Bucket>();

  /** `perSecond` 0 is no limit. */
  constructor(
    readonly perSecond: number,
    private readonly clock: Clock,
  ) {}

  /** Whether `take` would succeed. */
  hasRoom(key: string): boolean {
    return this.perSecond === 0 || this.bucketOf(key).tokens >= 1;
  }

  /** Counts one, if there is room for it. */
  take(key: string): boolean {
    if (this.perSecond === 0) return true;
    const bucket = this.bucketOf(key);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  private bucketOf(key: string): Bucket {
    const nowMs = this.clock.nowMs();
    const full = this.perSecond * 2;
    const found = this.buckets.get(key) ?? { tokens: full, filledAtMs: nowMs };
    const elapsedMs = Math.max(0, nowMs - found.filledAtMs);
    found.tokens = Math.min(full, found.tokens + (elapsedMs * this.perSecond) / 1000);
    found.filledAtMs = nowMs;
    this.buckets.delete(key);
    this.buckets.set(key, found);
    // The one that was quiet longest is full again, or will soon be.
    if (this.buckets.size > BUCKETS_MAX) this.buckets.delete([...this.buckets.keys()][0]!);
    return found;
  }
}
