import type { PollRequest, PollRequests } from '@wherefore/ports';
import type { Database } from './database';

/** A row for each datasource that was ever asked for. */
export class MariadbPollRequests implements PollRequests {
  constructor(private readonly database: Database) {}

  async request(datasource: string, reason: string): Promise<void> {
    await this.database.run(
      `INSERT INTO poll_requests (datasource, number, reason) VALUES (?, 1, ?)
       ON DUPLICATE KEY UPDATE number = number + 1, reason = VALUES(reason)`,
      datasource,
      reason,
    );
  }

  async list(): Promise<readonly PollRequest[]> {
    const rows = await this.database.all('SELECT datasource, number, reason FROM poll_requests ORDER BY datasource');
    return rows.map(([datasource, number, reason]) => ({
      datasource: String(datasource),
      number: Number(number),
      reason: String(reason),
    }));
  }
}
