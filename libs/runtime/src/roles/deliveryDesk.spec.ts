import { ORIGIN, WhereforeError } from '@wherefore/model';
import { MemoryOutbox, type Outbox, type Receiver, type SendResult } from '@wherefore/ports';
import { DeliveryDesk, type DeskOptions } from './deliveryDesk';
import { OpenTerm } from './term';
import { VirtualTime } from './virtualTime.sim';

const broken = new WhereforeError('log-unavailable', 'the database is away', { retryable: true });
const DELIVERED: SendResult = { kind: 'delivered' };
const FAILED: SendResult = { kind: 'failed', reason: 'no answer' };

type Answer = (body: unknown, receiver: string, attempt: number) => SendResult | Promise<SendResult>;

async function setUp(
  answer: Answer = () => DELIVERED,
  options: DeskOptions & { outbox?: (plain: Outbox) => Outbox } = {},
) {
  const time = new VirtualTime();
  const outbox = new MemoryOutbox();
  await outbox.claim(1);
  const sent: string[] = [];
  const gone = new Set<string>();
  const receiver: Receiver = {
    send: async ({ body, receiver: name, attempts }) => {
      sent.push(`${name}:${String(body)}`);
      return answer(body, name, attempts + 1);
    },
  };
  const { outbox: alter = (plain: Outbox) => plain, ...more } = options;
  const book = { find: async (name: string) => (gone.has(name) ? undefined : receiver) };
  const desk = new DeliveryDesk(alter(outbox), book, time.timer(), { backoff: { random: () => 1 }, ...more });
  let stored = 0;
  /** As the notifier does: stored first, then handed on. */
  const store = async (rows: readonly [string, string][], isHanded = true) => {
    const deliveries = rows.map(([name, body]) => ({ effectId: `1.${++stored}.0/x/${body}`, receiver: name, body }));
    const { position } = await outbox.watermark();
    const next = { epoch: 1, offset: stored, index: 0 };
    await outbox.advance({ expected: position ?? ORIGIN, position: next, epoch: 1, deliveries, notBeforeMs: 0 });
    if (isHanded) desk.accept(deliveries);
  };
  const term = new OpenTerm('leader', 1, 0, Infinity, time);
  return { time, outbox, desk, store, sent, gone, term };
}

