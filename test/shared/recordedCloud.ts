import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  eventEntries,
  fromNotification,
  fromRestAnswer,
  type NotificationEnvelope,
  type PollRows,
  pollEntries,
  toEntityEvent,
} from '@wherefore/datasources';
import { initialState, step, stateHash } from '@wherefore/engine';
import type { Vertex } from '@wherefore/graph';
import { ENTRY_VERSION, type EntityEvent, type Json, type JsonObject, type NewEntry } from '@wherefore/model';

/** One message of a recording. */
export interface RecordedMessage extends NotificationEnvelope {
  readonly body: string;
  readonly seq: number;
}

/** One answer that an API gave, as `index.json` lists it. */
export interface RecordedAnswer {
  readonly moment: string;
  readonly name: string;
  readonly at: string;
  readonly status: number;
  readonly body: () => Json;
}

export interface Recording {
  /** In the order of arrival. */
  readonly messages: readonly RecordedMessage[];
  /** In the order of `at`. */
  readonly answers: readonly RecordedAnswer[];
}

/** Reads a recording of the format of `../shared/data/openstack`. */
export function readRecording(folder: string): Recording {
  const lines = readFileSync(path.join(folder, 'notifications.ndjson'), 'utf8').trimEnd().split('\n');
  const answers = readdirSync(path.join(folder, 'api')).flatMap((moment) => {
    const index = readJson(path.join(folder, 'api', moment, 'index.json')) as unknown as RecordedAnswer[];
    return index.map(({ name, at, status }): RecordedAnswer => ({
      moment,
      name,
      at,
      status,
      body: () => readJson(path.join(folder, 'api', moment, `${name}.json`)),
    }));
  });
  return {
    messages: lines.map((line) => JSON.parse(line) as RecordedMessage),
    answers: answers.sort((a, b) => (a.at < b.at ? -1 : 1)),
  };
}

/** The kinds that the comparison knows, by the answers that list them. */
export const KIND_OF: { readonly [answer: string]: Kind } = {
  'nova-servers': 'nova.instance',
  'nova-servers-v2.1': 'nova.instance',
  'neutron-ports': 'neutron.port',
  'cinder-volumes': 'cinder.volume',
};
export type Kind = 'nova.instance' | 'neutron.port' | 'cinder.volume';

/** What an operator sees of an entity: field to value, absent values null. */
export type Seen = { readonly [field: string]: Json };

const readMessages = new WeakMap<RecordedMessage, ReturnType<typeof fromNotification>>();

/** What a message becomes; read once, for many clouds are told it. */
function readMessage(message: RecordedMessage): ReturnType<typeof fromNotification> {
  let answer = readMessages.get(message);
  if (answer === undefined) readMessages.set(message, (answer = fromNotification(message)));
  if ('code' in answer) throw new Error(`${answer.code}: ${answer.message}`);
  return answer;
}

function contentOf({ body }: RecordedMessage): JsonObject {
  const outer = JSON.parse(body) as JsonObject;
  const inner = outer['oslo.message'];
  return typeof inner === 'string' ? (JSON.parse(inner) as JsonObject) : outer;
}

const eventTypes = new WeakMap<RecordedMessage, string>();

export function eventTypeOf(message: RecordedMessage): string {
  let type = eventTypes.get(message);
  if (type === undefined) eventTypes.set(message, (type = String(contentOf(message)['event_type'])));
  return type;
}

/** The process that sent a message: `nova-compute:compute-01`. */
export function publisherOf(message: RecordedMessage): string {
  return String(contentOf(message)['publisher_id']);
}

/** A cloud in memory that is told what was recorded, entry by entry, through `step`. */
export class RecordedCloud {
  readonly state = initialState();
  private offset = 0;
  private tickedAtMs = 0;

  /** How many entries came to which outcome. */
  readonly outcomes = new Map<string, number>();

  get hash(): string {
    return stateHash(this.state);
  }

  /** Type of the last message about an entity, by its key. */
  readonly lastTypeOf = new Map<string, string>();

  /** Delivers a message, at the time it was received, or another. */
  tell(message: RecordedMessage, nowMs = Date.parse(message.received_at)): void {
    this.tick(nowMs);
    const answer = readMessage(message);
    if (!('events' in answer)) return;
    for (const entry of eventEntries(answer, nowMs)) {
      this.apply(entry);
      if (entry.kind !== 'event') continue;
      const { entity } = toEntityEvent(entry.event) as EntityEvent;
      this.lastTypeOf.set(entity.key, eventTypeOf(message));
    }
  }

  /** Applies an answer as the polls that it amounts to; answers that tell of no datasource do nothing. */
  poll(answer: RecordedAnswer): readonly PollRows[] {
    return this.pollBody(answer.name, answer.body(), answer.at);
  }

  /** Applies the body of an answer at a time. */
  pollBody(name: string, body: Json, at: string): readonly PollRows[] {
    const nowMs = Date.parse(at);
    this.tick(nowMs);
    const read = fromRestAnswer(name, body, at);
    if ('code' in read) {
      if (read.code !== 'unknown-datasource') throw new Error(`${name}: ${read.message}`);
      return [];
    }
    for (const [index, poll] of read.polls.entries()) {
      const pollId = `${at}/${name}/${index}`;
      for (const entry of pollEntries(poll, pollId, nowMs)) this.apply(entry);
    }
    return read.polls;
  }

