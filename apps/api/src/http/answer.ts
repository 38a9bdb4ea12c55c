import type { LiveVersion } from '@wherefore/answering';
import type { AnsweredAt } from '@wherefore/contract';
import { formatPosition, type Position } from '@wherefore/model';

/** A body with the position of the state that it describes. */
export class Answer {
  private constructor(
    readonly body: unknown,
    readonly position: string,
    /** What of the live state it was made of: while that stays, it may be sent again to the same caller. */
    readonly madeOf: LiveVersion | 'nothing' | undefined = undefined,
  ) {}

  /** As of an answer's moment. */
  static at({ position }: AnsweredAt, body: unknown, madeOf?: LiveVersion): Answer {
    return new Answer(body, position, madeOf);
  }

  /** As of a place in the log. */
  static after(position: Position, body: unknown): Answer {
    return new Answer(body, formatPosition(position));
  }

  /** Of what never changes, for this caller. */
  static lasting(position: Position, body: unknown): Answer {
    return new Answer(body, formatPosition(position), 'nothing');
  }
}
