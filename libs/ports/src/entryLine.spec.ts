import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import {
  BOUNDARY_LIMITS,
  type EventEntry,
  type JsonObject,
  type LogEntry,
  type NewEntry,
  rowHash,
} from '@wherefore/model';
import { encodeLine, lineOf, LineReader } from './index';

const place = { epoch: 1, offset: 7, index: 3 };
const DATE = '2026-01-01T00:00:00Z';

function row(id: string, event: JsonObject, pollId = 'nova/1'): EventEntry {
  return { kind: 'event', id, version: 1, source: 'nova', ingestedAtMs: 5, event, pollId };
}

const dated = (event: JsonObject, date = DATE): JsonObject => ({ ...event, vitrage_sample_date: date });
const read = (entry: NewEntry, lines = new LineReader()): LogEntry => lines.read(encodeLine(entry), place);
/** What a program reads that knows nothing of labels. */
const plainly = (line: string): EventEntry => JSON.parse(line) as EventEntry;

describe('the line of an entry', () => {
  it('tells a row by its hash and its head, and gives the entry to the letter', () => {
    const entry = row('nova/1/vm', dated({ name: 'vm', tags: ['ü', { a: null }] }));
    const found = read(entry);
    expect(found.rowHash).toBe(rowHash(entry.event));
    expect(JSON.stringify(found.head)).toBe(JSON.stringify({ ...entry, event: DATE }));
    expect(JSON.stringify(found.entry)).toBe(JSON.stringify(entry));
    expect(found.position).toBe(place);
  });

  it('does not parse a row before somebody asks for its entry', () => {
    const lines = new LineReader();
    read(row('nova/1/first', dated({ name: 'vm' })), lines);
    const line = encodeLine(row('nova/1/vm', dated({ name: 'vm' })));
    const broken = lines.read(line.replace('"vm"', '"vm?'), place);
    expect(broken.head?.id).toBe('nova/1/vm');
    expect(() => broken.entry).toThrow(expect.objectContaining({ code: 'store-corrupt' }));
  });

  it('leaves nothing of its message in memory with the hash of a row that was read', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const hashes: (string | undefined)[] = [];
    const keep = (): void => {
      const lines = new LineReader();
      for (let message = 0; message < 100; message++) {
        const line = encodeLine(row(`nova/1/${message}`, dated({ name: 'vm' })));
        // A line is a piece of its message, as the reader of a stream has it.
        const text = Buffer.from(`${'x'.repeat(200_000)}\n${line}`).toString();
        const found = lines.read(text.split('\n')[1]!, place);
        expect(found.entry.kind).toBe('event');
        hashes.push(found.rowHash);
      }
    };
    collect();
    const before = process.memoryUsage().heapUsed;
    keep();
    collect();
    expect(hashes.length).toBe(100);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000);
  });

  it('is written as it was read', () => {
    const line = encodeLine(row('nova/1/vm', dated({ name: 'vm' })));
    expect(lineOf(new LineReader().read(line, place))).toBe(line);
    expect(lineOf({ position: place, entry: row('nova/1/vm', dated({ name: 'vm' })) })).toBe(line);
  });

  it('is the same entry for a program that knows nothing of labels', () => {
    const entry = row('nova/1/vm', dated({ name: 'vm' }));
    expect(plainly(encodeLine(entry))).toMatchObject(entry);
  });

  it('bears no label any more once such a program has altered the entry', () => {
    const old = plainly(encodeLine(row('nova/1/vm', dated({ name: 'vm' }))));
    const altered = { ...old, event: dated({ name: 'another' }, '2027-01-01T00:00:00Z') };
    const found = new LineReader().read(JSON.stringify(altered), place);
    expect([found.head, found.rowHash]).toEqual([undefined, undefined]);
    expect(found.entry).toMatchObject({ event: { name: 'another', vitrage_sample_date: '2027-01-01T00:00:00Z' } });
  });

  it('has no label where there is nothing to pass over', () => {
    const undated = row('nova/1/vm', { name: 'vm' });
    const oddlyDated = row('nova/1/vm', { vitrage_sample_date: 5 });
    const large = row('nova/1/vm', dated({ name: 'x'.repeat(BOUNDARY_LIMITS.entryBytesMax / 2) }));
    const { pollId: _, ...message } = row('nova/1/vm', dated({ name: 'vm' }));
    for (const entry of [undated, oddlyDated, large, message]) {
      expect(encodeLine(entry)).toBe(JSON.stringify(entry));
      expect(read(entry)).toEqual({ position: place, entry });
    }
  });

  it('refuses what is too large, by the bytes of the entry without its label', () => {
    const sized = (bytes: number) => {
      const empty = JSON.stringify(row('wide', dated({ pad: '' }))).length;
      return row('wide', dated({ pad: 'x'.repeat(bytes - empty) }));
    };
    expect(encodeLine(sized(BOUNDARY_LIMITS.entryBytesMax))).toHaveLength(BOUNDARY_LIMITS.entryBytesMax);
    expect(() => encodeLine(sized(BOUNDARY_LIMITS.entryBytesMax + 1))).toThrow(
      expect.objectContaining({ code: 'entry-too-large' }),
    );
  });
});

/** Texts that look like parts of a line, and anything else. */
const text = fc.oneof(
  fc.constantFrom('', '"', '\\', ',"event":', '"}', ',"id":"', '"],"kind":"event","id":"', '{"\\u0072ow":["', 'nova/1'),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(text, fc.integer(), fc.constant(null), fc.array(tie('value'), { maxLength: 2 }), tie('object')),
  object: fc.dictionary(text, tie('value'), { maxKeys: 3 }),
})).object as fc.Arbitrary<JsonObject>;

const entry = fc
  .record({
    id: text,
    pollId: fc.oneof(fc.constant('nova/1'), text),
    source: fc.oneof(fc.constant('nova'), text),
    date: fc.oneof(fc.constant(DATE), text),
    order: fc.nat({ max: 2 }),
    fence: fc.option(fc.record({ lease: text, epoch: fc.nat({ max: 3 }) }), { nil: undefined }),
    event: json,
  })
  .map(({ id, pollId, source, date, order, fence, event: given }): EventEntry => {
    const event = dated(given, date);
    const fenced = fence === undefined ? {} : { fence };
    const base = { kind: 'event', id, version: 1, source, ingestedAtMs: 5 } as const;
    if (order === 0) return { ...base, event, pollId, ...fenced };
    return order === 1 ? { ...base, pollId, ...fenced, event } : { ...base, event, ...fenced, pollId };
  });

describe('a reader of lines', () => {
  it('gives back every entry to the letter, whatever came before it', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 12 }), (entries) => {
        const lines = new LineReader();
        for (const given of entries) {
          const found = lines.read(encodeLine(given), place);
          expect(JSON.stringify(found.entry)).toBe(JSON.stringify(given));
          if (found.head === undefined) continue;
          expect(found.rowHash).toBe(rowHash(given.event));
          expect(JSON.stringify(found.head)).toBe(
            JSON.stringify({ ...given, event: given.event['vitrage_sample_date'] }),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('knows rows of a poll by its first one', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.stringMatching(/^[a-z0-9/-]{0,20}$/), json), { minLength: 2 }), (rows) => {
        const lines = new LineReader();
        for (const [id, event] of rows) {
          expect(lines.read(encodeLine(row(id, dated(event))), place).head?.id).toBe(id);
        }
      }),
    );
  });
});