  /** Every entity of a kind that was seen itself, by id. */
  entities(kind: Kind): Map<string, Seen> {
    const entities = new Map<string, Seen>();
    for (const vertex of this.state.graph.verticesOfType(kind)) {
      if (!vertex.isPlaceholder) entities.set(String(vertex.properties['id']), seenOf(kind, vertex));
    }
    return entities;
  }

  private apply(entry: NewEntry): void {
    this.offset += 1;
    const { outcome } = step(this.state, { position: { epoch: 1, offset: this.offset, index: 0 }, entry });
    this.outcomes.set(outcome.kind, (this.outcomes.get(outcome.kind) ?? 0) + 1);
    if (outcome.kind === 'rejected' || outcome.kind === 'failed') throw new Error(JSON.stringify(outcome));
  }

  /** A tick every second, as a leader would give it. */
  private tick(nowMs: number): void {
    if (nowMs < this.tickedAtMs + 1000) return;
    this.tickedAtMs = nowMs;
    this.apply({
      kind: 'tick',
      id: `tick ${nowMs}`,
      version: ENTRY_VERSION,
      source: 'leader',
      ingestedAtMs: nowMs,
      atMs: nowMs,
    });
  }
}

/** What an answer says of the entities of its kind, read without the product's own readers. */
export function answered(answer: RecordedAnswer): Map<string, Seen> {
  const kind = KIND_OF[answer.name]!;
  const body = answer.body() as JsonObject;
  const rows = (body['servers'] ?? body['ports'] ?? body['volumes']) as readonly JsonObject[];
  const owned = rows.filter((row) => kind !== 'neutron.port' || String(row['device_owner']).startsWith('compute:'));
  return new Map(owned.map((row) => [String(row['id']), rowOf(kind, row)]));
}

function rowOf(kind: Kind, row: JsonObject): Seen {
  const common = { name: row['name']!, status: row['status']! };
  switch (kind) {
    case 'nova.instance':
      return { ...common, host: row['OS-EXT-SRV-ATTR:host'] ?? null, project: row['tenant_id']! };
    case 'neutron.port': {
      const host = row['binding:host_id'] === '' ? null : (row['binding:host_id'] ?? null);
      return { ...common, host, project: row['project_id']!, server: row['device_id']! };
    }
    case 'cinder.volume': {
      const attachments = row['attachments'] as readonly JsonObject[];
      // During a live migration a server has two attachments of one volume.
      const servers = [...new Set(attachments.map((attachment) => String(attachment['server_id'])))].sort();
      return { ...common, project: row['os-vol-tenant-attr:tenant_id']!, size: row['size']!, attachments: servers };
    }
  }
}

function seenOf(kind: Kind, vertex: Vertex): Seen {
  const { name, state, host_id, project_id, size } = vertex.properties;
  const common = { name: name ?? null, status: state ?? null };
  const project = project_id ?? null;
  const host = host_id === undefined || host_id === '' ? null : host_id;
  const servers = vertex.outgoing
    .flatMap(({ label, target }) => (label === 'attached' ? [String(target.properties['id'])] : []))
    .sort();
  switch (kind) {
    case 'nova.instance':
      return { ...common, host, project };
    case 'neutron.port':
      return { ...common, host, project, server: servers.length === 1 ? servers[0]! : servers };
    case 'cinder.volume':
      return { ...common, project, size: size ?? null, attachments: servers };
  }
}

/** One field in which the reconstructed state and an answer are not the same. */
export interface Difference {
  readonly moment: string;
  readonly answer: string;
  readonly at: string;
  readonly id: string;
  /** `entity` when only one of the two has it. */
  readonly field: string;
  /** As reconstructed. */
  readonly got: Json;
  /** As answered. */
  readonly want: Json;
  readonly ours: Seen | undefined;
  readonly theirs: Seen | undefined;
  /** Type of the last message about the entity; empty when there was none. */
  readonly lastType: string;
}

/** Every difference between the cloud as it stands and an answer; none when they are equal. */
export function differences(cloud: RecordedCloud, answer: RecordedAnswer): Difference[] {
  const { moment, name, at } = answer;
  const got = cloud.entities(KIND_OF[name]!);
  const want = answered(answer);
  const ids = [...new Set([...got.keys(), ...want.keys()])].sort();
  return ids.flatMap((id): Difference[] => {
    const ours = got.get(id);
    const theirs = want.get(id);
    const lastType = cloud.lastTypeOf.get(`RESOURCE:${KIND_OF[name]!}:${id}`) ?? '';
    const place = { moment, answer: name, at, id, ours, theirs, lastType };
    if (ours === undefined || theirs === undefined) {
      return [{ ...place, field: 'entity', got: ours ?? null, want: theirs ?? null }];
    }
    return Object.keys(theirs)
      .filter((field) => JSON.stringify(ours[field]) !== JSON.stringify(theirs[field]))
      .map((field) => ({ ...place, field, got: ours[field]!, want: theirs[field]! }));
  });
}

function readJson(file: string): Json {
  return JSON.parse(readFileSync(file, 'utf8')) as Json;
}
