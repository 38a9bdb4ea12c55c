import type { Effect, LogEntry, NewEntry, Position, Rejection } from '@wherefore/model';

// Signatures first; the bodies follow.
export interface EngineState {
  readonly position: Position;
  readonly ordinal: number;
  readonly logTimeMs: number;
  readonly behaviour: number;
}
export type Outcome =
  | { readonly kind: 'applied' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'stale-epoch' }
  | { readonly kind: 'rejected'; readonly rejection: Rejection }
  | { readonly kind: 'failed'; readonly rejection: Rejection };
export interface StepResult {
  readonly outcome: Outcome;
  readonly effects: readonly Effect[];
}
export declare function initialState(): EngineState;
/** Applies one entry in place. Synchronous, deterministic, never throws for bad input. */
export declare function step(state: EngineState, entry: LogEntry): StepResult;
/** 32 hex digits; equal on every machine that applied the same entries. O(1). */
export declare function stateHash(state: EngineState): string;
/** Everything `step` reads, uncompressed, in a versioned encoding. */
export declare function encodeSnapshot(state: EngineState): Uint8Array;
/** Throws WhereforeError snapshot-corrupt. */
export declare function decodeSnapshot(bytes: Uint8Array): EngineState;
/** Checks the shape of an entry that came from outside. */
export declare function checkEntry(value: unknown): NewEntry | Rejection;
