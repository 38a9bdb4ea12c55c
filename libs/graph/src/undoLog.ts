/**
 * What it takes to undo the step under way. Whoever changes the state in place pushes the inverse
 * first; a throw at any point is undone by running the inverses backwards.
 */
export class UndoLog {
  /** Those of earlier steps are left in place to be written over: an emptied list has to grow anew in every step. */
  private inverses: (() => void)[] = [];
  private count = 0;
  /** Tests make it throw, to prove that a step undoes itself from any point. */
  faultInjector: ((count: number) => void) | undefined;

  /** Call before the change that `inverse` takes back. */
  push(inverse: () => void): void {
    if (this.faultInjector !== undefined) this.faultInjector(this.count);
    this.inverses[this.count++] = inverse;
  }

  /** The changes stand. O(1). */
  commit(): void {
    // What a large step leaves behind would be kept for nothing.
    if (this.inverses.length > KEPT_MAX) this.inverses = [];
    this.count = 0;
  }

  /** Takes every change since the last commit back, newest first. */
  rollback(): void {
    while (this.count > 0) this.inverses[--this.count]!();
    this.inverses = [];
  }
}

const KEPT_MAX = 256;
