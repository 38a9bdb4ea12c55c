import type { JsonObject, NewEntry } from '@wherefore/model';
import { readAnswerIndex } from './recordedAnswers';
import { readRecordedMessage } from './recordedMessage';
import { failedPolls, recordedPolls } from './recordedPolls';
import { microsecondsOf, millisecondsOf } from './recordedTime';
import { RejectedInputs } from './rejectedInput';
import { TickClock } from './tickClock';

const AT = '2026-03-14T10:00:00.000000Z';
const line = (more: JsonObject): string =>
  JSON.stringify({ received_at: AT, exchange: 'nova', routing_key: 'r', body: '{}', ...more });

describe('the time of a recording', () => {
  it('is read in microseconds, and borne in milliseconds', () => {
    expect(microsecondsOf('1970-01-01T00:00:01.234567Z')).toBe(1_234_567);
    expect(microsecondsOf('1970-01-01 00:00:01')).toBe(1_000_000);
    expect(microsecondsOf('1970-01-01T01:00:01+01:00')).toBe(1_000_000);
    expect(millisecondsOf(1_999)).toBe(1);
  });

  it.each([undefined, null, 7, '', 'yesterday', '2026-02-30T00:00:00Z', '1969-12-31T23:59:59Z'])(
    'is none where it is %p',
    (given) => expect(microsecondsOf(given)).toBeUndefined(),
  );
});

describe('a recorded message', () => {
  it('is the envelope, at its time', () => {
    const { atUs, message } = readRecordedMessage(line({ seq: 7, redelivered: false }));
    expect(atUs).toBe(Date.parse(AT) * 1000);
    expect(message).toEqual({ received_at: AT, exchange: 'nova', routing_key: 'r', body: '{}' });
  });

  it.each([
    ['{', 'malformed-json', undefined],
    ['[]', 'malformed-event', undefined],
    [line({ received_at: 'soon' }), 'impossible-timestamp', undefined],
    [line({ body: 7 }), 'malformed-event', Date.parse(AT) * 1000],
    [line({ body: '/w==', body_encoding: 'base64' }), 'malformed-json', Date.parse(AT) * 1000],
  ])('%s is rejected as %s', (text, code, atUs) => {
    const read = readRecordedMessage(text);
    expect(read.message).toMatchObject({ code });
    expect(read.atUs).toBe(atUs);
  });
});

describe('an index of answers', () => {
  const item = (more: JsonObject): JsonObject => ({ name: 'nova-servers', status: 200, at: AT, ms: 20, ...more });

  it('tells when each was asked and answered', () => {
    const index = readAnswerIndex(JSON.stringify([item({}), item({ ms: 'long' })]));
    const atUs = Date.parse(AT) * 1000;
    expect('answers' in index && index.answers.map(({ askedUs }) => askedUs)).toEqual([atUs - 20_000, atUs]);
  });

  it('keeps what it can read when an item is wrong', () => {
    const wrong = [7, item({ name: '../secret' }), item({ name: undefined as never }), item({ status: '200' })];
    const index = readAnswerIndex(JSON.stringify([...wrong, item({ at: 'noon' }), item({})]));
    if ('code' in index) throw new Error(index.message);
    expect(index.answers).toHaveLength(1);
    expect(index.rejected.map(({ code, where }) => [code, where])).toEqual([
      ['malformed-event', '[0]'],
      ['malformed-event', '[1].name'],
      ['malformed-event', '[2].name'],
      ['malformed-event', '[3].status'],
      ['impossible-timestamp', '[4].at'],
    ]);
  });

  it.each([
    ['{', 'malformed-json'],
    ['{}', 'malformed-event'],
  ])('that is %s is rejected as %s', (text, code) => expect(readAnswerIndex(text)).toMatchObject({ code }));
});

describe('a recorded answer', () => {
  const index = readAnswerIndex(JSON.stringify([{ name: 'nova-servers-v2.1', status: 200, at: AT, ms: 20 }]));
  if ('code' in index) throw new Error(index.message);
  const answer = index.answers[0]!;
  const kinds = (entries: readonly NewEntry[]): string[] => entries.map(({ kind }) => kind);

  it('is a poll that begins when it was asked and ends when it was answered', () => {
    const { polls, rejected } = recordedPolls(answer, { servers: [{ id: 'a' }, { id: 'b' }] });
    expect(rejected).toEqual([]);
    expect(polls).toHaveLength(1);
    const { started, rest, isFailed, pollId } = polls[0]!;
    expect([isFailed, pollId]).toEqual([false, `nova-servers-v2.1/${AT}`]);
    expect(started).toMatchObject({ kind: 'poll-started', ingestedAtMs: Date.parse(AT) - 20 });
    expect(kinds(rest)).toEqual(['event', 'event', 'poll-completed']);
    expect(new Set(rest.map(({ ingestedAtMs }) => ingestedAtMs))).toEqual(new Set([Date.parse(AT)]));
  });

  it('ends as a failed poll when a row cannot be read', () => {
    const { polls, rejected } = recordedPolls(answer, { servers: [{ id: 'a' }, 7] });
    expect(rejected).toEqual([]);
    expect(kinds(polls[0]!.rest)).toEqual(['event', 'rejected-input', 'poll-failed']);
    expect(polls[0]!.isFailed).toBe(true);
  });

  it('that lists an entity twice counts the last', () => {
    const twice = { servers: [{ id: 'a', name: 'old' }, { id: 'b' }, { id: 'a', name: 'new' }] };
    const { rest } = recordedPolls(answer, twice).polls[0]!;
    expect(rest.at(-1)).toMatchObject({ kind: 'poll-completed', rowCount: 2 });
    expect(rest.map((entry) => (entry.kind === 'event' ? entry.event['name'] : ''))).toContain('new');
  });

  it('that is none is a failed poll of its datasource', () => {
    const broken = recordedPolls(answer, { error: {} });
    expect(broken.rejected).toHaveLength(1);
    for (const { polls } of [broken, failedPolls(answer, 'status 503')]) {
      expect(polls).toHaveLength(1);
      expect(polls[0]).toMatchObject({ started: undefined, isFailed: true, datasource: 'nova.instance' });
      expect(kinds(polls[0]!.rest)).toEqual(['poll-failed']);
    }
  });
});

describe('ticks', () => {
  it('come before what log time could not follow otherwise, on multiples of five seconds', () => {
    const clock = new TickClock(0);
    const ticks = [7_300, 9_999, 10_000, 12_000, 3_600_001].map((atMs) => clock.before(atMs)?.atMs);
    expect(ticks).toEqual([undefined, undefined, 10_000, undefined, 3_600_000]);
  });

  it('go on from those of the log', () => {
    const clock = new TickClock(12_345);
    expect([12_346, 15_000].map((atMs) => clock.before(atMs)?.atMs)).toEqual([undefined, 15_000]);
  });
});

describe('refused input', () => {
  it('has an id of its own, the same when it is met again in another import', () => {
    const met = (): string[] => {
      const inputs = new RejectedInputs();
      const rejection = { code: 'malformed-json', message: 'no' } as const;
      return ['a', 'a', 'b'].map((text, at) => inputs.entry(rejection, `line ${at}`, text, 1).id);
    };
    expect(new Set(met()).size).toBe(3);
    expect(met()).toEqual(met());
  });
});
