/** What a run is asked for in the environment. */
export interface SoakSettings {
  readonly isLong: boolean;
  readonly seed: number;
  readonly seconds: number;
}

/** Part of every test run. Always the same seed: what fails once should fail again, and on the machine of whoever looks. */
export const SHORT = { seed: 3, seconds: 30 };
const LONG_SECONDS = 600;

/** `SOAK=long` is the long form; `SEED` and `SECONDS` win. The long form draws a seed. */
export function soakSettings({ SOAK, SEED, SECONDS }: NodeJS.ProcessEnv): SoakSettings {
  const isLong = SOAK === 'long';
  const drawn = isLong ? Date.now() % 1_000_000 : SHORT.seed;
  return {
    isLong,
    seed: SEED === undefined ? drawn : Number(SEED),
    seconds: SECONDS === undefined ? (isLong ? LONG_SECONDS : SHORT.seconds) : Number(SECONDS),
  };
}
