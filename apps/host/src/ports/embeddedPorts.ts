import { MemoryProcessBoard } from '@wherefore/ports';
import { openStore } from '@wherefore/sqlite';
import type { Config } from '../config';
import type { EmbeddedPorts, OpenPortsOptions } from './openPorts';

/** The store in the folder of the configuration; made when there is none. */
export async function openEmbeddedPorts(config: Config, { timer }: OpenPortsOptions): Promise<EmbeddedPorts> {
  const { folder } = config.store;
  const store = await openStore({ folder, create: true });
  return {
    kind: 'embedded',
    ...store,
    // One process has all roles, so nobody else has to see what it reports.
    board: new MemoryProcessBoard(timer),
    replaySource: { path: require.resolve('@wherefore/sqlite'), exportName: 'openReader', argument: { folder } },
    links: () => ({ broker: null, database: null }),
    sawDatabase: () => undefined,
  };
}
