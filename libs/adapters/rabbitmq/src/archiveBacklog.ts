import { WhereforeError, comparePositions, headOf, type Position } from '@wherefore/model';
import type { Archive, Clock } from '@wherefore/ports';

export interface BacklogLimits {
  /** What the stream keeps at most. */
  readonly retentionBytes: number;
  /** As RabbitMQ writes it: `7D`, `12h`. */
  readonly retentionAge?: string;
}

/** Neighbouring messages that are counted together. */
interface Piece {
  readonly sinceMs: number;
  messages: number;
  bytes: number;
  lastOffset: number;
}

const PIECE_MS = 1000;
const LOOK_EVERY_MS = 1000;
/** What the broker keeps with each message, about. */
const OVERHEAD_BYTES = 100;

const UNIT_MS: { readonly [unit: string]: number } = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  D: 86_400_000,
  M: 30 * 86_400_000,
  Y: 365 * 86_400_000,
};

/**
 * How much of the stream the archive does not have yet. The stream drops its oldest when it is full, archived or not:
 * once the archive is behind by more than half of what the stream keeps, nothing more is appended. Sources are not
 * acknowledged then, and keep what they have.
 *
 * Counts what the publisher reads back, everybody's messages. Of those from before it began to read, and while it did
 * not, it knows only how many there are: they count as if they were as large as the others.
 */
export class ArchiveBacklog {
  private epoch = 0;
  private pieces: Piece[] = [];
  private cursor: Position | undefined;
  private firstOffset: number | undefined;
  private lastSeen: { readonly offset: number; readonly atMs: number } | undefined;
  private seen = { messages: 0, bytes: 0 };
  /** When the last entry in the archive was made, at the first look: what came after may be as old. */
  private unseenSinceMs: number | undefined;
  private lookedAtMs = -Infinity;
  private isLooking = false;
  private readonly ageMsMax: number;

  constructor(
    private readonly archive: Archive,
    private readonly limits: BacklogLimits,
    private readonly clock: Clock,
  ) {
    this.ageMsMax = limits.retentionAge === undefined ? Infinity : ageMs(limits.retentionAge) / 2;
  }

  /** A message came by in the stream. */
  saw(epoch: number, offset: number, bodyBytes: number): void {
    if (epoch !== this.epoch) this.begin(epoch);
    const nowMs = this.clock.nowMs();
    this.countMissed(offset, nowMs);
    const bytes = bodyBytes + OVERHEAD_BYTES;
    this.firstOffset ??= offset;
    this.seen.messages += 1;
    this.seen.bytes += bytes;
    const last = this.pieces.at(-1);
    if (last && nowMs - last.sinceMs < PIECE_MS) {
      last.messages += 1;
      last.bytes += bytes;
      last.lastOffset = offset;
    } else this.pieces.push({ sinceMs: nowMs, messages: 1, bytes, lastOffset: offset });
  }

  /** Those between the last one seen and this one: they came after the former, and may be nearly as old. */
  private countMissed(offset: number, nowMs: number): void {
    const { lastSeen, cursor, epoch } = this;
    this.lastSeen = { offset, atMs: nowMs };
    if (lastSeen === undefined) return;
    const from = cursor?.epoch === epoch ? Math.max(lastSeen.offset, cursor.offset) : lastSeen.offset;
    const messages = offset - from - 1;
    if (messages <= 0) return;
    const bytes = messages * this.meanBytes();
    this.pieces.push({ sinceMs: lastSeen.atMs, messages, bytes, lastOffset: offset - 1 });
  }

  private meanBytes(): number {
    return this.seen.messages === 0 ? 0 : this.seen.bytes / this.seen.messages;
  }

  /** Why nothing may be appended now; `undefined` when it may. Never waits: it looks at the archive meanwhile. */
  refusal(): WhereforeError | undefined {
    void this.lookNowAndThen();
    const { bytes, ageMs: age } = this.measure();
    const { retentionBytes, retentionAge } = this.limits;
    if (bytes <= retentionBytes / 2 && age <= this.ageMsMax) return undefined;
    const behind = bytes > retentionBytes / 2 ? `${Math.round(bytes / 1e6)} MB` : `${Math.round(age / 3_600_000)} h`;
    const kept = bytes > retentionBytes / 2 ? `${Math.round(retentionBytes / 1e6)} MB` : retentionAge!;
    return new WhereforeError(
      'log-unavailable',
      `the archive is ${behind} behind a stream that keeps ${kept}: nothing more is taken in until it has caught up`,
      {
        retryable: true,
        hint: 'Does a persister run, and does it reach the database? See "wherefore status". Nothing is lost meanwhile.',
      },
    );
  }

  /** Bytes that the archive does not have, and the age of the oldest of them. */
  measure(): { readonly bytes: number; readonly ageMs: number } {
    const unseen = this.unseenMessages();
    const bytes = this.pieces.reduce((sum, piece) => sum + piece.bytes, unseen * this.meanBytes());
    const oldest = unseen > 0 ? this.unseenSinceMs : this.pieces[0]?.sinceMs;
    return { bytes, ageMs: oldest === undefined ? 0 : Math.max(0, this.clock.nowMs() - oldest) };
  }

  /** Looks at the archive if it has not done so for a second. A database that is away leaves things as they were. */
  async lookNowAndThen(): Promise<void> {
    const nowMs = this.clock.nowMs();
    if (this.isLooking || nowMs - this.lookedAtMs < LOOK_EVERY_MS) return;
    this.isLooking = true;
    try {
      const { archive } = this;
      if (this.cursor === undefined) {
        const [last] = await archive.lookup([await archive.count()]);
        this.unseenSinceMs = last && headOf(last).ingestedAtMs;
      }
      this.archivedTo(await archive.cursor());
      this.lookedAtMs = nowMs;
    } catch {
      this.lookedAtMs = nowMs;
    } finally {
      this.isLooking = false;
    }
  }

  private archivedTo(cursor: Position): void {
    this.cursor = cursor;
    if (cursor.epoch !== this.epoch) return;
    const { epoch } = this;
    const isArchived = ({ lastOffset }: Piece): boolean =>
      comparePositions({ epoch, offset: lastOffset, index: 0 }, cursor) <= 0;
    while (this.pieces[0] && isArchived(this.pieces[0])) this.pieces.shift();
  }

  /** Messages between the end of the archive and the first that was seen. */
  private unseenMessages(): number {
    const { cursor, firstOffset, epoch } = this;
    if (cursor === undefined || firstOffset === undefined || cursor.epoch !== epoch) return 0;
    return Math.max(0, firstOffset - cursor.offset - 1);
  }

  private begin(epoch: number): void {
    this.epoch = epoch;
    this.pieces = [];
    this.firstOffset = undefined;
    this.lastSeen = undefined;
  }
}

/** What RabbitMQ means by an age. */
function ageMs(text: string): number {
  const [, count, unit] = /^(\d+)([smhDMY])$/.exec(text) ?? [];
  return unit === undefined ? Infinity : Number(count) * UNIT_MS[unit]!;
}
