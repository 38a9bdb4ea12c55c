import { WhereforeError, assert, comparePositions, type Position } from '@wherefore/model';
import type { HistoryCursor, HistoryProjection, PlacedEffect, Timer } from '@wherefore/ports';
import type { AppliedStep } from './follower';
import { machineTimer } from './machineTimer';

/** Effects in one transaction, about: an entry's effects are never parted. */
const BATCH_EFFECTS_MAX = 2000;
/** Effects that may wait before the follower has to. */
const BUFFERED_EFFECTS_MAX = 20_000;
/** How long a lonely entry waits for company: bounds the transactions of a quiet log. */
const GATHER_MS = 25;
const RETRY_MS = 500;

/** An entry with effects, or a run of entries without any: then the position is that of its last one. */
interface Buffered {
  position: Position;
  readonly effects: readonly PlacedEffect[];
}

/**
 * Writes the effects of a follower into the history, each once, whatever crashes: rows and cursor
 * move together, and what lies at or before the cursor is not written again. The follower must
 * therefore begin at a state at or before the cursor.
 */
export class HistoryProjector {
  private readonly buffer: Buffered[] = [];
  private bufferedEffects = 0;
  private writing: Promise<void> | undefined;
  private gathering: AbortController | undefined;
  private failure: unknown;
  private isClosed = false;

  private constructor(
    private readonly history: HistoryProjection,
    private readonly epoch: number,
    private written: HistoryCursor,
    private readonly warn: (error: WhereforeError) => void,
    private readonly timer: Timer,
  ) {}

  /** `epoch` fences: a projector with a higher one shuts this one out. `warn` hears of retries. */
  static async open(
    history: HistoryProjection,
    epoch: number,
    warn: (error: WhereforeError) => void = () => undefined,
    timer: Timer = machineTimer,
  ): Promise<HistoryProjector> {
    return new HistoryProjector(history, epoch, await history.cursor(), warn, timer);
  }

  /** Everything up to here is in the history. */
  get cursor(): HistoryCursor {
    return this.written;
  }

  /** The listener to subscribe with. Gives a promise when too much is buffered; throws once it failed. */
  readonly accept = (step: AppliedStep): void | Promise<void> => {
    if (this.failure !== undefined) throw this.failure;
    const { position } = step.entry;
    if (comparePositions(position, this.written.position) <= 0) return;
    this.keep(position, step);
    if (this.isFull(BUFFERED_EFFECTS_MAX)) return this.flush();
    if (this.writing) return;
    if (this.isFull(BATCH_EFFECTS_MAX)) this.write();
    else this.gather();
  };

  /** Settles when everything accepted so far is durable. Rejects with what ended the projector. */
  async flush(): Promise<void> {
    const accepted = this.buffer.at(-1)?.position;
    while (accepted && this.failure === undefined && comparePositions(this.written.position, accepted) < 0) {
      this.write();
      await this.writing;
    }
    if (this.failure !== undefined) throw this.failure;
  }

  /** Writes what was accepted and ends. Does not wait for a store that is away: the log has it all. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.flush().finally(() => this.gathering?.abort('closed'));
  }

  private keep(position: Position, { effects, logTimeMs }: AppliedStep): void {
    const last = this.buffer.at(-1);
    // What is being written may be moved, too: it has nothing to write twice.
    if (effects.length === 0 && last?.effects.length === 0) last.position = position;
    else this.buffer.push({ position, effects: effects.map((effect) => ({ position, logTimeMs, effect })) });
    this.bufferedEffects += effects.length;
  }

  private isFull(effectsMax: number): boolean {
    // Runs without effects count too: the cursor has to move past them.
    return this.bufferedEffects + this.buffer.length >= effectsMax;
  }

  private write(): void {
    this.gathering?.abort('written');
    this.gathering = undefined;
    this.writing ??= this.drain().finally(() => {
      this.writing = undefined;
      if (this.buffer.length > 0 && this.failure === undefined) {
        this.gather();
      }
    });
  }

  /** Writes a moment later, unless somebody does so before. */
  private gather(): void {
    if (this.gathering) return;
    const control = new AbortController();
    this.gathering = control;
    this.timer.sleep(GATHER_MS, control.signal).then(
      () => this.write(),
      () => undefined,
    );
  }

  private async drain(): Promise<void> {
    try {
      do await this.writeBatch();
      while (this.isFull(BATCH_EFFECTS_MAX));
    } catch (error) {
      this.failure = error;
    }
  }

  private async writeBatch(): Promise<void> {
    const batch = this.nextBatch();
    const position = batch.at(-1)?.position;
    if (!position) return;
    const { position: expected, generation } = this.written;
    const effects = batch.flatMap((each) => each.effects);
    const result = await this.retrying(() =>
      this.history.apply({ expected, position, epoch: this.epoch, generation, effects }),
    );
    if (result.kind === 'stale-epoch' || result.kind === 'stale-generation') throw shutOut(result.kind);
    assert(comparePositions(result.cursor.position, expected) > 0, 'the history cursor stood still, or went back');
    // Also when another projector moved it: what it wrote is the same, and is not written again.
    this.written = result.cursor;
    this.forget(result.cursor.position);
  }

  private nextBatch(): Buffered[] {
    let count = 0;
    for (let effects = 0; count < this.buffer.length && effects + count < BATCH_EFFECTS_MAX; count++) {
      effects += this.buffer[count]!.effects.length;
    }
    return this.buffer.slice(0, count);
  }

  private forget(position: Position): void {
    let count = 0;
    while (count < this.buffer.length && comparePositions(this.buffer[count]!.position, position) <= 0) {
      this.bufferedEffects -= this.buffer[count]!.effects.length;
      count += 1;
    }
    this.buffer.splice(0, count);
  }

  private async retrying<T>(attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof WhereforeError) || !error.retryable || this.isClosed) throw error;
        this.warn(error);
        await this.timer.sleep(RETRY_MS);
      }
    }
  }
}

function shutOut(kind: 'stale-epoch' | 'stale-generation'): WhereforeError {
  return kind === 'stale-epoch'
    ? new WhereforeError('stale-epoch', 'another process has taken over writing the history')
    : new WhereforeError('log-unavailable', 'the history was dropped and begun again', {
        hint: 'Start the projector again, from the new cursor.',
        retryable: true,
      });
}
