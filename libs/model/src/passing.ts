/*
 * Collections for what comes and goes. A `Set` or `Map` of the language is a table that is replaced by another once its
 * room is used up, and V8 has each table that was replaced point to the next, and keep what was in it then. A young
 * collection takes whatever an old object points to for alive. So once one of those tables is old, and is one because
 * the collection was left alone for two young collections, all that ever passes through is kept until the next full
 * collection, with everything it points to: in a leader that tells of 500 events a second more than a third of what grew
 * old. These begin a table of their own after so many deletions, to which nothing old points.
 */

/** So many deletions at least, or as many as are in it. */
const DELETIONS_MIN = 64;

/** A set for what does not stay, in the order of arrival. Whoever goes through it may delete what was met, and nothing else. */
export class PassingSet<T> implements Iterable<T> {
  private items = new Set<T>();
  private deletions = 0;

  get size(): number {
    return this.items.size;
  }

  has(item: T): boolean {
    return this.items.has(item);
  }

  add(item: T): this {
    this.items.add(item);
    return this;
  }

  /** Whether it was in it. */
  delete(item: T): boolean {
    if (!this.items.delete(item)) return false;
    if (++this.deletions > Math.max(DELETIONS_MIN, this.items.size)) {
      this.items = new Set(this.items);
      this.deletions = 0;
    }
    return true;
  }

  clear(): void {
    this.items = new Set();
    this.deletions = 0;
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.items[Symbol.iterator]();
  }
}

/** A map for what does not stay, in the order of arrival. Whoever goes through it may delete what was met, and nothing else. */
export class PassingMap<K, V> {
  private items = new Map<K, V>();
  private deletions = 0;

  get size(): number {
    return this.items.size;
  }

  has(key: K): boolean {
    return this.items.has(key);
  }

  get(key: K): V | undefined {
    return this.items.get(key);
  }

  set(key: K, value: V): this {
    this.items.set(key, value);
    return this;
  }

  /** Whether it was in it. */
  delete(key: K): boolean {
    if (!this.items.delete(key)) return false;
    if (++this.deletions > Math.max(DELETIONS_MIN, this.items.size)) {
      this.items = new Map(this.items);
      this.deletions = 0;
    }
    return true;
  }

  clear(): void {
    this.items = new Map();
    this.deletions = 0;
  }

  keys(): IterableIterator<K> {
    return this.items.keys();
  }

  values(): IterableIterator<V> {
    return this.items.values();
  }
}
