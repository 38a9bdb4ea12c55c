import { WhereforeError, type ErrorCode, type Json } from '@wherefore/model';
import type { Target } from './replayer';

/** An export of a module, by which a thread gets what cannot be sent to it: functions. */
export interface ModuleRef {
  /** Absolute path, as `require.resolve` gives it. */
  readonly path: string;
  readonly exportName: string;
}

/** What a host is made of. Survives a structured clone. */
export interface ReplayParts {
  /** `(argument) => Promise<ReplaySource>`, for instance `openReader` with `{ folder }`. */
  readonly source: ModuleRef & { readonly argument: Json };
  /** A `Machine`. */
  readonly machine: ModuleRef;
  /** An `AnswerQuestion`; without it only snapshots can be taken. */
  readonly answer?: ModuleRef;
  /** A `ReadSpan`; without it no questions about spans can be answered. */
  readonly span?: ModuleRef;
  /** States kept between questions. Default 2: each may be as large as the live one. */
  readonly statesMax?: number;
  /**
   * How much further than its process the thread stands back behind others, as `nice` counts. Default 0. On Linux only,
   * where threads have priorities of their own.
   */
  readonly niceness?: number;
}

export type Job =
  | { readonly kind: 'answer'; readonly target: Target; readonly question: Json }
  | { readonly kind: 'span'; readonly from: Target; readonly to: Target; readonly question: Json }
  | { readonly kind: 'snapshot'; readonly createdAtMs: number };

export type ToThread =
  | { readonly kind: 'run'; readonly id: number; readonly job: Job }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'close' };

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly id: number; readonly output: unknown }
  | { readonly kind: 'failed'; readonly id: number | undefined; readonly error: ErrorMessage }
  | { readonly kind: 'closed' };

/** An error as it crosses the thread: one of ours with its code, anything else as text. */
export type ErrorMessage =
  | {
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint: string | undefined;
      readonly retryable: boolean;
    }
  | { readonly defect: string };

export function toErrorMessage(error: unknown): ErrorMessage {
  if (error instanceof WhereforeError) {
    const { code, message, hint, retryable } = error;
    return { code, message, hint, retryable };
  }
  return { defect: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

export function fromErrorMessage(error: ErrorMessage): Error {
  if ('defect' in error) return new Error(`in the replay thread: ${error.defect}`);
  const { code, message, hint, retryable } = error;
  return new WhereforeError(code, message, { retryable, ...(hint === undefined ? {} : { hint }) });
}
