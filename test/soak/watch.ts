import { setTimeout as sleep } from 'node:timers/promises';
import { comparePositions, formatPosition, type Position } from '@wherefore/model';
import type { PostedReport } from '@wherefore/ports';
import type { MariadbStore } from '@wherefore/mariadb';

const LOOK_EVERY_MS = 500;

type Said = PostedReport['report'];

/** Reads the board all the time, and keeps every hash that was said of a place. */
export class Watch {
  /** One report of each process and place. */
  readonly said: Said[] = [];
  private readonly known = new Set<string>();
  private latest: readonly PostedReport[] = [];

  constructor(private readonly store: Pick<MariadbStore, 'board'>) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look().catch(() => undefined);
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** The places of which somebody said a hash. */
  get places(): ReadonlySet<string> {
    return new Set(this.said.map(({ position }) => formatPosition(position!)));
  }

  /** Which processes, by pid, said the hash of a place at or after that one. */
  pidsFrom(position: Position): ReadonlySet<number> {
    const late = this.said.filter((report) => comparePositions(report.position!, position) >= 0);
    return new Set(late.map(({ pid }) => pid));
  }

  /** Pid of the process that says that it holds a lease; of several, the one of the highest epoch. */
  holderOf(lease: string): number | undefined {
    const held = this.latest.flatMap(({ report, silentMs }) =>
      silentMs > 3_000
        ? []
        : report.leads.filter((each) => each.lease === lease).map(({ epoch }) => ({ epoch, report })),
    );
    return held.sort((a, b) => b.epoch - a.epoch)[0]?.report.pid;
  }

  private async look(): Promise<void> {
    this.latest = await this.store.board.list();
    for (const { report } of this.latest) {
      const { position, stateHash, id } = report;
      if (position === null || stateHash === undefined) continue;
      const key = `${id} ${formatPosition(position)} ${stateHash}`;
      if (this.known.has(key)) continue;
      this.known.add(key);
      this.said.push(report);
    }
  }
}
