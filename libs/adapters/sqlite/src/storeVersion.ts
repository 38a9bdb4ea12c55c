/** Version of the tables of `schema.ts`. A newer store is refused, an older one brought up to date by whoever opens it to write. */
export const STORE_VERSION = 6;
