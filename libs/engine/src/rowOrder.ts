import type { Vertex } from '@wherefore/graph';

/** So far ahead a vertex is sought: rows that a poll no longer has. */
const AHEAD_MAX = 8;

/** What the rows of one source's polls were found to tell of. */
interface Told {
  pollId: string;
  /** In the order of the poll before. */
  before: Vertex[];
  /** Place in it of the one that most likely comes next. */
  next: number;
  /** In the order of this poll, so far. */
  readonly now: Vertex[];
}

/**
 * A poll tells of the same entities in the same order as the one before it, mostly: the entity of a row most likely comes
 * right after that of the row before. To look whether it does costs a comparison of keys; the index of keys, of many
 * thousands, is hardly ever in the cache. A memory only, never part of the state: whoever remembers nothing asks the index.
 */
export class RowOrder {
  private readonly bySource = new Map<string, Told>();
  private current: Told = { pollId: '', before: [], next: 0, now: [] };
  private source = '';

  /** The live vertex of that key, if it is the one expected; the next row is then expected after it. */
  expected(source: string, pollId: string, key: string): Vertex | undefined {
    if (pollId !== this.current.pollId || source !== this.source) this.turnTo(source, pollId);
    const { current } = this;
    const vertex = current.before[current.next];
    if (vertex === undefined || vertex.isDeleted || vertex.key !== key) return undefined;
    current.next += 1;
    current.now.push(vertex);
    return vertex;
  }

  /** The row that was asked about last turned out to tell of this one, which is in the graph for good. */
  found(vertex: Vertex): void {
    const { before, next, now } = this.current;
    now.push(vertex);
    for (let ahead = 0; ahead < AHEAD_MAX; ahead++) {
      if (before[next + ahead] !== vertex) continue;
      this.current.next = next + ahead + 1;
      return;
    }
  }

  private turnTo(source: string, pollId: string): void {
    const told = this.bySource.get(source);
    this.source = source;
    if (told?.pollId === pollId) this.current = told;
    else {
      // Of an entity that is gone nothing is kept for longer than until the poll after the next.
      this.current = { pollId, before: told?.now ?? [], next: 0, now: [] };
      this.bySource.set(source, this.current);
    }
  }
}
