/** Of the whole so much is everybody's own. */
const OWN_SHARE = 1 / 16;

/** The memory that the lines of one desk have together, in characters. */
export class LineRoom {
  private taken = 0;

  constructor(private readonly charsMax: number) {}

  /** Whether a line that has `own` may have so much more: a little in any case, beyond that as long as there is room for all. */
  isFor(own: number, more: number): boolean {
    return own + more <= this.charsMax * OWN_SHARE || this.taken + more <= this.charsMax;
  }

  take(chars: number): void {
    this.taken += chars;
  }

  free(chars: number): void {
    this.taken -= chars;
  }
}
