import { PollTelling } from './pollTelling';
import { fromRestAnswer, type PollRows } from './restAnswer';

/** Rows of servers: `a`, or `a=ERROR`. */
function rowsOf(...servers: string[]): PollRows {
  const list = servers.map((server) => {
    const [id, status = 'ACTIVE'] = server.split('=') as [string, string?];
    return { id, status };
  });
  const read = fromRestAnswer('nova-servers', { servers: list }, '2026-03-14T10:00:00Z');
  if ('code' in read) throw new Error(read.message);
  return read.polls[0]!;
}

describe('a poll that is told piece by piece', () => {
  it('announces as many rows as it told, with the digest of all of them', () => {
    const whole = new PollTelling('nova.instance', 'p');
    whole.rows(rowsOf('a', 'b', 'c'), 1);
    const telling = new PollTelling('nova.instance', 'p');
    expect(telling.begin(1)).toMatchObject({ kind: 'poll-started', id: 'p/started', pollId: 'p' });
    const ids = ['a', 'b', 'c'].flatMap((id) => telling.rows(rowsOf(id), 2).map((entry) => entry.id));
    expect(ids).toEqual(['a', 'b', 'c'].map((id) => `p/RESOURCE:nova.instance:${id}`));
    expect(telling.end(3)).toMatchObject({ kind: 'poll-completed', rowCount: 3, ingestedAtMs: 3 });
    expect(telling.end(3)).toEqual(whole.end(3));
  });

  it('tells a row that two pages list once, and again where it changed in between', () => {
    const telling = new PollTelling('nova.instance', 'p');
    telling.rows(rowsOf('a'), 1);
    expect(telling.rows(rowsOf('a'), 1)).toEqual([]);
    const [changed] = telling.rows(rowsOf('a=ERROR'), 1);
    expect(changed).toMatchObject({ kind: 'event', event: { status: 'ERROR' } });
    expect(changed!.id).toMatch(/^p\/RESOURCE:nova\.instance:a\/[0-9a-f]{16}$/);
    expect(telling.end(1)).toMatchObject({ kind: 'poll-completed', rowCount: 2 });
  });

  it('ends as failed when a row was refused, and keeps twenty reasons', () => {
    const telling = new PollTelling('nova.instance', 'p');
    const rejection = { code: 'missing-id', message: 'no id' } as const;
    const told = [1, 2, 3].flatMap(() => telling.rows({ rows: [], rejected: Array(10).fill(rejection) }, 1));
    expect(told.map(({ kind }) => kind)).toEqual(Array(20).fill('rejected-input'));
    expect(new Set(told.map(({ id }) => id)).size).toBe(20);
    expect(telling.end(1)).toMatchObject({ kind: 'poll-failed', reason: '30 of its rows could not be read' });
  });
});
