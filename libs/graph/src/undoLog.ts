/**
 * What it takes to undo the step under way. Whoever changes the state in place notes the inverse
 * first; a throw at any point is undone by running the inverses backwards.
 */
export class UndoLog {
  /**
   * Each inverse with what it is given, one after another. Those of earlier steps are left in place to be written over:
   * an emptied list has to grow anew in every step.
   */
  private notes: unknown[] = [];
  private length = 0;
  /** Tests make it throw, to prove that a step undoes itself from any point. */
  faultInjector: ((count: number) => void) | undefined;

  /** Call before the change that `inverse` takes back. */
  push(inverse: () => void): void {
    this.note(inverse, undefined, undefined, undefined);
  }

  /**
   * The same where a change is made often: `inverse` is one function for all of them and is given what it needs, so
   * that nothing has to be made for a change that stands.
   */
  note<A, B = undefined, C = undefined>(inverse: (a: A, b: B, c: C) => void, a: A, b: B, c: C): void {
    if (this.faultInjector !== undefined) this.faultInjector(this.length / WIDTH);
    const { notes, length } = this;
    notes[length] = inverse;
    notes[length + 1] = a;
    notes[length + 2] = b;
    notes[length + 3] = c;
    this.length = length + WIDTH;
  }

  /** The changes stand. O(1). */
  commit(): void {
    // What a large step leaves behind would be kept for nothing.
    if (this.notes.length > KEPT_MAX * WIDTH) this.notes = [];
    this.length = 0;
  }

  /** Takes every change since the last commit back, newest first. */
  rollback(): void {
    while (this.length > 0) {
      const at = (this.length -= WIDTH);
      const inverse = this.notes[at] as (a: unknown, b: unknown, c: unknown) => void;
      inverse(this.notes[at + 1], this.notes[at + 2], this.notes[at + 3]);
    }
    this.notes = [];
  }
}

/** Places of a note: the inverse, and what it is given. */
const WIDTH = 4;

const KEPT_MAX = 1024;
