import type { AnsweredAt } from '@wherefore/contract';
import { formatPosition, type Position } from '@wherefore/model';

/** A body with the position of the state that it describes. */
export class Answer {
  private constructor(
    readonly body: unknown,
    readonly position: string,
  ) {}

  /** As of an answer's moment. */
  static at({ position }: AnsweredAt, body: unknown): Answer {
    return new Answer(body, position);
  }

  /** As of a place in the log. */
  static after(position: Position, body: unknown): Answer {
    return new Answer(body, formatPosition(position));
  }
}
