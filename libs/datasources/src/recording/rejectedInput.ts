import { digestText, refusedInput, type RejectedInputEntry, type Rejection } from '@wherefore/model';

/** Names refused input: the same text, met again, has the same id; the second of two alike has another. */
export class RejectedInputs {
  private readonly met = new Map<string, number>();

  /** `place` says where the input is from: `line 17 of notifications.ndjson`. */
  entry(rejection: Rejection, place: string, input: string, ingestedAtMs: number): RejectedInputEntry {
    const { code, message, where = '' } = rejection;
    const digest = digestText(`${code}\n${where}\n${input}`);
    const count = (this.met.get(digest) ?? 0) + 1;
    this.met.set(digest, count);
    const origin = { id: `rejected/${digest}/${count}`, source: 'import', ingestedAtMs };
    return refusedInput({ ...rejection, message: `${place}: ${message}` }, input, origin);
  }
}
