import type { WhereforeError } from '@wherefore/model';
import type { Clock } from '@wherefore/ports';
import type { Log } from '../log';
import { withoutSecrets } from '../secrets';

/** The same trouble is said again only after so long. */
const QUIET_MS = 60_000;
const KEPT_MAX = 100;

/** Logs trouble that passes, and what is tried again: the same message once a minute, with how often it came. */
export class Warnings {
  private readonly said = new Map<string, { atMs: number; kept: number }>();

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  readonly warn = (error: WhereforeError): void => {
    const message = withoutSecrets(error.message);
    const nowMs = this.clock.nowMs();
    const before = this.said.get(message);
    if (before && nowMs - before.atMs < QUIET_MS) {
      before.kept += 1;
      return;
    }
    if (this.said.size >= KEPT_MAX) this.said.clear();
    this.said.set(message, { atMs: nowMs, kept: 0 });
    const { code, hint } = error;
    const times = before === undefined || before.kept === 0 ? {} : { timesMeanwhile: before.kept };
    this.log.warn({ code, ...(hint === undefined ? {} : { hint }), ...times }, message);
  };
}
