import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import buildIfStale from './buildIfStale.js';
import { MARIADB } from './services/mariadbServer';
import { RABBITMQ } from './services/rabbitmqServer';
import { VITRAGE_CLIENT } from './services/vitrageClient';
import { prepareService } from './services/service';

interface GlobalConfig {
  readonly rootDir: string;
  readonly testPathPatterns?: { readonly patterns: readonly string[] };
}

/** A spec that needs a service imports how to start it, or the registry, whose adapters need some. */
const NEEDS_SERVICE = /support\/services\/|conformance\/registry|from '\.\/(registry|services)'/;

/**
 * Once before every run of jest: builds what is stale, and gets the services that the selected specs
 * need. A run narrowed to specs that need none gets none.
 */
export default function globalSetup(globalConfig: GlobalConfig): void {
  buildIfStale(globalConfig);
  const needed = selectedSpecs(globalConfig)
    .map((spec) => readFileSync(spec, 'utf8'))
    .filter((text) => NEEDS_SERVICE.test(text));
  if (needed.length === 0) return;
  const needsClient = needed.some((text) => text.includes('services/vitrageClient'));
  const needsOthers = needed.some((text) => !text.includes('services/vitrageClient'));
  if (needsOthers) {
    prepareService(MARIADB);
    prepareService(RABBITMQ);
  }
  if (needsClient) prepareService(VITRAGE_CLIENT);
}

function selectedSpecs({ rootDir, testPathPatterns }: GlobalConfig): string[] {
  const patterns = (testPathPatterns?.patterns ?? []).map((pattern) => new RegExp(pattern, 'i'));
  return ['libs', 'apps', 'test']
    .flatMap((top) => specsBelow(path.join(rootDir, top)))
    .filter((spec) => patterns.length === 0 || patterns.some((pattern) => pattern.test(spec)));
}

function specsBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((item) => {
    const full = path.join(folder, item.name);
    if (item.isDirectory()) return item.name === 'node_modules' ? [] : specsBelow(full);
    return item.name.endsWith('.spec.ts') ? [full] : [];
  });
}
