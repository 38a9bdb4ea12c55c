import { ENTRY_VERSION, type EventEntry, type NewEntry, type PollCompletedEntry, RowDigest } from '@wherefore/model';
import { asFromSource } from './asFromSources';
import type { PeriodEntry } from './period';
import { shiftedEvent } from './shiftedTimes';

const AT_MS = Date.parse('2026-11-22T10:00:00Z');
const base = { version: ENTRY_VERSION, ingestedAtMs: AT_MS } as const;
const row = (id: string, epoch?: number): EventEntry => ({
  ...{ ...base, kind: 'event', id, source: 'nova.host', pollId: 'p', event: { updated: '2026-11-22T09:00:00Z' } },
  ...(epoch === undefined ? {} : { fence: { lease: 'poll/nova-services', epoch } }),
});

function inPeriod(entry: NewEntry, changes: Partial<PeriodEntry> = {}): PeriodEntry {
  const position = { epoch: 1, offset: 1, index: 0 };
  return { position, logTimeMs: AT_MS, outcome: { kind: 'applied' }, entry, ...changes };
}

const KEPT = { shiftSeconds: 0, eventsOnly: false };

describe('what is replayed', () => {
  it('bears no fence: leases over there are others', () => {
    expect(asFromSource(inPeriod(row('r', 7)), KEPT)).toEqual(row('r'));
  });

  it('is nothing of a leader that had been replaced, for without its fence it would count', () => {
    expect(asFromSource(inPeriod(row('r', 7), { outcome: { kind: 'stale-epoch' } }), KEPT)).toBe('replaced-leader');
  });

  it('is nothing that a leader tells: the other one has its own', () => {
    const leader = { ...base, source: 'leader', id: 'l' } as const;
    const sealedAt = { epoch: 1, offset: 0, index: 0 };
    expect(asFromSource(inPeriod({ ...leader, kind: 'tick', atMs: AT_MS }), KEPT)).toBe('tick');
    expect(asFromSource(inPeriod({ ...leader, kind: 'epoch-opened', epoch: 2, sealedAt }), KEPT)).toBe('epoch');
    expect(asFromSource(inPeriod({ ...leader, kind: 'behaviour-set', behaviour: 1 }), KEPT)).toBe('behaviour');
  });

  it('is what operators did, unless only events are wanted', () => {
    const change: NewEntry = { ...base, kind: 'template-delete', id: 't', source: 'api', templates: ['x'] };
    expect(asFromSource(inPeriod(change), KEPT)).toEqual(change);
    expect(asFromSource(inPeriod(change), { ...KEPT, eventsOnly: true })).toBe('templates-and-configuration');
  });
});

describe('what is told for another time', () => {
  const SHIFT = { shiftSeconds: 3600, eventsOnly: false };

  function completion(ids: readonly string[]): PollCompletedEntry {
    const digest = new RowDigest();
    for (const id of ids) digest.add(id);
    const said = { rowCount: digest.rowCount, rowDigest: digest.toString() };
    return {
      ...base,
      kind: 'poll-completed',
      id: 'c',
      source: 'driver',
      datasource: 'nova.host',
      pollId: 'p',
      ...said,
    };
  }

  it('has moved times, and an id of its own that is the same for the same shift', () => {
    const moved = asFromSource(inPeriod(row('r')), SHIFT) as EventEntry;
    expect(moved).toMatchObject({ ingestedAtMs: AT_MS + 3_600_000, event: { updated: '2026-11-22T10:00:00Z' } });
    expect(moved.id).not.toBe('r');
    expect(asFromSource(inPeriod(row('r')), SHIFT)).toEqual(moved);
    expect((asFromSource(inPeriod(row('r')), { ...SHIFT, shiftSeconds: 7200 }) as EventEntry).id).not.toBe(moved.id);
  });

  it('keeps a complete poll complete: its digest is that of the ids that are sent', () => {
    const rows = ['r-1', 'r-2'];
    const sent = rows.map((id) => (asFromSource(inPeriod(row(id)), SHIFT) as EventEntry).id);
    const moved = asFromSource(inPeriod(completion(rows), { rowIds: rows }), SHIFT) as PollCompletedEntry;
    expect(moved.rowDigest).toBe(completion(sent).rowDigest);
  });

  it('keeps a poll incomplete of which rows were missing', () => {
    const whole = completion(['r-1', 'r-2']);
    const moved = asFromSource(inPeriod(whole, { rowIds: ['r-1'] }), SHIFT) as PollCompletedEntry;
    expect(moved).toMatchObject({ rowCount: 2, rowDigest: whole.rowDigest });
  });
});

describe('the times of an event', () => {
  it('move in whatever form a source writes them, and keep it', () => {
    const event = {
      vitrage_sample_date: '2026-11-22 23:30:00.123456+00:00',
      updated: '2026-11-22T23:30:00Z',
      nested: { list: ['2026-11-22T23:30:00', '2026-11-22T23:30:00+0100'] },
      lastchange: '1795390200',
      time: 1_795_390_200.25,
    };
    expect(shiftedEvent(event, 3600)).toEqual({
      vitrage_sample_date: '2026-11-23 00:30:00.123456+00:00',
      updated: '2026-11-23T00:30:00Z',
      nested: { list: ['2026-11-23T00:30:00', '2026-11-23T00:30:00+0100'] },
      lastchange: '1795393800',
      time: 1_795_393_800.25,
    });
  });

  it('are not what only contains a time, counts something else, or says that there is none', () => {
    const event = {
      name: 'backup of 2026-11-22T23:30:00Z',
      id: '1795390200',
      time: 12,
      endsAt: '0001-01-01T00:00:00Z',
      version: 1_795_390_200,
    };
    expect(shiftedEvent(event, 3600)).toEqual(event);
  });
});
