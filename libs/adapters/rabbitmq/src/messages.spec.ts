import { rowHash, type JsonObject, type NewEntry } from '@wherefore/model';
import { bytesOf, encodeLine } from '@wherefore/ports';
import { commonKey, decodeBody, encodeBody, routingKeyOf } from './messages';

const base = { version: 1, source: 'nova', ingestedAtMs: 5 } as const;

function row(id: number, event: JsonObject): NewEntry {
  return {
    ...{ kind: 'event', id: `nova/1/${id}`, pollId: 'nova/1' },
    ...{ ...base, event: { ...event, vitrage_sample_date: '2026-01-01T00:00:00Z' } },
  };
}

const tick = (id: number): NewEntry => ({ kind: 'tick', id: `${id}`, atMs: id, ...base });

/** Some hundred kilobytes. */
function manyEntries(name: string): NewEntry[] {
  return Array.from({ length: 900 }, (_, i) => (i % 9 === 4 ? tick(i) : row(i, { name, pad: 'x'.repeat(i % 700) })));
}

describe('the body of a message', () => {
  it.each(['vm', 'vmü', '云'])('gives its entries in order, in whatever pieces it is read: %s', (name) => {
    const given = manyEntries(name);
    const body = encodeBody(given);
    expect(body.length).toBeGreaterThan(3 * 64 * 1024);
    const found = decodeBody(body, 3, 70);
    expect(found.map(({ position }) => position)).toEqual(given.map((_, index) => ({ epoch: 3, offset: 70, index })));
    expect(found.map(({ rowHash: hash }) => hash)).toEqual(
      given.map((entry) => (entry.kind === 'event' ? rowHash(entry.event) : undefined)),
    );
    expect(found.map(({ entry }) => entry)).toEqual(given);
  });

  it('tells of each entry in which bytes it came, where every character is one', () => {
    const given = [...manyEntries('vm'), row(1000, { name: 'x'.repeat(150_000) }), ...manyEntries('vm')];
    const found = decodeBody(encodeBody(given), 3, 70);
    const lines = found.map((entry) => {
      const { bytes, from, to } = bytesOf(entry)!;
      return Buffer.from(bytes.subarray(from, to)).toString();
    });
    expect(lines).toEqual(given.map(encodeLine));
  });

  it('has no entries when it is empty, and is refused when a line of it is', () => {
    expect(decodeBody(Buffer.alloc(0), 1, 1)).toEqual([]);
    for (const body of ['\n', `${JSON.stringify(tick(1))}\n`, `${JSON.stringify(tick(1))}\n\n{}`]) {
      expect(() => decodeBody(Buffer.from(body), 1, 1)).toThrow(expect.objectContaining({ code: 'store-corrupt' }));
    }
  });
});

describe('the routing key of a message', () => {
  const of = (source: string): NewEntry => ({ ...tick(1), source });

  it('has a word for the source and one for the kind, where they are one', () => {
    expect(routingKeyOf([of('nova.instance'), of('nova.instance')])).toBe('nova_instance.tick');
    expect(routingKeyOf([of('nova'), of('neutron')])).toBe('mixed.tick');
    expect(routingKeyOf([of('nova'), row(1, {})])).toBe('nova.mixed');
    expect(routingKeyOf([])).toBe('none.none');
  });

  it('is that of all its entries, when several bodies are put into one', () => {
    const parts = [[of('nova'), row(1, {})], [of('nova')], [of('nova'), of('nova')], [of('neutron')]];
    for (const first of parts) {
      for (const second of parts) {
        expect(commonKey([first, second].map(routingKeyOf))).toBe(routingKeyOf([...first, ...second]));
      }
    }
    expect(commonKey(['nova.tick'])).toBe('nova.tick');
  });
});
