/**
 * What Node itself is told when a role runs, in the image too. A smaller young generation than the command has: its
 * collections are shorter, and who waits for a role waits for them.
 */
export const ROLE_NODE_FLAGS: readonly string[] = ['--max-semi-space-size=16'];
