/** Builds `dist` anew when a source is newer, unless the run is narrowed to parts that need none. */
declare function buildIfStale(globalConfig: {
  readonly rootDir: string;
  readonly testPathPatterns?: { readonly patterns: readonly string[] };
}): void;
export = buildIfStale;
