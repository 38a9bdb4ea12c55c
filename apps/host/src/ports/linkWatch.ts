import type { Clock, LinkHealth } from '@wherefore/ports';
import type { Log } from '../log';
import { withoutSecrets } from '../secrets';

/** Remembers whether something can be reached, and says so when that changes. */
export class LinkWatch {
  private current: LinkHealth;

  constructor(
    /** As messages name it: `the broker`. */
    private readonly name: string,
    private readonly log: Log,
    private readonly clock: Clock,
  ) {
    this.current = { isReachable: false, sinceMs: clock.nowMs(), trouble: '' };
  }

  get health(): LinkHealth {
    return this.current;
  }

  /** It could be reached, or not: then with what happened. Only the first of several failures is logged. */
  readonly saw = (trouble: unknown): void => {
    const isReachable = trouble === undefined;
    const said = isReachable ? this.current.trouble : withoutSecrets(String((trouble as Error).message ?? trouble));
    const hasChanged = isReachable !== this.current.isReachable || (!isReachable && this.current.trouble === '');
    if (!hasChanged) return;
    this.current = { isReachable, sinceMs: this.clock.nowMs(), trouble: said };
    if (isReachable) this.log.info(`${this.name} can be reached`);
    else this.log.warn({ trouble: said }, `${this.name} cannot be reached; going on as soon as it can`);
  };
}
