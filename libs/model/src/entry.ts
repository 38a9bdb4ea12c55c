import type { ErrorCode } from './errors';
import type { JsonObject } from './json';
import type { Position } from './position';

/** The version of the entry format that this program writes. */
export const ENTRY_VERSION = 1;

/** Proof of the lease under which an entry was made. A lower epoch than one already seen is stale. */
export interface Fence {
  readonly lease: string;
  readonly epoch: number;
}

interface EntryBase {
  /** From the source (oslo message_id, poll id + key, Idempotency-Key) or a uuid. Unique per source. */
  readonly id: string;
  readonly version: typeof ENTRY_VERSION;
  /** Who vouches for the id: a datasource, `api`, `cli`, `leader`. Duplicates are dropped per source. */
  readonly source: string;
  /** Unix time in milliseconds at which the publisher took it in. */
  readonly ingestedAtMs: number;
  readonly fence?: Fence;
}

/**
 * A driver-shaped event after filter and enrich: the dict that a datasource driver hands on, with
 * `vitrage_entity_type`, `vitrage_datasource_action`, `vitrage_sample_date` and the source's fields.
 * A row of a poll names the poll.
 */
export interface EventEntry extends EntryBase {
  readonly kind: 'event';
  readonly event: JsonObject;
  readonly pollId?: string;
}

/** A row of a poll that is unchanged: stands for the event that the engine already holds. */
export interface SeenEntry extends EntryBase {
  readonly kind: 'seen';
  readonly datasource: string;
  readonly pollId: string;
  /** The entity key of the row. */
  readonly key: string;
  /** `rowHash` of the driver event without its sample date. */
  readonly rowHash: string;
}

/** A full poll of one datasource begins. */
export interface PollStartedEntry extends EntryBase {
  readonly kind: 'poll-started';
  readonly datasource: string;
  readonly pollId: string;
}

/** A full poll ended well: what it did not contain is gone, if the engine saw exactly its rows. */
export interface PollCompletedEntry extends EntryBase {
  readonly kind: 'poll-completed';
  readonly datasource: string;
  readonly pollId: string;
  readonly rowCount: number;
  /** Commutative digest of the ids of the row entries, as `RowDigest` gives it. */
  readonly rowDigest: string;
}

/** A poll failed or is partial. Deletes nothing. */
export interface PollFailedEntry extends EntryBase {
  readonly kind: 'poll-failed';
  readonly datasource: string;
  readonly pollId: string;
  readonly reason: string;
}

/** The leader's clock. */
export interface TickEntry extends EntryBase {
  readonly kind: 'tick';
  readonly atMs: number;
}

/** Value tables, datasource mappings, limits: whatever configures `step` is told by the log. */
export interface ConfigSetEntry extends EntryBase {
  readonly kind: 'config-set';
  readonly section: 'value-tables' | 'limits' | 'datasources';
  readonly value: JsonObject;
}

/** One template as it was given: its text, or its content when it came as JSON. */
export interface TemplateSource {
  /** Where it came from, for messages: a file's base name, or `api`. */
  readonly path: string;
  /** YAML text. Scalars are read as strings. */
  readonly text: string;
  /** Supplies `metadata.type` where the template has none. */
  readonly type?: string;
  /** Actual values of the template's parameters. */
  readonly parameters?: { readonly [name: string]: string };
}

export interface TemplateAddEntry extends EntryBase {
  readonly kind: 'template-add';
  readonly templates: readonly TemplateSource[];
  /** Replace a template of the same name instead of refusing the new one. */
  readonly overwrite?: boolean;
}

export interface TemplateDeleteEntry extends EntryBase {
  readonly kind: 'template-delete';
  /** Ids or names. */
  readonly templates: readonly string[];
}

/** From here on `step` behaves as this version. Appended once every live process supports it. */
export interface BehaviourSetEntry extends EntryBase {
  readonly kind: 'behaviour-set';
  readonly behaviour: number;
}

/** First entry of a new stream: the epoch before it ends at `sealedAt`. */
export interface EpochOpenedEntry extends EntryBase {
  readonly kind: 'epoch-opened';
  readonly epoch: number;
  readonly sealedAt: Position;
}

/** Input that could not even become an event; kept so that an operator can see it. */
export interface RejectedInputEntry extends EntryBase {
  readonly kind: 'rejected-input';
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: string;
  readonly hint?: string;
  /** The first bytes of the input. */
  readonly excerpt: string;
}

/** Everything that can change an answer. */
export type NewEntry =
  | EventEntry
  | SeenEntry
  | PollStartedEntry
  | PollCompletedEntry
  | PollFailedEntry
  | TickEntry
  | ConfigSetEntry
  | TemplateAddEntry
  | TemplateDeleteEntry
  | BehaviourSetEntry
  | EpochOpenedEntry
  | RejectedInputEntry;

/** The entry of a row without the row: in place of its event stands the sample date. */
export type RowHead = Omit<EventEntry, 'event'> & { readonly event: string };

/**
 * What the entries of the rows of one poll share: each of them without its row. The id is what all their ids begin with,
 * and what follows there is the key of the entity. `key` and `rowHash` of `seen` entries are empty here.
 */
export type PollHead = RowHead | SeenEntry;

/** A row that polls tell again and again, as a store knows it. */
export interface KnownRow {
  /** Most likely the same number is the same row, told anew. */
  readonly number: number;
  /** `rowHash` of its event. */
  readonly hash: string;
  /** Key of the entity that it tells of. */
  readonly key: string;
}

/** An entry at its place in the one order. */
export interface LogEntry {
  readonly position: Position;
  /** Where `head` is given, the row may be read only when this is asked for; that may throw `store-corrupt`. */
  readonly entry: NewEntry;
  /** The same without its row: for a row that says what it said before, this and the hash are enough. */
  readonly head?: RowHead | undefined;
  /** `rowHash` of the event of a row, when whoever read the log knows it: it was computed once, at the append. */
  readonly rowHash?: string | undefined;
  /** Of the row in the store that it was read from: most likely the same number is the same row, told anew. */
  readonly rowNumber?: number | undefined;
  /** Both are given of the rows that a store tells by their poll and their row: for most of them, these are enough. */
  readonly pollHead?: PollHead | undefined;
  readonly row?: KnownRow | undefined;
}

/** The entry, but of a row only its head where that is at hand: reads no row. */
export function headOf(placed: LogEntry): NewEntry | RowHead {
  return placed.head ?? placed.entry;
}
