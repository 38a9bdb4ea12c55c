import fc from 'fast-check';
import { toEntityEvent } from '@wherefore/datasources';
import {
  canonicalJson,
  type JsonObject,
  type KnownRow,
  type LogEntry,
  type PollHead,
  type RowHead,
  rowHash,
} from '@wherefore/model';
import { gone, LogScript } from './cloudScript.sim';
import { type Deed, cloudHistory, deedEntry, resource } from './randomCloud.sim';
import { decodeSnapshot, encodeSnapshot } from './snapshot';
import { type EngineState, initialState } from './state';
import { stateHash } from './stateHash';
import { step } from './step';

const SEED = Number(process.env['SEED'] ?? 9_26);
const RUNS = Number(process.env['RUNS'] ?? 10);

/** Told with its own time, as most rows are: without one, the time of each sample is one of update, too. */
function dated(event: JsonObject): JsonObject {
  const at = '2026-11-20T00:00:00Z';
  return { ...event, updated: at, updated_at: at };
}

const rowDeed = fc.record({
  row: fc.nat(5),
  ageS: fc.constantFrom(0, 0, 0, 4),
  isGone: fc.nat(15).map((n) => n === 0),
});
const rows = fc.array(fc.oneof(resource.map(dated), resource), { minLength: 6, maxLength: 6 });

/** Rows of a small cloud over and over, and what a random history does in between. */
function entriesOf(
  pool: readonly JsonObject[],
  told: readonly { row: number; ageS: number; isGone: boolean }[],
  deeds: readonly Deed[],
): LogEntry[] {
  const script = new LogScript();
  const begun = new Map<string, LogEntry[]>();
  return told.flatMap(({ row, ageS, isGone }, at): LogEntry[] => {
    const event = pool[row]!;
    const meaning = toEntityEvent({ ...event, vitrage_sample_date: '2026-11-20T00:00:00Z' });
    if ('code' in meaning) throw new Error(meaning.message);
    // Some rows come twice in a poll: the second time they are duplicates.
    const pollId = `poll ${Math.floor(at / 8)}`;
    const datasource = String(event['vitrage_entity_type']);
    const place = `${pollId} ${datasource}`;
    const isBegun = begun.has(place);
    if (!isBegun) begun.set(place, [script.entry({ kind: 'poll-started', datasource, pollId })]);
    // As pollers name their rows; every fifth as somebody else might.
    const id = at % 5 === 4 ? `row ${at}` : `${pollId}/${meaning.entity.key}`;
    const { key } = meaning.entity;
    const entry = isGone
      ? script.event(gone(event), { ageS })
      : at % 7 === 6
        ? script.entry({ kind: 'seen', datasource, pollId, id: `${pollId}/${key}`, key, rowHash: rowHash(event) })
        : script.event(event, { ageS, pollId, id });
    const deed = at % 3 === 2 ? deeds[Math.floor(at / 3)] : undefined;
    const all = deed === undefined ? [entry] : [entry, deedEntry(script, deed)];
    return isBegun ? all : [...begun.get(place)!, ...all];
  });
}

/** As a store gives it, of which the row is read only when the entry is asked for: by its poll and its row, or by its head. */
class UnreadEntry implements LogEntry {
  isRead = false;
  readonly position: LogEntry['position'];
  readonly head: RowHead | undefined;
  readonly rowHash: string | undefined;
  /** Few numbers for many rows: a number may tell another entity's row, too. */
  readonly rowNumber: number | undefined;
  readonly pollHead: PollHead | undefined;
  readonly row: KnownRow | undefined;

  constructor(
    private readonly whole: LogEntry,
    isByPoll: boolean,
  ) {
    const { entry } = whole;
    this.position = whole.position;
    if (entry.kind === 'seen') {
      if (isByPoll) this.pollHead = { ...entry, id: `${entry.pollId}/`, key: '', rowHash: '' };
      this.row = { number: numberOf(entry.rowHash), hash: entry.rowHash, key: entry.key };
      return;
    }
    if (entry.kind !== 'event' || entry.pollId === undefined) return;
    const { id, pollId } = entry;
    this.head = { ...entry, event: String(entry.event['vitrage_sample_date']) };
    this.rowHash = rowHash(entry.event);
    this.rowNumber = numberOf(this.rowHash);
    if (!isByPoll || !id.startsWith(`${pollId}/`)) return;
    this.pollHead = { ...this.head, id: `${pollId}/` };
    this.row = { number: this.rowNumber, hash: this.rowHash, key: id.slice(pollId.length + 1) };
  }

  get entry(): LogEntry['entry'] {
    this.isRead = true;
    return this.whole.entry;
  }
}

function numberOf(hash: string): number {
  return parseInt(hash, 16) % 4;
}

function forgetWhatWasTold(state: EngineState): void {
  for (const vertex of state.graph.vertices()) vertex.asTold = undefined;
}

describe('a row that was told before', () => {
  it('comes to the same as if it were merged again, whatever happened in between', () => {
    let [repeated, unread] = [0, 0];
    fc.assert(
      fc.property(rows, fc.array(rowDeed, { minLength: 50, maxLength: 50 }), cloudHistory(16), (pool, told, deeds) => {
        const [quick, thorough] = [initialState(), initialState()];
        let restored = initialState();
        entriesOf(pool, told, deeds).forEach((entry, at) => {
          forgetWhatWasTold(thorough);
          const before = [...quick.graph.vertices()].filter(({ asTold }) => asTold !== undefined);
          const [one, other] = [quick, thorough].map((state) => step(state, entry));
          const given = new UnreadEntry(entry, at % 4 !== 1);
          const third = step(restored, given);
          if (!given.isRead) unread += 1;
          expect(canonicalJson(one!.effects as never)).toBe(canonicalJson(other!.effects as never));
          expect([one!.outcome, stateHash(quick)]).toEqual([other!.outcome, stateHash(thorough)]);
          expect([third.outcome, stateHash(restored)]).toEqual([other!.outcome, stateHash(thorough)]);
          repeated += before.filter(
            (vertex) => vertex.asTold !== undefined && vertex.confirmedAt === quick.ordinal,
          ).length;
          if (at % 8 !== 7) return;
          restored = decodeSnapshot(encodeSnapshot(restored));
          expect(restored.graph.digestAnew()).toEqual(restored.graph.digest);
        });
      }),
      { seed: SEED, numRuns: RUNS },
    );
    // Or nothing was tried.
    expect(repeated).toBeGreaterThan(RUNS);
    expect(unread).toBeGreaterThan(RUNS);
  });
});
