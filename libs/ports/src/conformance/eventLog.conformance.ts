import {
  BOUNDARY_LIMITS,
  ORIGIN,
  comparePositions,
  rowHash,
  type EventEntry,
  type JsonObject,
  type LogEntry,
  type NewEntry,
} from '@wherefore/model';
import type { Archive } from '../archive';
import type { EventLog, ReadOptions } from '../eventLog';

export interface LogUnderTest {
  readonly log: EventLog;
  readonly archive: Archive;
  close(): Promise<void>;
}

/** An entry whose id is all that matters. */
export function tick(id: string, padding = ''): NewEntry {
  return {
    kind: 'rejected-input',
    id,
    version: 1,
    source: 'conformance',
    ingestedAtMs: 1_764_000_000_000,
    code: 'malformed-json',
    message: 'ü – "quoted"',
    excerpt: padding,
  };
}

function row(id: string, event: JsonObject): EventEntry {
  return { kind: 'event', id, version: 1, source: 'conformance', ingestedAtMs: 1, event, pollId: 'a poll' };
}

function ticks(prefix: string, count: number): NewEntry[] {
  return Array.from({ length: count }, (_, i) => tick(`${prefix}${i}`));
}

async function take(log: EventLog, after = ORIGIN, options: ReadOptions = {}): Promise<LogEntry[]> {
  const taken: LogEntry[] = [];
  for await (const entry of log.read(after, options)) taken.push(entry);
  return taken;
}

const ids = (entries: readonly LogEntry[]) => entries.map((entry) => entry.entry.id);

