import { ENTRY_VERSION, type EventEntry, type JsonObject, type NewEntry, type TickEntry } from '@wherefore/model';
import { eventEntries } from '@wherefore/datasources';
import { fullPollOffsets } from './polls';
import type { MonitoringEvent, Recording, Tenant } from './recording';
import { BEGIN_CLOCK, clockOffsetMs, END_CLOCK } from './storyClock';

const TICK_EVERY_MS = 5_000;
/** After the poll of the servers that the projects own. */
const AFTER_POLL_MS = 60;

/** What a new Wherefore is told first: the templates. */
export function templateEntry(recording: Recording, failureAtMs: number): NewEntry {
  return {
    kind: 'template-add',
    id: 'example/templates',
    version: ENTRY_VERSION,
    source: 'example',
    ingestedAtMs: failureAtMs + clockOffsetMs(BEGIN_CLOCK),
    templates: recording.templates,
  };
}

/** The leader's clock, from the beginning of the story to its end. */
export function tickEntries(failureAtMs: number): TickEntry[] {
  const ticks: TickEntry[] = [];
  for (let offset = clockOffsetMs(BEGIN_CLOCK); offset <= clockOffsetMs(END_CLOCK); offset += TICK_EVERY_MS) {
    const atMs = failureAtMs + offset;
    const id = `example/tick/${offset / 1000}`;
    ticks.push({ kind: 'tick', id, version: ENTRY_VERSION, source: 'leader', ingestedAtMs: atMs, atMs });
  }
  return ticks;
}

/** The alarms of the monitoring systems, which are ours. */
export function monitoringEntries(events: readonly MonitoringEvent[], failureAtMs: number): EventEntry[] {
  return events.map(({ clock, event }, index) => {
    const atMs = failureAtMs + clockOffsetMs(clock);
    const sampled = {
      vitrage_datasource_action: 'update',
      vitrage_sample_date: new Date(atMs).toISOString(),
      ...event,
    };
    return ownEntry(`example/monitoring/${index}`, sampled, atMs);
  });
}

/** The projects with their servers: a static file that is read again with each full poll. */
export function tenantEntries(tenants: readonly Tenant[], failureAtMs: number): EventEntry[] {
  return fullPollOffsets().flatMap((offset) =>
    tenants.map((tenant) => {
      const atMs = failureAtMs + offset + AFTER_POLL_MS;
      return ownEntry(`example/tenants/${offset / 1000}/${tenant.name}`, tenantEvent(tenant, atMs), atMs);
    }),
  );
}

function tenantEvent(tenant: Tenant, atMs: number): JsonObject {
  const { id, name } = tenant;
  return {
    vitrage_entity_type: 'static',
    vitrage_datasource_action: 'update',
    vitrage_sample_date: new Date(atMs).toISOString(),
    static_id: name,
    type: 'openstack.project',
    id,
    name,
    state: 'available',
    metadata: { project_id: id },
    relationships: tenant.servers.map((server) => ({
      source: name,
      relationship_type: 'contains',
      target: { static_id: server.name, type: 'nova.instance', id: server.id },
    })),
  };
}

function ownEntry(id: string, event: JsonObject, ingestedAtMs: number): EventEntry {
  const [entry] = eventEntries({ id, events: [event] }, ingestedAtMs);
  if (entry?.kind !== 'event') throw new Error(`${id}: ${entry?.message ?? 'no entry'}`);
  return entry;
}
