import { type EntityEvent, type Json, type JsonObject, type NeighbourImage } from '@wherefore/model';
import { type Converter, resourceEvent, stubNeighbour } from '../reading/entity';
import { missingId, PropertyDraft, readId } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { NOVA_HOST } from './host';
import { NOVA_INSTANCE } from './instance';

export const NOVA_MIGRATION = 'nova.migration';

/** Once it is one of these, the two hosts have nothing to do with it any more. */
const ENDED: ReadonlySet<Json | undefined> = new Set<Json | undefined>([
  'cancelled',
  'completed',
  'confirmed',
  'done',
  'error',
  'failed',
  'reverted',
]);

/**
 * A migration, resize or evacuation of a server, as a row of `os-migrations`: Nova keeps it as long as the
 * server lives. No project owns it: `project_id` of the row is that of whoever asked for it, and which hosts
 * there are is no business of tenants.
 *
 * The server stays its neighbour; the hosts that it goes from and to are so while it is under way.
 */
export const convertMigration: Converter = (sample) => {
  const { event, action } = sample;
  const id = readId(event['id']);
  if (id === undefined) return missingId('id');

  const draft = new PropertyDraft()
    .set('id', id)
    .text('name', nameOf(event, id), 'migration_type')
    .text('state', event['status'], 'status')
    .text('migration_type', event['migration_type'], 'migration_type')
    .text('server_id', event['instance_uuid'], 'instance_uuid')
    .text('source_host', event['source_compute'], 'source_compute')
    .text('dest_host', event['dest_compute'], 'dest_compute')
    .set('update_timestamp', timeOf(event) ?? sample.updateTimestamp);
  if (draft.fault !== undefined) return draft.fault;

  const neighbours: NeighbourImage[] = [];
  const server = readId(event['instance_uuid']);
  if (server !== undefined) neighbours.push(stubNeighbour(NOVA_INSTANCE, server, 'attached', 'to-neighbour'));
  const hosts = ENDED.has(event['status']) ? [] : hostsOf(event);
  const placed = resourceEvent(sample, action, NOVA_MIGRATION, id, draft.patch, [...neighbours, ...hosts]);
  return hosts.length === 0 ? withoutHosts(placed) : placed;
};

/** `live-migration 7`: the server says which, the number tells it from the server's others. */
function nameOf(event: JsonObject, id: string): Json | undefined {
  const kind = event['migration_type'];
  return typeof kind === 'string' ? `${kind} ${id}` : kind;
}

function timeOf(event: JsonObject): string | undefined {
  return normaliseTimestamp(event['updated_at']) ?? normaliseTimestamp(event['created_at']);
}

function hostsOf(event: JsonObject): NeighbourImage[] {
  const source = readId(event['source_compute']);
  const target = readId(event['dest_compute']);
  const hosts: NeighbourImage[] = [];
  if (source !== undefined) hosts.push(stubNeighbour(NOVA_HOST, source, 'from', 'to-neighbour'));
  if (target !== undefined) hosts.push(stubNeighbour(NOVA_HOST, target, 'to', 'to-neighbour'));
  return hosts;
}

function withoutHosts(event: EntityEvent): EntityEvent {
  return { ...event, without: [NOVA_HOST] };
}
