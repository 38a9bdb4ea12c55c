import type { EpochBook, LogEpoch } from '@wherefore/ports';
import type { Database } from './database';
import { positionOf, positionText } from './positionColumn';

/** One row: whoever opens an epoch changes it from the epoch before, or finds that it was changed already. */
export class MariadbEpochBook implements EpochBook {
  constructor(private readonly database: Database) {}

  async current(): Promise<LogEpoch | undefined> {
    const row = await this.database.get('SELECT number, stream_id, sealed_at FROM log_epoch');
    const number = Number(row?.[0] ?? 0);
    if (!row || number === 0) return undefined;
    return { number, streamId: String(row[1]), sealedAt: positionOf(row[2]) };
  }

  async open({ number, streamId, sealedAt }: LogEpoch): Promise<boolean> {
    const changed = await this.database.run(
      'UPDATE log_epoch SET number = ?, stream_id = ?, sealed_at = ? WHERE only_row = 1 AND number = ?',
      number,
      streamId,
      positionText(sealedAt),
      number - 1,
    );
    return changed > 0;
  }
}