describe('DeliveryDesk', () => {
  it('delivers rows as they are stored, in order, and forgets them', async () => {
    const { time, outbox, desk, store, sent, term } = await setUp();
    const running = desk.run(term);
    await store([
      ['r', 'a'],
      ['s', 'a'],
    ]);
    await store([['r', 'b']]);
    await time.pass(100);
    expect(sent.filter((each) => each.startsWith('r'))).toEqual(['r:a', 'r:b']);
    expect(sent).toHaveLength(3);
    expect(await outbox.receivers()).toEqual([]);
    expect(desk.counts.delivered).toBe(3);
    term.end('enough');
    await time.pass(1);
    await running;
  });

  it('delivers first what an earlier leader has left', async () => {
    const { time, desk, store, sent, term } = await setUp();
    await store(
      [
        ['r', 'left'],
        ['r', 'left too'],
      ],
      false,
    );
    void desk.run(term);
    await time.pass(10);
    await store([['r', 'new']]);
    await time.pass(10);
    expect(sent).toEqual(['r:left', 'r:left too', 'r:new']);
    term.end('enough');
    await time.pass(1);
  });

  it('lets a receiver that never answers, and one that is dead, hold up nobody else', async () => {
    const never = new Promise<SendResult>(() => undefined);
    const { time, desk, store, sent, term } = await setUp((_, name) =>
      name === 'slow' ? never : name === 'dead' ? FAILED : DELIVERED,
    );
    void desk.run(term);
    for (let i = 0; i < 50; i++)
      await store([
        ['slow', `${i}`],
        ['dead', `${i}`],
        ['r', `${i}`],
      ]);
    await time.pass(50);
    expect(sent.filter((each) => each.startsWith('r:'))).toEqual(Array.from({ length: 50 }, (_, i) => `r:${i}`));
    expect(desk.status.find(({ receiver }) => receiver === 'dead')).toMatchObject({
      failures: 1,
      lastFailure: 'no answer',
    });
    term.end('enough');
  });

  it('tries again with growing pauses, in order, and then gives up: a dead letter', async () => {
    const { time, outbox, desk, store, sent, term } = await setUp((body) => (body === 'a' ? FAILED : DELIVERED), {
      attemptsMax: 4,
    });
    void desk.run(term);
    await store([
      ['r', 'a'],
      ['r', 'b'],
    ]);
    await time.pass(900);
    expect(sent).toEqual(['r:a']);
    await time.pass(200);
    expect(sent).toHaveLength(2);
    expect(await outbox.waiting('r', 1)).toMatchObject([{ attempts: 2, lastFailure: 'no answer' }]);
    await time.pass(20_000);
    expect(sent).toEqual(['r:a', 'r:a', 'r:a', 'r:a', 'r:b']);
    expect(await outbox.deadLetters(10)).toMatchObject([{ body: 'a', attempts: 4, reason: 'no answer' }]);
    expect(await outbox.receivers()).toEqual([]);
    term.end('enough');
    await time.pass(1);
  });

  it('tries a receiver that has been down for long once for each row, until it is back', async () => {
    let isDown = true;
    const { time, outbox, desk, store, sent, term } = await setUp(() => (isDown ? FAILED : DELIVERED), {
      attemptsMax: 3,
      backoff: { firstMs: 1000, maxMs: 4000, random: () => 1 },
    });
    void desk.run(term);
    await store(['a', 'b', 'c', 'd'].map((body) => ['r', body]));
    await time.pass(8000);
    expect(sent).toEqual(['r:a', 'r:a', 'r:a', 'r:b']);
    isDown = false;
    await time.pass(4000);
    expect(sent.slice(4)).toEqual(['r:c', 'r:d']);
    expect((await outbox.deadLetters(10)).map(({ body }) => body)).toEqual(['b', 'a']);
    term.end('enough');
    await time.pass(1);
  });

  it('never tries again what a receiver refuses', async () => {
    const refused: SendResult = { kind: 'refused', reason: 'too large' };
    const { time, outbox, desk, store, sent, term } = await setUp((body) => (body === 'a' ? refused : DELIVERED));
    void desk.run(term);
    await store([
      ['r', 'a'],
      ['r', 'b'],
    ]);
    await time.pass(20);
    expect(sent).toEqual(['r:a', 'r:b']);
    expect(await outbox.deadLetters(10)).toMatchObject([{ body: 'a', reason: 'too large', attempts: 1 }]);
    term.end('enough');
    await time.pass(1);
  });

  it('drops the rows of a receiver that is there no longer', async () => {
    const { time, outbox, desk, store, sent, gone, term } = await setUp(() => FAILED);
    void desk.run(term);
    await store([
      ['r', 'a'],
      ['r', 'b'],
    ]);
    await time.pass(20);
    gone.add('r');
    await time.pass(2000);
    expect(sent).toEqual(['r:a']);
    expect(await outbox.receivers()).toEqual([]);
    expect(await outbox.deadLetters(10)).toEqual([]);
    term.end('enough');
    await time.pass(1);
  });

  it('keeps few rows in memory, and reads the others when their turn comes, each once and in order', async () => {
    const { time, desk, store, sent, term } = await setUp(() => DELIVERED, { rowsMax: 5 });
    void desk.run(term);
    for (let i = 0; i < 60; i++) await store([['r', `${i}`]], i % 7 !== 0 || true);
    await time.pass(1000);
    expect(sent).toEqual(Array.from({ length: 60 }, (_, i) => `r:${i}`));
    expect(desk.status).toMatchObject([{ waiting: 0, hasMore: false }]);
    term.end('enough');
    await time.pass(1);
  });

  it('gives each receiver a share of the memory, however much waits for another one', async () => {
    const bodyOf = (name: string, i: number) => `${name}-${i}-${'x'.repeat(100)}`;
    let isHung = true;
    const readsOf: string[] = [];
    const { time, desk, store, sent, term } = await setUp(
      async (_, name) => {
        while (name === 'hung' && isHung) await time.timer().sleep(100);
        return DELIVERED;
      },
      {
        charsMax: 16_000,
        outbox: (plain) =>
          new Proxy(plain, {
            get: (target, name) => {
              const member = Reflect.get(target, name) as (...args: unknown[]) => unknown;
              return (...args: unknown[]) => {
                if (name === 'waiting') readsOf.push(String(args[0]));
                return member.apply(target, args);
              };
            },
          }),
      },
    );
    void desk.run(term);
    for (let i = 0; i < 300; i++) await store([['hung', bodyOf('hung', i)]]);
    for (let i = 0; i < 3; i++) await store([['well', bodyOf('well', i)]]);
    await time.pass(1000);
    expect(desk.status).toMatchObject([
      { receiver: 'hung', hasMore: true },
      { receiver: 'well', waiting: 0, hasMore: false },
    ]);
    expect(desk.status[0]!.waiting).toBeLessThan(160);
    // Its own share was enough: nothing had to be read again.
    expect(readsOf.filter((name) => name === 'well')).toHaveLength(1);
    isHung = false;
    await time.pass(2000);
    expect(sent.filter((each) => each.startsWith('hung'))).toEqual(
      Array.from({ length: 300 }, (_, i) => `hung:${bodyOf('hung', i)}`),
    );
    term.end('enough');
    await time.pass(1);
  });

  it('delivers again, and does not lose, what it could not record', async () => {
    let isAway = false;
    const { time, outbox, desk, store, sent, term } = await setUp(() => DELIVERED, {
      outbox: (plain) =>
        new Proxy(plain, {
          get: (target, name) => {
            const member = Reflect.get(target, name) as (...args: unknown[]) => unknown;
            return (...args: unknown[]) => (isAway ? Promise.reject(broken) : member.apply(target, args));
          },
        }),
    });
    const running = desk.run(term);
    await time.pass(5);
    isAway = true;
    await store([['r', 'a']]);
    await time.pass(3000);
    expect(sent).toEqual([]);
    isAway = false;
    await time.pass(3000);
    expect(sent).toEqual(['r:a']);
    isAway = true;
    await store([['r', 'b']]);
    await time.pass(50);
    term.end('killed');
    await time.pass(10);
    await running;
    isAway = false;
    expect(sent).toEqual(['r:a', 'r:b']);
    const next = new OpenTerm('leader', 2, 0, Infinity, time);
    void desk.run(next);
    await time.pass(1000);
    expect(sent).toEqual(['r:a', 'r:b', 'r:b']);
    expect(await outbox.receivers()).toEqual([]);
    next.end('enough');
    await time.pass(1);
  });

  it('sends nothing from the moment at which the lease has run out', async () => {
    const { time, desk, store, sent } = await setUp();
    const term = new OpenTerm('leader', 1, 0, 1000, time);
    void desk.run(term);
    await time.pass(1000);
    await store([['r', 'a']]);
    await time.pass(400);
    expect(sent).toEqual([]);
    term.end('it ran out');
    await time.pass(500);
  });

  it('has several deliveries under way where a receiver takes them so', async () => {
    let underWay = 0;
    let most = 0;
    const { time, desk, store, term } = await setUp(
      async () => {
        most = Math.max(most, (underWay += 1));
        await time.timer().sleep(10);
        underWay -= 1;
        return DELIVERED;
      },
      { windowOf: () => 4 },
    );
    await store(
      Array.from({ length: 12 }, (_, i) => ['r', `${i}`] as [string, string]),
      false,
    );
    void desk.run(term);
    await time.pass(35);
    expect(most).toBe(4);
    expect(desk.counts.delivered).toBe(12);
    term.end('enough');
    await time.pass(20);
  });

  it('begins the next as soon as one of those under way has ended, while a slow one goes on', async () => {
    const { time, desk, store, term } = await setUp(
      async (body) => {
        await time.timer().sleep(body === 'slow' ? 1000 : 10);
        return DELIVERED;
      },
      { windowOf: () => 2 },
    );
    await store(['slow', ...Array.from({ length: 20 }, (_, i) => `${i}`)].map((body) => ['r', body]));
    void desk.run(term);
    await time.pass(300);
    expect(desk.counts.delivered).toBe(20);
    await time.pass(1000);
    expect(desk.counts.delivered).toBe(21);
    term.end('enough');
    await time.pass(20);
  });

  it('begins nothing more once one has failed, until the others have ended', async () => {
    const { time, desk, store, sent, term } = await setUp(
      async (body, _receiver, attempt) => {
        await time.timer().sleep(body === 'slow' ? 500 : 10);
        return body === 'bad' && attempt === 1 ? FAILED : DELIVERED;
      },
      { windowOf: () => 3 },
    );
    await store(['slow', 'bad', 'a', 'b'].map((body) => ['r', body]));
    void desk.run(term);
    await time.pass(400);
    expect(sent).toEqual(['r:slow', 'r:bad', 'r:a']);
    await time.pass(3000);
    expect(sent).toEqual(['r:slow', 'r:bad', 'r:a', 'r:bad', 'r:b']);
    term.end('enough');
    await time.pass(20);
  });

  it('ends with what a receiver throws, after the others under way', async () => {
    let ended = false;
    const { time, desk, store, term } = await setUp(
      async (body) => {
        if (body === 'bad') throw new TypeError('a bug');
        await time.timer().sleep(50);
        ended = true;
        return DELIVERED;
      },
      { windowOf: () => 2 },
    );
    await store(['slow', 'bad'].map((body) => ['r', body]));
    const running = expect(desk.run(term)).rejects.toThrow('a bug');
    await time.pass(200);
    await running;
    expect(ended).toBe(true);
  });

  it('keeps the order of what is about the same, whatever else is under way', async () => {
    const underWay: string[] = [];
    const together: string[][] = [];
    const { time, desk, store, sent, term } = await setUp(
      async (body) => {
        underWay.push(String(body));
        together.push([...underWay]);
        await time.timer().sleep(10);
        underWay.splice(underWay.indexOf(String(body)), 1);
        return DELIVERED;
      },
      { windowOf: () => 4, subjectOf: ({ body }) => String(body)[0] },
    );
    const rows = ['a1', 'b1', 'a2', 'a3', 'c1', 'b2', 'd1', 'e1'].map((body) => ['r', body] as [string, string]);
    await store(rows, false);
    void desk.run(term);
    await time.pass(100);
    expect(desk.counts.delivered).toBe(rows.length);
    expect(sent.map((each) => each.slice(2))).toEqual(rows.map(([, body]) => body));
    for (const each of together) expect(new Set(each.map(([subject]) => subject)).size).toBe(each.length);
    expect(Math.max(...together.map((each) => each.length))).toBe(4);
    term.end('enough');
    await time.pass(20);
  });

  it('sends what failed before the next about the same, when others have gone through beside it', async () => {
    const { time, desk, store, sent, term } = await setUp(
      (body, _receiver, attempt) => (body === 'a1' && attempt === 1 ? FAILED : DELIVERED),
      { windowOf: () => 4, subjectOf: ({ body }) => String(body)[0] },
    );
    await store(
      ['a1', 'b1', 'c1', 'a2'].map((body) => ['r', body] as [string, string]),
      false,
    );
    void desk.run(term);
    await time.pass(3000);
    expect(sent.map((each) => each.slice(2))).toEqual(['a1', 'b1', 'c1', 'a1', 'a2']);
    term.end('enough');
    await time.pass(20);
  });
});
