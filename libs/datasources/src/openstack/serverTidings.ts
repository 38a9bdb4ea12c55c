import type { Json, JsonObject } from '@wherefore/model';
import { readId } from '../reading/properties';
import type { Notice } from './notification';

/**
 * The ends of what Nova does not end before Neutron has told it that the ports are plugged
 * (`network-vif-plugged`): it waits for that whenever it starts a server at a new place, unless its operators
 * have told it not to. Neutron itself tells its bus nothing of it.
 */
const PORTS_PLUGGED: ReadonlySet<string> = new Set([
  'compute.instance.create.end',
  'instance.create.end',
  'compute.instance.rebuild.end',
  'instance.rebuild.end',
  'compute.instance.unshelve.end',
  'instance.unshelve.end',
  'compute.instance.finish_resize.end',
  'instance.resize_finish.end',
  // Starts nothing, but tells in the legacy layout whether the resized server runs.
  'compute.instance.resize.confirm.end',
  'instance.resize_confirm.end',
  'compute.instance.resize.revert.end',
  'instance.resize_revert.end',
  'compute.instance.live_migration.post.dest.end',
  'instance.live_migration_post_dest.end',
]);

/**
 * The ends of what plugs ports into a server without waiting for Neutron: a server that starts where it has
 * been, and one that runs and gets another port. Neutron's agent brings them up right after, and nobody tells.
 */
const PORTS_BEING_PLUGGED: ReadonlySet<string> = new Set([
  'compute.instance.power_on.end',
  'instance.power_on.end',
  'compute.instance.resume.end',
  'instance.resume.end',
  // In the versioned layout alone.
  'instance.interface_attach.end',
]);

/** Sent by the host that a server moves to alive, once the ports are bound there. */
const PORTS_MOVED: ReadonlySet<string> = new Set([
  'compute.instance.live_migration.post.dest.start',
  'instance.live_migration_post_dest.start',
  'compute.instance.live_migration.post.dest.end',
  'instance.live_migration_post_dest.end',
]);

/** What Nova has set a volume to before it says that it begins; Cinder's API does not tell its bus. */
const VOLUME_STATUS: ReadonlyMap<string, string> = new Map([
  ['instance.volume_attach.start', 'reserved'],
  ['instance.volume_detach.start', 'detaching'],
]);

/** After these Nova takes back what it did to the volume if it fails, and nobody tells of that. */
export const SETTLED_BY_CINDER: ReadonlySet<string> = new Set([
  ...VOLUME_STATUS.keys(),
  'instance.volume_attach.error',
]);

/** What a message about a server tells of its ports and volumes: fields of the server's driver event. */
export function tidingsOf({ eventType, publisher }: Notice, payload: JsonObject): JsonObject {
  const tidings: Record<string, Json> = {};
  const ports: Record<string, Json> = {};
  const isPlugging = PORTS_PLUGGED.has(eventType) || PORTS_BEING_PLUGGED.has(eventType);
  if (isPlugging && isRunning(payload)) ports['status'] = 'ACTIVE';
  const host = PORTS_MOVED.has(eventType) ? hostOf(publisher) : undefined;
  if (host !== undefined) ports['host'] = host;
  if (Object.keys(ports).length > 0) tidings['ports'] = ports;
  const status = VOLUME_STATUS.get(eventType);
  const volume = readId(payload['volume_id']);
  if (status !== undefined && volume !== undefined) tidings['volume'] = { id: volume, status };
  return tidings;
}

/** The legacy layout has no power state; there a resized server may be either. */
function isRunning(payload: JsonObject): boolean {
  const state = payload['power_state'] ?? payload['state'];
  return state === 'running' || state === 'active' || state === 'paused';
}

/** The compute host that sent a message: `compute.h` in the legacy layout, `nova-compute:h` in the versioned one. */
export function hostOf(publisher: string): string | undefined {
  return /^(?:compute\.|nova-compute:)(.+)$/.exec(publisher)?.[1];
}
