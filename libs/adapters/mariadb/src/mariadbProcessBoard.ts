import {
  BOARD_KEPT_MS,
  compareReports,
  type PostedReport,
  type ProcessBoard,
  type ProcessReport,
} from '@wherefore/ports';
import type { Database } from './database';

const NOW = 'UTC_TIMESTAMP(3)';
const SILENT_MS = `TIMESTAMPDIFF(MICROSECOND, reported_at, ${NOW}) DIV 1000`;

/** A row for each process. How long one has been silent is told by the database's clock. */
export class MariadbProcessBoard implements ProcessBoard {
  constructor(private readonly database: Database) {}

  async report(report: ProcessReport): Promise<void> {
    await this.database.run(
      `REPLACE INTO processes (id, reported_at, report) VALUES (?, ${NOW}, ?)`,
      report.id,
      JSON.stringify(report),
    );
  }

  async list(): Promise<readonly PostedReport[]> {
    const rows = await this.database.all(
      `SELECT report, ${SILENT_MS} FROM processes WHERE ${SILENT_MS} < ?`,
      BOARD_KEPT_MS,
    );
    return rows
      .map(([report, silentMs]) => ({
        report: JSON.parse(String(report)) as ProcessReport,
        silentMs: Math.max(0, Number(silentMs)),
      }))
      .sort((a, b) => compareReports(a.report, b.report));
  }

  /** Takes those along who were not heard of for long, so that no process has to sweep up. */
  async forget(id: string): Promise<void> {
    await this.database.run(`DELETE FROM processes WHERE id = ? OR ${SILENT_MS} >= ?`, id, BOARD_KEPT_MS);
  }
}
