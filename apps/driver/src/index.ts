export { Driver, type DriverEars, type DriverOptions, type DriverParts, leaseOf } from './driver';
export { configuredSources, SOURCE_NAMES } from './sources/configuredSources';
export type { Page, PollSource } from './sources/pollSource';
export { startDriver } from './startDriver';
