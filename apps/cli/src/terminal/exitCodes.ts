import type { ErrorCode } from '@wherefore/model';

/** What the shell learns from the exit code. */
export const EXIT = { ok: 0, failure: 1, usage: 2, notFound: 3, ambiguous: 4 } as const;

const BY_CODE: { readonly [code in ErrorCode]?: number } = {
  'usage': EXIT.usage,
  'bad-request': EXIT.usage,
  'invalid-time': EXIT.usage,
  'invalid-position': EXIT.usage,
  'alarm-not-found': EXIT.notFound,
  'alarm-known-later': EXIT.notFound,
  'before-first-entry': EXIT.notFound,
  'entity-not-found': EXIT.notFound,
  'unknown-template': EXIT.notFound,
  'alarm-ambiguous': EXIT.ambiguous,
};

/** The exit code that tells a failure apart. */
export function exitCodeOf(code: ErrorCode): number {
  return BY_CODE[code] ?? EXIT.failure;
}