/** What every event log, with its archive, must do. */
export function eventLogConformance(name: string, open: () => Promise<LogUnderTest>): void {
  describe(`EventLog and Archive: ${name}`, () => {
    let opened: LogUnderTest;
    let log: EventLog;
    beforeEach(async () => {
      opened = await open();
      log = opened.log;
    });
    afterEach(() => opened.close());

    it('has no oldest or newest entry when empty', async () => {
      expect(await log.oldest()).toEqual(ORIGIN);
      expect(await log.newest()).toEqual(ORIGIN);
      expect(await opened.archive.count()).toBe(0);
      expect(await opened.archive.cursor()).toEqual(ORIGIN);
    });

    it('gives back what was appended, unchanged, in order', async () => {
      const entries = [...ticks('a', 3), tick('large', 'x'.repeat(50_000))];
      await log.append(entries);
      const read = await take(log, ORIGIN, { limit: 4 });
      expect(read.map((entry) => entry.entry)).toEqual(entries);
      expect(await log.oldest()).toEqual(read[0]!.position);
      expect(await log.newest()).toEqual(read[3]!.position);
    });

    it('has positions that strictly increase, and reads on from any of them', async () => {
      for (let i = 0; i < 5; i++) await log.append(ticks(`${i}-`, 3));
      const all = await take(log, ORIGIN, { limit: 15 });
      for (let i = 1; i < all.length; i++) {
        expect(comparePositions(all[i - 1]!.position, all[i]!.position)).toBeLessThan(0);
        const rest = await take(log, all[i]!.position, { limit: Math.min(2, 14 - i) });
        expect(ids(rest)).toEqual(ids(all).slice(i + 1, i + 3));
      }
    });

    it('appends nothing for an empty list', async () => {
      await log.append([]);
      expect(await log.newest()).toEqual(ORIGIN);
    });

    it('refuses an entry that is too large, and the entries beside it', async () => {
      const large = tick('large', 'x'.repeat(BOUNDARY_LIMITS.entryBytesMax));
      await expect(log.append([tick('small'), large])).rejects.toMatchObject({
        code: 'entry-too-large',
        retryable: false,
      });
      expect(await log.newest()).toEqual(ORIGIN);
    });

    it('counts bytes, not characters, against the limit', async () => {
      const wide = tick('wide', '€'.repeat(BOUNDARY_LIMITS.entryBytesMax / 3));
      await expect(log.append([wide])).rejects.toMatchObject({ code: 'entry-too-large' });
    });

    it('keeps the entries of one append together, and one order for all, when many append at once', async () => {
      const appends = Array.from({ length: 20 }, (_, i) => log.append(ticks(`${i}-`, 5)));
      const reading = [take(log, ORIGIN, { limit: 100 }), take(log, ORIGIN, { limit: 100 })];
      await Promise.all(appends);
      const [one, other] = await Promise.all(reading);
      expect(ids(one!)).toEqual(ids(other!));
      const groups = new Set<string>();
      for (let i = 0; i < 100; i += 5) {
        const group = ids(one!.slice(i, i + 5)).map((id) => id.split('-')[0]);
        expect(new Set(group).size).toBe(1);
        groups.add(group[0]!);
      }
      expect(groups.size).toBe(20);
    });

    it('gives the same in lists, where it does, none of them empty, up to a limit or an abort', async () => {
      if (!log.readTogether) return;
      await log.append(ticks('a', 3));
      await log.append(ticks('b', 3));
      const lists = async (options: ReadOptions): Promise<(readonly LogEntry[])[]> => {
        const given: (readonly LogEntry[])[] = [];
        for await (const entries of log.readTogether!(ORIGIN, options)) given.push(entries);
        return given;
      };
      const all = await lists({ limit: 5 });
      expect(all.filter((entries) => entries.length === 0)).toEqual([]);
      expect(all.flat()).toEqual(await take(log, ORIGIN, { limit: 5 }));
      const control = new AbortController();
      const following = lists({ signal: control.signal });
      setTimeout(() => control.abort(), 100);
      expect(ids((await following).flat())).toEqual(ids(await take(log, ORIGIN, { limit: 6 })));
    });

    it('wakes a reader that waits', async () => {
      const reading = take(log, ORIGIN, { limit: 2 });
      await new Promise((resolve) => setTimeout(resolve, 5));
      await log.append([tick('first')]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await log.append([tick('second')]);
      expect(ids(await reading)).toEqual(['first', 'second']);
    });

    it('reads while appending, each entry once', async () => {
      const reading = take(log, ORIGIN, { limit: 400 });
      for (let i = 0; i < 40; i++) await log.append(ticks(`${i}-`, 10));
      const read = ids(await reading);
      expect(read).toEqual(Array.from({ length: 400 }, (_, i) => `${Math.floor(i / 10)}-${i % 10}`));
    });

    it('ends a waiting reader on abort, without an error', async () => {
      await log.append([tick('only')]);
      const abort = new AbortController();
      const read: LogEntry[] = [];
      for await (const entry of log.read(ORIGIN, { signal: abort.signal })) {
        read.push(entry);
        setTimeout(() => abort.abort(), 10);
      }
      expect(ids(read)).toEqual(['only']);
      expect(ids(await take(log, ORIGIN, { signal: AbortSignal.abort() }))).toEqual([]);
    });

    it('may be left in the middle', async () => {
      await log.append(ticks('a', 10));
      for await (const entry of log.read(ORIGIN)) {
        if (entry.entry.id === 'a3') break;
      }
      await log.append([tick('b')]);
      expect(await take(log, ORIGIN, { limit: 11 })).toHaveLength(11);
    });

    it('reports a hole when asked to go on from beyond its end', async () => {
      await log.append([tick('a')]);
      const { epoch, offset } = await log.newest();
      const beyond = { epoch, offset: offset + 1000, index: 0 };
      await expect(take(log, beyond, { limit: 1 })).rejects.toMatchObject({ code: 'log-hole' });
    });

    it('gives back rows that polls repeat, each with its own sample date, to the letter', async () => {
      const event = { name: 'ü "x"', vitrage_sample_date: '2026-01-01T00:00:00Z', tags: ['a', { b: null }] };
      const later = { ...event, vitrage_sample_date: '2026-01-01T00:10:00Z' };
      const entries = [
        row('first', event),
        row('as before', later),
        row('members in another order', { tags: event.tags, name: event.name, vitrage_sample_date: 'x' }),
        row('changed', { ...later, name: 'y' }),
        row('undated', { name: 'y' }),
        row('oddly dated', { name: 'y', vitrage_sample_date: 5 }),
        row('with an odd name', JSON.parse('{"__proto__":{"a":1},"vitrage_sample_date":"x"}') as JsonObject),
        { ...row('fenced', later), fence: { lease: 'a', epoch: 1 } },
        row('as before', later),
      ];
      await log.append(entries.slice(0, 5));
      await log.append(entries.slice(5));
      const read = await take(log, ORIGIN, { limit: entries.length });
      expect(read.map(({ entry }) => JSON.stringify(entry))).toEqual(entries.map((entry) => JSON.stringify(entry)));
      const known = read.map((each, at) => [each.rowHash ?? rowHash(entries[at]!.event), rowHash(entries[at]!.event)]);
      for (const [given, computed] of known) expect(given).toBe(computed);
      const placed = read.map(({ position, entry }) => ({ position, entry }));
      expect(await opened.archive.readRange(ORIGIN, 100)).toMatchObject(placed);
      expect(await opened.archive.lookup([1, 2, 8])).toMatchObject([placed[0], placed[1], placed[7]]);
    });

    it('counts the bytes of a row as those of the whole entry', async () => {
      const sized = (bytes: number): EventEntry => {
        const empty = row('wide', { vitrage_sample_date: 'x', pad: '' });
        const pad = 'x'.repeat(bytes - JSON.stringify(empty).length);
        return row('wide', { vitrage_sample_date: 'x', pad });
      };
      await log.append([sized(BOUNDARY_LIMITS.entryBytesMax)]);
      const larger = log.append([sized(BOUNDARY_LIMITS.entryBytesMax + 1)]);
      await expect(larger).rejects.toMatchObject({ code: 'entry-too-large' });
    });

    it('archives every entry under its ordinal', async () => {
      await log.append(ticks('a', 7));
      const { archive } = opened;
      const all = await archive.readRange(ORIGIN, 100);
      expect(all.map((entry) => entry.ordinal)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      const read = await take(log, ORIGIN, { limit: 7 });
      const told = ({ position, entry }: LogEntry) => ({ position, entry });
      expect(all.map(told)).toEqual(read.map(told));
      expect(await archive.count()).toBe(7);
      expect(await archive.cursor()).toEqual(read[6]!.position);
      expect(await archive.readRange(read[6]!.position, 5)).toEqual([]);
      expect(ids(await archive.readRange(read[2]!.position, 2))).toEqual(['a3', 'a4']);
      expect(ids(await archive.lookup([6, 2, 99, 0, 2]))).toEqual(['a1', 'a5']);
      expect(await archive.lookup([])).toEqual([]);
    });
  });
}
