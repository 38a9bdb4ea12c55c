/** The newest behaviour of `step` that this program has; it also has all before it. */
export const BEHAVIOUR_MAX = 1;
