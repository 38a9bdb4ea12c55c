import { BOUNDARY_LIMITS, digestText, ENTRY_VERSION, type RejectedInputEntry, type Rejection } from '@wherefore/model';

/** Names refused input: the same text, met again, has the same id; the second of two alike has another. */
export class RejectedInputs {
  private readonly met = new Map<string, number>();

  /** `place` says where the input is from: `line 17 of notifications.ndjson`. */
  entry(rejection: Rejection, place: string, input: string, ingestedAtMs: number): RejectedInputEntry {
    const { code, message, where, hint } = rejection;
    const digest = digestText(`${code}\n${where ?? ''}\n${input}`);
    const count = (this.met.get(digest) ?? 0) + 1;
    this.met.set(digest, count);
    return {
      kind: 'rejected-input',
      id: `rejected/${digest}/${count}`,
      version: ENTRY_VERSION,
      source: 'import',
      ingestedAtMs,
      code,
      message: `${place}: ${message}`,
      ...(hint === undefined ? {} : { hint }),
      excerpt: input.slice(0, BOUNDARY_LIMITS.excerptBytesMax),
    };
  }
}
