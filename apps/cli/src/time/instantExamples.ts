/** Expressions of moments, shown in help and where one could not be read. Apart, so that help loads nothing else. */
export const INSTANT_EXAMPLES = [
  '"yesterday 17:26"',
  '17:26',
  '"10 minutes ago"',
  '2026-11-21',
  '"2026-11-21 17:26"',
  '2026-11-21T17:26:05Z',
] as const;
