import {
  type EntityGraph,
  DEDUCED,
  deleteWithStubs,
  type MergeMoment,
  type UndoLog,
  type Vertex,
} from '@wherefore/graph';
import { DATASOURCES } from '@wherefore/datasources';
import {
  compareCodeUnits,
  type EntityEvent,
  type PollCompletedEntry,
  type PollFailedEntry,
  type PollStartedEntry,
  type Rejection,
  RowDigest,
  type SeenEntry,
} from '@wherefore/model';
import { RowOrder } from './rowOrder';

/** A poll under way: what the engine has seen of it. */
export interface Poll {
  readonly pollId: string;
  /** Number of the entry that began it. */
  readonly startedAt: number;
  readonly rowIds: string[];
}

/** The same with the digest of its rows, and how to take its last row back: one function for all of them. */
interface OpenPoll extends Poll {
  readonly digest: RowDigest;
  readonly dropRow: () => void;
}

function opened(poll: Poll): OpenPoll {
  const digest = new RowDigest();
  for (const id of poll.rowIds) digest.add(id);
  return { ...poll, digest, dropRow: () => digest.remove(poll.rowIds.pop()!) };
}

/** Datasources of which absence says nothing. */
const KEEPS_OUTDATED = new Set(DATASOURCES.filter((facts) => !facts.deletesOutdated).map(({ name }) => name));

/** How the last poll of a datasource ended. */
export interface PollOutcome {
  readonly datasource: string;
  readonly pollId: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly atMs: number;
}

/**
 * Polls by datasource. Absence counts only after a complete poll of which the engine saw exactly the
 * rows that the driver announced: then every entity that this datasource vouched for, and did not
 * again since the poll began, is gone.
 */
export class Polls {
  /** By which the vertices of repeated rows are found. */
  readonly order = new RowOrder();
  private readonly open = new Map<string, OpenPoll>();
  private readonly last = new Map<string, PollOutcome>();

  constructor(
    private readonly graph: EntityGraph,
    private readonly undo: UndoLog,
  ) {}

  start(entry: PollStartedEntry, moment: MergeMoment): void {
    this.set(this.open, entry.datasource, opened({ pollId: entry.pollId, startedAt: moment.ordinal, rowIds: [] }));
  }

  /** Notes a row of a poll: an event, or one reported as unchanged. */
  row(datasource: string, pollId: string, entryId: string): void {
    const poll = this.open.get(datasource);
    if (poll?.pollId !== pollId) return;
    this.undo.push(poll.dropRow);
    poll.rowIds.push(entryId);
    poll.digest.add(entryId);
  }

  /** The same for an id in two parts, of which the first is that of all rows. It is not undone. */
  joinedRow(datasource: string, pollId: string, beginning: string, rest: string): void {
    const poll = this.open.get(datasource);
    if (poll?.pollId !== pollId) return;
    poll.rowIds.push(beginning + rest);
    poll.digest.addJoined(beginning, rest);
  }

  /** A row that is unchanged vouches for what the graph holds. */
  seen(entry: SeenEntry, moment: MergeMoment): Rejection | undefined {
    const vertex = this.graph.liveVertexByKey(entry.key);
    if (vertex === undefined || vertex.rowHash !== entry.rowHash) {
      return {
        code: 'seen-mismatch',
        message: `${entry.key} was reported as unchanged, but the engine ${vertex ? 'holds another row' : 'does not hold it'}`,
        where: 'key',
        hint: 'Send the row itself; the poll deletes nothing.',
      };
    }
    this.row(entry.datasource, entry.pollId, entry.id);
    this.graph.setConfirmedAt(vertex, moment.ordinal);
    return undefined;
  }

  /** A row vouches for its entity, even when the graph knows that from a newer sample. */
  vouch(vertex: Vertex, event: EntityEvent, moment: MergeMoment): void {
    if (vertex.datasource === event.datasource) this.graph.setConfirmedAt(vertex, moment.ordinal);
  }

  fail(entry: PollFailedEntry, moment: MergeMoment): void {
    this.close(entry.datasource, entry.pollId, false, entry.reason, moment);
  }

  complete(entry: PollCompletedEntry, moment: MergeMoment): Rejection | undefined {
    const poll = this.open.get(entry.datasource);
    const isComplete =
      poll?.pollId === entry.pollId &&
      poll.digest.rowCount === entry.rowCount &&
      (entry.rowCount === 0 || poll.digest.toString() === entry.rowDigest);
    if (!isComplete) {
      const message = `poll ${entry.pollId} of ${entry.datasource} announced ${entry.rowCount} rows, the engine saw ${
        poll?.pollId === entry.pollId ? `${poll.digest.rowCount}, or others` : 'none of them'
      }`;
      this.close(entry.datasource, entry.pollId, false, message, moment);
      return { code: 'poll-incomplete', message, hint: 'Nothing was deleted; the next complete poll decides.' };
    }
    if (!KEEPS_OUTDATED.has(entry.datasource)) {
      for (const vertex of this.outdated(entry.datasource, poll.startedAt)) deleteWithStubs(this.graph, vertex, moment);
    }
    this.close(entry.datasource, entry.pollId, true, `${entry.rowCount} rows`, moment);
    return undefined;
  }

  /** Datasources whose last poll ended badly or well; sorted by name. */
  outcomes(): PollOutcome[] {
    return [...this.last.values()].sort((a, b) => compareCodeUnits(a.datasource, b.datasource));
  }

  /** Polls under way, by datasource; sorted by name. */
  underWay(): [string, Poll][] {
    const open = [...this.open].map(([datasource, { pollId, startedAt, rowIds }]): [string, Poll] => [
      datasource,
      { pollId, startedAt, rowIds },
    ]);
    return open.sort(([a], [b]) => compareCodeUnits(a, b));
  }

  restore(open: Iterable<[string, Poll]>, last: Iterable<PollOutcome>): void {
    for (const [datasource, poll] of open) this.open.set(datasource, opened(poll));
    for (const outcome of last) this.last.set(outcome.datasource, outcome);
  }

  /** Everything that later steps depend on, for the digest. */
  describe(): string {
    if (this.open.size === 0) return '';
    // Canonical JSON, in pieces: of a list of texts the engine's own is that, and thirty times as fast.
    const polls = this.underWay().map(
      ([datasource, { pollId, rowIds, startedAt }]) =>
        `[${JSON.stringify(datasource)},{"pollId":${JSON.stringify(pollId)},"rowIds":${JSON.stringify(rowIds)},"startedAt":${startedAt}}]`,
    );
    return `[${polls.join(',')}]`;
  }

  private outdated(datasource: string, startedAt: number): Vertex[] {
    const outdated: Vertex[] = [];
    for (const vertex of this.graph.verticesToldBy(datasource)) {
      if (vertex.isPlaceholder || vertex.type === DEDUCED) continue;
      if (vertex.confirmedAt < startedAt) outdated.push(vertex);
    }
    return outdated.sort((a, b) => compareCodeUnits(a.id, b.id));
  }

  private close(datasource: string, pollId: string, ok: boolean, detail: string, moment: MergeMoment): void {
    if (this.open.get(datasource)?.pollId === pollId) this.set(this.open, datasource, undefined);
    this.set(this.last, datasource, { datasource, pollId, ok, detail, atMs: moment.nowMs });
  }

  private set<V>(map: Map<string, V>, key: string, value: V | undefined): void {
    const before = map.get(key);
    this.undo.push(() => {
      if (before === undefined) map.delete(key);
      else map.set(key, before);
    });
    if (value === undefined) map.delete(key);
    else map.set(key, value);
  }
}
