import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../apps/cluster/src/services/freePort';
import { type Services, startServices } from '../cluster/services';
import { Actor } from './actor';

export const EACH = 2;
const ROLES = ['api', 'processor', 'persister', 'listener', 'driver'];
const LEASE_TTL_MS = '2000';
/** A receiver that says nothing is given up sooner than by default: the run is short. */
const WEBHOOK_TIMEOUT_MS = '2000';

/** Deduces alarms on the servers of a host that has one, so that one event tells of several things. */
const TEMPLATE = `
metadata: {version: 3, name: soak, type: standard}
entities:
  down: {category: ALARM, type: doctor, name: compute.host.down}
  host: {type: nova.host}
  server: {type: nova.instance}
scenarios:
  - condition: down [on] host AND host [contains] server
    actions:
      - raise_alarm: {target: server, alarm_name: Server at risk, severity: WARNING, causing_alarm: down}
      - set_state: {target: server, state: SUBOPTIMAL}
  - condition: down [on] host
    actions:
      - mark_down: {target: host}
`;

/** Everything of a cluster, with its files. */
export interface Stand {
  readonly services: Services;
  readonly actors: readonly Actor[];
  /** Of the apis, in the order of their names; the same after a restart. */
  readonly urls: readonly string[];
  readonly staticFolder: string;
  close(): Promise<void>;
}

/** Starts broker and database, and makes the processes ready to be started. */
export async function openStand(program?: string): Promise<Stand> {
  const folder = mkdtempSync(path.join(tmpdir(), 'wherefore-soak-'));
  const staticFolder = path.join(folder, 'static');
  const templates = path.join(folder, 'templates');
  mkdirSync(staticFolder);
  mkdirSync(templates);
  writeFileSync(path.join(templates, 'soak.yaml'), TEMPLATE);
  const services = await startServices();
  const env = {
    ...services.env,
    WHEREFORE_TEMPLATES__FOLDERS: templates,
    WHEREFORE_PROCESSOR__LEASE_TTL_MS: LEASE_TTL_MS,
    WHEREFORE_PERSISTER__LEASE_TTL_MS: LEASE_TTL_MS,
    WHEREFORE_DRIVER__LEASE_TTL_MS: LEASE_TTL_MS,
    WHEREFORE_DRIVER__STATIC_FOLDER: staticFolder,
    WHEREFORE_DRIVER__INTERVAL_SECONDS: '5',
    WHEREFORE_LISTENER__EXCHANGES: 'nova',
    WHEREFORE_LISTENER__BINDING_CHECK_SECONDS: '1',
    WHEREFORE_NOTIFIERS__TIMEOUT_MS: WEBHOOK_TIMEOUT_MS,
    WHEREFORE_SNAPSHOTS__EVERY_ENTRIES: '500',
  };
  const actors: Actor[] = [];
  const urls: string[] = [];
  for (const role of ROLES) {
    for (let number = 1; number <= EACH; number++) {
      const port = role === 'api' ? await freePort() : undefined;
      if (port !== undefined) urls.push(`http://127.0.0.1:${port}`);
      const own = port === undefined ? env : { ...env, WHEREFORE_SERVER__PORT: String(port) };
      actors.push(new Actor(`${role}-${number}`, role, own, program));
    }
  }
  return {
    ...{ services, actors, urls, staticFolder },
    close: async () => {
      for (const actor of actors) if (actor.runs.length > 0) actor.resume();
      await Promise.all(actors.filter(({ runs }) => runs.length > 0).map((actor) => actor.kill()));
      for (const service of [services.broker, services.database]) service.resume();
      await services.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
