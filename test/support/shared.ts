import { existsSync } from 'node:fs';
import path from 'node:path';
import { notRunTitle } from './notRun';
import { PROJECT_ROOT } from './projectRoot';

export { PROJECT_ROOT };

/** Where the reference recordings and workloads are, on machines that have them. They are no part of the project. */
const SHARED_DIR = path.resolve(PROJECT_ROOT, '../shared');

/**
 * A suite that needs the reference data beside the project. Where they are missing the suite is reported as
 * NOT RUN, and `body` is not called.
 */
export function describeWithShared(name: string, body: (sharedDir: string) => void): void {
  describeIf(name, existsSync(SHARED_DIR), 'the folder ../shared is not there', () => body(SHARED_DIR));
}

export interface ServiceNeed {
  /** What is missing when `available` says no, as the reason reads: "RabbitMQ on 127.0.0.1:5672". */
  readonly needs: string;
  /** Synchronous, because jest collects the suites before it runs anything. */
  readonly available: () => boolean;
}

/** A suite that needs a service. Where it is missing the suite is reported as NOT RUN. */
export function describeWithService(name: string, need: ServiceNeed, body: () => void): void {
  describeIf(name, need.available(), `needs ${need.needs}`, body);
}

function describeIf(name: string, isPossible: boolean, reason: string, body: () => void): void {
  describe(name, () => {
    if (isPossible) body();
    else it.skip(notRunTitle(reason), () => undefined);
  });
}
