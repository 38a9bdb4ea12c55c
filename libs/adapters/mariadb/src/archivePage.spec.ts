import fc from 'fast-check';
import type { LogEntry } from '@wherefore/model';
import { encodeLine, LineReader, type ArchivedEntry } from '@wherefore/ports';
import {
  PAGE_ENTRIES_MAX,
  PAGE_RAW_BYTES_MAX,
  cutPages,
  encodePage,
  openPage,
  packEntry,
  unpackPage,
} from './archivePage';
import { positionOf, positionText } from './positionColumn';

const part = fc.nat({ max: 5 });
const steps = fc.array(
  fc.tuple(
    fc.nat({ max: 1 }),
    fc.oneof(
      part,
      fc.maxSafeNat().map((n) => n % 1e12),
    ),
    part,
  ),
  {
    maxLength: 40,
  },
);

/** Positions that strictly increase, with gaps, shared offsets and new epochs. */
const entries = fc
  .tuple(steps, fc.array(fc.string({ unit: 'binary' }), { minLength: 40, maxLength: 40 }))
  .map(([moves, texts]) => {
    let position = { epoch: 1, offset: 0, index: 0 };
    return moves.map(([epochs, offsets, indexes], i): LogEntry => {
      if (epochs > 0) position = { epoch: position.epoch + 1, offset: offsets, index: indexes };
      else if (offsets > 0) position = { ...position, offset: (position.offset + offsets) % 1e14, index: indexes };
      else position = { ...position, index: position.index + indexes + 1 };
      const entry = { kind: 'rejected-input', id: texts[i]!, version: 1, source: '', ingestedAtMs: i } as const;
      return { position, entry: { ...entry, code: 'usage', message: '', excerpt: texts[i]! } };
    });
  });

describe('a page of the archive', () => {
  it('gives back the entries that were packed, and their positions', async () => {
    await fc.assert(
      fc.asyncProperty(entries, async (given) => {
        const pages = cutPages(given.map(packEntry));
        const lines = new LineReader();
        const back: ArchivedEntry[] = [];
        for (const page of pages) {
          const opened = await openPage(await encodePage(page));
          opened.entries.forEach((_, at) => back.push(opened.read(at, back.length + 1, lines)));
        }
        expect(back).toEqual(
          given.map((each, i) => ({ ...each, entry: JSON.parse(JSON.stringify(each.entry)), ordinal: i + 1 })),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('has the bytes that an entry came in, and gives them on to another page', async () => {
    const event = { vitrage_sample_date: '2026-01-01T00:00:00Z', name: 'vm' };
    const row = (id: string) => ({ kind: 'event', id: `nova/1/${id}`, pollId: 'nova/1', event, ...base }) as const;
    const given = [...['a', 'b', 'c'].map(row), { kind: 'tick', id: 't', atMs: 1, ...base } as const];
    // As another program might write it.
    const texts = given.map(encodeLine).with(3, JSON.stringify(given[3], null, 1).replaceAll('\n', ' '));
    const text = texts.join('\n');
    const lines = new LineReader();
    const read = texts.map((line, index) => {
      const from = text.indexOf(line);
      const place = { text, from, to: from + line.length, bytes: Buffer.from(`..${text}`), textAt: 2 };
      return lines.readPart(place, { epoch: 1, offset: 1, index });
    });
    const [page] = cutPages(read.map(packEntry));
    const [again] = cutPages(await unpackPage(await encodePage(page!), page!.entries.length, page!.rawBytes));
    const opened = await openPage(await encodePage(again!));
    expect(opened.entries.map(({ bytes, from, to }) => Buffer.from(bytes.subarray(from, to)).toString())).toEqual(
      texts,
    );
    expect(read.map(({ entry }) => entry)).toEqual(given);
    expect(given.map((_, at) => opened.read(at, at + 1, lines).entry)).toEqual(given);
  });

  it('ends at so many entries, or so many bytes', () => {
    const packed = (bytes: number) => ({
      position: { epoch: 1, offset: 1, index: 0 },
      bytes: Buffer.alloc(0),
      from: 0,
      to: bytes,
    });
    const sizes = (pages: ReturnType<typeof cutPages>) => pages.map((page) => page.entries.length);
    expect(sizes(cutPages([]))).toEqual([]);
    expect(sizes(cutPages(Array.from({ length: 600 }, () => packed(10))))).toEqual([PAGE_ENTRIES_MAX, 256, 88]);
    const third = packed(Math.floor(PAGE_RAW_BYTES_MAX / 3));
    expect(sizes(cutPages([third, third, third, third, packed(PAGE_RAW_BYTES_MAX)]))).toEqual([3, 1, 1]);
  });

  it('is not taken for entries when it was damaged, cut off, or written by a newer program', async () => {
    const [page] = cutPages([packEntry({ position: { epoch: 1, offset: 5, index: 0 }, entry: tick })]);
    const bytes = await encodePage(page!);
    const corrupt = { code: 'store-corrupt' };
    await expect(openPage(bytes.subarray(0, bytes.length - 3))).rejects.toMatchObject(corrupt);
    await expect(openPage(Buffer.concat([bytes.subarray(0, 1), Buffer.alloc(20, 255)]))).rejects.toMatchObject(corrupt);
    await expect(openPage(Buffer.concat([Buffer.of(9), bytes.subarray(1)]))).rejects.toMatchObject({
      code: 'store-newer',
    });
  });
});

const base = { version: 1, source: 'nova', ingestedAtMs: 1 } as const;
const tick = { kind: 'tick', id: 't', version: 1, source: 'leader', ingestedAtMs: 1, atMs: 1 } as const;

describe('a position as text', () => {
  const position = fc.record({ epoch: fc.nat(), offset: fc.nat({ max: 999_999_999_999_999 }), index: fc.nat() });

  it('sorts as positions do, and is read back', () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        expect(positionOf(positionText(a))).toEqual(a);
        const order = a.epoch - b.epoch || a.offset - b.offset || a.index - b.index;
        const [x, y] = [positionText(a), positionText(b)];
        expect(Math.sign(order)).toBe(x < y ? -1 : x > y ? 1 : 0);
      }),
    );
  });
});
