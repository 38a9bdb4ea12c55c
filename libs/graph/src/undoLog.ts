/**
 * What it takes to undo the step under way. Whoever changes the state in place pushes the inverse
 * first; a throw at any point is undone by running the inverses backwards.
 */
export class UndoLog {
  private readonly inverses: (() => void)[] = [];
  /** Tests make it throw, to prove that a step undoes itself from any point. */
  faultInjector: ((count: number) => void) | undefined;

  /** Call before the change that `inverse` takes back. */
  push(inverse: () => void): void {
    if (this.faultInjector !== undefined) this.faultInjector(this.inverses.length);
    this.inverses.push(inverse);
  }

  /** The changes stand. O(1). */
  commit(): void {
    this.inverses.length = 0;
  }

  /** Takes every change since the last commit back, newest first. */
  rollback(): void {
    while (this.inverses.length > 0) this.inverses.pop()!();
  }
}
