import { BOUNDARY_LIMITS, type JsonObject } from '@wherefore/model';
import { eventEntries, fromNotification, fromRestAnswer, pollEntries, type PollRows } from '../index';

const AT_MS = Date.parse('2026-11-21T00:00:00Z');

function server(id: string, more: JsonObject = {}): JsonObject {
  return { id, name: `name of ${id}`, status: 'ACTIVE', ...more };
}

function pollOf(...servers: JsonObject[]): PollRows {
  const answer = fromRestAnswer('nova-servers', { servers }, '2026-11-21T00:00:00Z');
  if ('code' in answer) throw new Error(answer.message);
  return answer.polls[0]!;
}

const kindsOf = (poll: PollRows) => pollEntries(poll, 'p', AT_MS).map(({ kind }) => kind);

describe('a poll', () => {
  it('is complete when every row could be read', () => {
    expect(kindsOf(pollOf(server('a'), server('b')))).toEqual(['poll-started', 'event', 'event', 'poll-completed']);
  });

  it.each<[string, JsonObject]>([
    ['names no entity', { name: 'nameless' }],
    ['means nothing', server('b', { name: ['no', 'text'] })],
    ['is too large', server('b', { name: 'x'.repeat(BOUNDARY_LIMITS.entryBytesMax) })],
    ['has an id that is no id', server('x'.repeat(BOUNDARY_LIMITS.idCharsMax + 1))],
  ])('of which a row %s deletes nothing', (_, row) => {
    const entries = pollEntries(pollOf(server('a'), row), 'p', AT_MS);
    expect(entries.map(({ kind }) => kind)).toEqual(['poll-started', 'event', 'rejected-input', 'poll-failed']);
    expect(entries[3]).toMatchObject({ id: 'p/failed', pollId: 'p', reason: '1 of its rows could not be read' });
    expect(JSON.stringify(entries[2]).length).toBeLessThan(6_000);
  });

  it('keeps a few of many refusals', () => {
    const entries = pollEntries(pollOf(...Array.from({ length: 1000 }, () => ({}))), 'p', AT_MS);
    expect(entries).toHaveLength(22);
    expect(entries.at(-1)).toMatchObject({ kind: 'poll-failed', reason: '1000 of its rows could not be read' });
  });

  it('in which a row is listed twice has it once, as it was listed last', () => {
    const entries = pollEntries(pollOf(server('a'), server('b'), server('a', { status: 'ERROR' })), 'p', AT_MS);
    expect(entries.map(({ id }) => id)).toEqual([
      'p/started',
      'p/RESOURCE:nova.instance:a',
      'p/RESOURCE:nova.instance:b',
      'p/completed',
    ]);
    expect(entries[1]).toMatchObject({ event: { status: 'ERROR' } });
    expect(entries[3]).toMatchObject({ rowCount: 2 });
  });
});

describe('a message', () => {
  const message = (payload: JsonObject, id = 'm-1') =>
    fromNotification({
      exchange: 'nova',
      routing_key: 'notifications.info',
      received_at: '2026-11-21T00:00:00Z',
      body: Buffer.from(
        JSON.stringify({
          event_type: 'compute.instance.update',
          message_id: id,
          timestamp: '2026-11-21 00:00:00',
          payload: { instance_id: 'i1', state: 'active', ...payload },
        }),
      ),
    });

  it('of which an event means nothing is kept as refused, and leaves its id free', () => {
    const answer = message({ tenant_id: {} });
    if (!('events' in answer)) throw new Error('no events');
    expect(eventEntries(answer, AT_MS)).toEqual([
      expect.objectContaining({
        kind: 'rejected-input',
        id: 'm-1/refused',
        source: 'nova.instance',
        code: 'malformed-event',
        where: 'tenant_id',
        excerpt: expect.stringContaining('"instance_id":"i1"') as string,
      }),
    ]);
  });

  it('that is larger than the log takes is kept as refused', () => {
    const answer = message({ display_name: 'x'.repeat(BOUNDARY_LIMITS.entryBytesMax) });
    if (!('events' in answer)) throw new Error('no events');
    expect(eventEntries(answer, AT_MS)).toEqual([expect.objectContaining({ code: 'entry-too-large' })]);
  });

  it('with an id that is no id is refused', () => {
    expect(message({}, 'x'.repeat(513))).toMatchObject({ code: 'malformed-event', where: 'message_id' });
  });

  it('in Latin-1 is refused, with the place', () => {
    const body = Buffer.from('{"event_type":"Zürich"}', 'latin1');
    expect(fromNotification({ exchange: '', routing_key: '', received_at: '', body })).toMatchObject({
      code: 'malformed-json',
      where: 'body',
      message: 'body is not UTF-8: byte 16 is 0xfc.',
    });
  });
});
