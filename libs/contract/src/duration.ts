const UNIT_MS: { readonly [unit: string]: number } = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)$/i;

/** Milliseconds of a length of time such as `5m`, `90s`, `1.5h`, `2 days`; undefined for any other text. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text.trim());
  if (match === null) return undefined;
  const unit = match[2]!.toLowerCase();
  return Math.round(Number(match[1]) * (UNIT_MS[unit] ?? UNIT_MS[unit.charAt(0)]!));
}
