import { WhereforeError, type Json } from '@wherefore/model';
import type { Answered, SpanAnswered } from './replayJobs';
import type { ReplayHost } from './replayHost';
import type { Target } from './replayer';

/** Questions in line, the one being answered included. Each may take seconds. */
const QUESTIONS_MAX = 32;

/**
 * Answers questions about the past, off the thread of the live graph. The line has an end: a
 * question that finds it full is turned away at once instead of being answered to nobody.
 */
export class TimeTravel {
  private questions = 0;

  constructor(
    private readonly host: Pick<ReplayHost, 'answer' | 'span'>,
    private readonly questionsMax = QUESTIONS_MAX,
  ) {}

  /** How many questions are being answered or wait. */
  get inLine(): number {
    return this.questions;
  }

  /**
   * Rejects `queue-full` (retryable) when the line is full, `before-first-entry`,
   * `invalid-position`, or with the signal's reason once it aborts.
   */
  ask(target: Target, question: Json, signal?: AbortSignal): Promise<Answered> {
    return this.inTurn(() => this.host.answer(target, question, signal), signal);
  }

  /** What happened after `from`, up to `to`. Rejects as `ask` does. */
  span(from: Target, to: Target, question: Json, signal?: AbortSignal): Promise<SpanAnswered> {
    return this.inTurn(() => this.host.span(from, to, question, signal), signal);
  }

  private async inTurn<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    if (this.questions >= this.questionsMax) {
      throw new WhereforeError('queue-full', `${this.questions} questions about the past are waiting already`, {
        hint: 'Ask again in a few seconds.',
        retryable: true,
      });
    }
    this.questions += 1;
    try {
      return await work();
    } finally {
      this.questions -= 1;
    }
  }
}
