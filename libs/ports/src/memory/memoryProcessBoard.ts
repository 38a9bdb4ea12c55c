import type { Clock } from '../clock';
import {
  BOARD_KEPT_MS,
  compareReports,
  type PostedReport,
  type ProcessBoard,
  type ProcessReport,
} from '../processBoard';

/** A board in memory: that of a process which has all roles. */
export class MemoryProcessBoard implements ProcessBoard {
  private readonly reports = new Map<string, { readonly report: ProcessReport; readonly atMs: number }>();

  constructor(private readonly clock: Clock) {}

  async report(report: ProcessReport): Promise<void> {
    this.reports.set(report.id, { report, atMs: this.clock.nowMs() });
  }

  async list(): Promise<readonly PostedReport[]> {
    const nowMs = this.clock.nowMs();
    return [...this.reports.values()]
      .map(({ report, atMs }) => ({ report, silentMs: Math.max(0, nowMs - atMs) }))
      .filter(({ silentMs }) => silentMs < BOARD_KEPT_MS)
      .sort((a, b) => compareReports(a.report, b.report));
  }

  async forget(id: string): Promise<void> {
    this.reports.delete(id);
  }
}
