import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { eventEntries, fromNotification, fromRestAnswer, pollEntries } from '@wherefore/datasources';
import { checkEntry, type EngineState, initialState, step } from '@wherefore/engine';
import { ENTRY_VERSION, type Json, type JsonObject, type NewEntry, type TemplateSource } from '@wherefore/model';
import { PROJECT_ROOT } from '../support/shared';

const LIBRARY = path.join(PROJECT_ROOT, 'templates', 'openstack');
const BEGIN_MS = Date.parse('2027-01-15T10:00:00Z');
const SECOND_MS = 1000;

type Vertex = ReturnType<EngineState['graph']['vertices']> extends Iterable<infer V> ? V : never;

/** The templates that ship, by file name. */
export function libraryTemplates(): TemplateSource[] {
  return readdirSync(LIBRARY)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => ({ path: file, text: readFileSync(path.join(LIBRARY, file), 'utf8') }));
}

/**
 * A cloud that tells its story as OpenStack would: in answers of its APIs and messages of its bus. All of
 * it goes the whole way, from the raw answer through entries to `step`, with every shipped template loaded.
 */
export class StoryCloud {
  private readonly state = initialState();
  private offset = 0;
  private nowMs = BEGIN_MS;

  constructor(templates: readonly TemplateSource[] = libraryTemplates()) {
    const base = { version: ENTRY_VERSION, source: 'story', ingestedAtMs: this.nowMs } as const;
    this.apply({ ...base, kind: 'template-add', id: 'templates', templates });
    const faults = this.state.shelf.list().filter(({ status }) => status !== 'ACTIVE');
    if (faults.length > 0) throw new Error(JSON.stringify(faults));
  }

  /** A whole poll with this answer, one second after whatever was before. */
  polled(name: string, body: Json): this {
    this.nowMs += SECOND_MS;
    const read = fromRestAnswer(name, body, this.now());
    if ('code' in read) throw new Error(`${name}: ${read.message}`);
    for (const poll of read.polls) {
      if (poll.rejected.length > 0) throw new Error(`${name}: ${poll.rejected[0]!.message}`);
      for (const entry of pollEntries(poll, `${poll.datasource}/${this.offset}`, this.nowMs)) this.apply(entry);
    }
    return this;
  }

  /** A message of the bus, one second after whatever was before. */
  heard(eventType: string, payload: JsonObject): this {
    this.nowMs += SECOND_MS;
    const message = { message_id: `m-${this.offset}`, event_type: eventType, timestamp: this.now(), payload };
    const body = JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(message) });
    const read = fromNotification({ exchange: 'nova', routing_key: 'n.info', body, received_at: this.now() });
    if (!('events' in read)) throw new Error(`${eventType}: ${JSON.stringify(read)}`);
    for (const entry of eventEntries(read, this.nowMs)) this.apply(entry);
    return this;
  }

  /** A driver-shaped event of a monitor, one second after whatever was before. */
  reported(event: JsonObject): this {
    this.nowMs += SECOND_MS;
    const framed = { vitrage_datasource_action: 'update', vitrage_sample_date: this.now(), ...event };
    for (const entry of eventEntries({ id: `r-${this.offset}`, events: [framed] }, this.nowMs)) this.apply(entry);
    return this;
  }

  /** Live alarms as `name on place (SEVERITY)`, sorted. */
  alarms(): string[] {
    return this.live('ALARM')
      .map((alarm) => `${label(alarm)} (${String(alarm.properties['severity'])})`)
      .sort();
  }

  /** Live causal links as `cause → effect`, sorted. */
  causes(): string[] {
    return this.live('ALARM')
      .flatMap((alarm) =>
        alarm.outgoing.flatMap((edge) => (edge.label === 'causes' ? [`${label(alarm)} → ${label(edge.target)}`] : [])),
      )
      .sort();
  }

  /** The operational state of the resource of that name, with a mark when a template marked it down. */
  stateOf(type: string, name: string): string {
    const found = this.live('RESOURCE').find((each) => each.type === type && nameOf(each) === name);
    if (found === undefined) throw new Error(`There is no ${type} ${name}.`);
    return `${found.operational ?? 'unknown'}${found.isMarkedDown ? ', marked down' : ''}`;
  }

  private live(category: string): Vertex[] {
    return [...this.state.graph.vertices()].filter((each) => each.category === category && !each.isPlaceholder);
  }

  private now(): string {
    return new Date(this.nowMs).toISOString();
  }

  private apply(entry: NewEntry): void {
    this.offset += 1;
    const checked = checkEntry(entry);
    if (!('kind' in checked)) throw new Error(JSON.stringify(checked));
    const { outcome } = step(this.state, { position: { epoch: 1, offset: this.offset, index: 0 }, entry });
    if (outcome.kind === 'rejected' || outcome.kind === 'failed') throw new Error(JSON.stringify(outcome));
  }
}

/** An alarm and what it is on; a resource by its name, which not everything has. */
function label(alarm: Vertex): string {
  const place = alarm.outgoing.find((edge) => edge.label === 'on')?.target;
  return place === undefined ? nameOf(alarm) : `${nameOf(alarm)} on ${nameOf(place)}`;
}

function nameOf({ properties }: Vertex): string {
  return String(properties['name'] ?? properties['id']);
}
