import { installPackages, installationRefusal } from '../../../apps/cluster/src/services/aptInstall';
import { dockerRuns, fetchImage } from './docker';
import { findProgram } from '../../../apps/cluster/src/services/findProgram';

/** How a server program is to be had. */
export interface ServiceSource {
  /** As people call it: "MariaDB". */
  readonly name: string;
  /** Programs that must all be there; each with its other names. */
  readonly programs: readonly (readonly string[])[];
  /** For a Docker engine, where the programs are not installed; absent where they are run as they are. */
  readonly image?: string;
  /** Debian packages that bring the programs; each with its other names. */
  readonly packages: readonly (readonly string[])[];
}

/** Where the server comes from: programs of this machine, or a container. */
export type Origin = 'programs' | 'docker';

/** `origin`, or the reason why there is none. */
export type Located = { readonly origin: Origin } | { readonly missing: string };

/**
 * Gets a service ready to be started: from the PATH, else from Docker if an engine runs, else, as
 * root on Debian or Ubuntu, with apt-get. What was found is remembered in the environment, so that
 * jest's workers, which inherit it, neither search nor install again.
 */
export function prepareService(source: ServiceSource): Located {
  const located = search(source);
  process.env[variableOf(source)] = 'origin' in located ? located.origin : `missing: ${located.missing}`;
  return located;
}

/** What `prepareService` found; searches, but installs nothing, when it never ran. */
export function locateService(source: ServiceSource): Located {
  const known = process.env[variableOf(source)];
  if (known === 'programs' || known === 'docker') return { origin: known };
  if (known?.startsWith('missing: ')) return { missing: known.slice('missing: '.length) };
  return quickSearch(source) ?? { missing: 'it is not on the PATH, and no Docker engine runs' };
}

/** For `describeWithService`. */
export function serviceNeed(source: ServiceSource): { readonly needs: string; readonly available: () => boolean } {
  return {
    get needs() {
      const located = locateService(source);
      return 'missing' in located ? `${source.name}: ${located.missing}` : source.name;
    },
    available: () => 'origin' in locateService(source),
  };
}

function search(source: ServiceSource): Located {
  const found = quickSearch(source);
  if (found?.origin === 'programs') return found;
  if (found) return fetched(source.image!);
  const refusal = installationRefusal();
  if (refusal !== undefined) return { missing: `it is not on the PATH, no Docker engine runs, and ${refusal}` };
  try {
    installPackages(`tests with a real ${source.name}`, source.packages);
  } catch (error) {
    return { missing: `it could not be installed: ${error instanceof Error ? error.message : String(error)}` };
  }
  return hasPrograms(source) ? { origin: 'programs' } : { missing: 'its packages did not bring its programs' };
}

function fetched(image: string): Located {
  try {
    fetchImage(image);
    return { origin: 'docker' };
  } catch (error) {
    return { missing: `its image ${image} could not be fetched: ${error instanceof Error ? error.message : error}` };
  }
}

function quickSearch(source: ServiceSource): { readonly origin: Origin } | undefined {
  if (hasPrograms(source)) return { origin: 'programs' };
  return source.image !== undefined && dockerRuns() ? { origin: 'docker' } : undefined;
}

function hasPrograms({ programs }: ServiceSource): boolean {
  return programs.every((names) => findProgram(...names) !== undefined);
}

function variableOf({ name }: ServiceSource): string {
  return `WHEREFORE_FOUND_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}
