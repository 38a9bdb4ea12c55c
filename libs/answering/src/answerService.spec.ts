import type { CauseNode, WhyAnswer } from '@wherefore/contract';
import { WhereforeError } from '@wherefore/model';
import { TestCloud, minute, sampled } from './testCloud.sim';

let cloud: TestCloud;
beforeEach(async () => {
  cloud = await TestCloud.start();
});
afterEach(() => cloud.stop());

/** The tree as lines: depth, name, resource, and marks. */
function outline(nodes: readonly CauseNode[], depth = 0): string[] {
  return nodes.flatMap(({ alarm, asked, repeated, effects }) => [
    `${'  '.repeat(depth)}${alarm.name}@${alarm.resource?.id ?? ''}${asked ? ' *' : ''}${repeated ? ' ...' : ''}`,
    ...outline(effects, depth + 1),
  ]);
}

async function failureOf(asking: Promise<unknown>): Promise<WhereforeError> {
  const error: unknown = await asking.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof WhereforeError) return error;
  throw new Error('nothing of ours was thrown');
}

/** Power fails at 17:10 and returns at 17:20; it is 17:30 now. */
async function failAndRecover(): Promise<void> {
  cloud.nowMs = minute(10);
  await cloud.power('compute-1', 1);
  cloud.nowMs = minute(20);
  await cloud.power('compute-1', 0);
  cloud.nowMs = minute(30);
}

describe('why', () => {
  it('puts the root cause on top, marks the asked alarm, and sorts effects by severity, name and place', async () => {
    cloud.nowMs = minute(10);
    await cloud.power('compute-1', 1);
    const answer = await cloud.live().why({ alarm: 'Unreachable', on: 'vm-b' });
    expect(outline(answer.roots)).toEqual([
      'Power supply failure@compute-1',
      '  Host down@compute-1',
      '    Unreachable@vm-a',
      '    Unreachable@vm-b *',
    ]);
    expect(answer.asked).toMatchObject({ name: 'Unreachable', operationalSeverity: 'WARNING', state: 'Active' });
    expect(answer.asked.since).toBe('2026-11-21T17:10:00.000Z');
    expect(answer.affected.map(({ id }) => id)).toEqual(['compute-1', 'vm-a', 'vm-b']);
  });

  it('counts what is affected by tenant, with the names that Keystone or an operator told', async () => {
    const owned = { vitrage_entity_type: 'nova.instance', status: 'ACTIVE', 'OS-EXT-SRV-ATTR:host': 'compute-1' };
    await cloud.event({ ...owned, id: 'vm-a', tenant_id: 'p-2' });
    await cloud.event({ ...owned, id: 'vm-b', tenant_id: 'p-2' });
    await cloud.event({ ...owned, id: 'vm-d', tenant_id: 'p-1' });
    await cloud.event({
      vitrage_entity_type: 'static',
      static_id: 'p',
      type: 'openstack.project',
      id: 'p-1',
      name: 'bank',
    });
    cloud.nowMs = minute(10);
    await cloud.power('compute-1', 1);
    const { tenants } = await cloud.live().why({ alarm: 'Host down' });
    expect(tenants).toEqual([
      { projectId: 'p-2', resources: 2 },
      { projectId: 'p-1', name: 'bank', resources: 1 },
    ]);
  });

  it('says which template and which events brought an alarm about', async () => {
    cloud.nowMs = minute(10);
    await cloud.power('compute-1', 1);
    const { roots } = await cloud.live().why({ alarm: 'Host down' });
    const [power] = roots;
    expect(power).toMatchObject({ deducedBy: [], causedBy: [] });
    expect(power!.events).toEqual([
      {
        ordinal: 7,
        position: '1.7.0',
        id: 'e7',
        source: 'test',
        summary: 'zabbix zabbix.alarm.problem "Power supply failure" on compute-1',
        occurredAt: '2026-11-21T17:10:00Z',
        ingestedAt: '2026-11-21T17:10:00.000Z',
      },
    ]);
    const [down] = power!.effects;
    expect(down!.events).toEqual([]);
    expect(down!.deducedBy).toMatchObject([
      {
        template: 'power',
        condition: 'power [ on ] host',
        since: '2026-11-21T17:10:00.000Z',
        decides: true,
        bindings: [{ symbol: 'power' }, { symbol: 'host', id: 'compute-1' }],
      },
    ]);
    expect(down!.deducedBy[0]!.events.map(({ id }) => id)).toContain('e7');
    expect(down!.causedBy).toHaveLength(1);
  });

  it('answers of the past as it was then, from a live node and from a store alike', async () => {
    cloud.nowMs = minute(10);
    await cloud.power('compute-1', 1);
    const then = await cloud.live().why({ alarm: 'Host down' });
    await cloud.power('compute-2', 1);
    cloud.nowMs = minute(20);
    await cloud.power('compute-1', 0);
    const question = { alarm: 'Unreachable@vm-a', atMs: minute(15) };
    const live = await cloud.live().why(question);
    expect(outline(live.roots)).toEqual([
      'Power supply failure@compute-1',
      '  Host down@compute-1',
      '    Unreachable@vm-a *',
      '    Unreachable@vm-b',
    ]);
    expect(live.answeredAt).toMatchObject({ at: '2026-11-21T17:15:00.000Z', position: '1.8.0', warnings: [] });
    expect(await (await cloud.stored()).why(question)).toEqual(live);
    const unmarked = (answer: WhyAnswer) => JSON.stringify(answer.roots).replaceAll('"asked":true', '"asked":false');
    expect(unmarked(live)).toBe(unmarked(then));
  });

  it('counts at the root what the limit left out', async () => {
    cloud.nowMs = minute(10);
    await cloud.power('compute-1', 1);
    const { roots } = await cloud.live().why({ alarm: 'Power supply failure', limit: 2 });
    expect(outline(roots)).toEqual(['Power supply failure@compute-1 *', '  Host down@compute-1']);
    expect(roots[0]!.effectsOmitted).toBe(2);
  });
});

describe('an alarm that cannot be shown', () => {
  it('that has several candidates is named with each of them', async () => {
    cloud.nowMs = minute(10);
    await cloud.power('compute-1', 1);
    const error = await failureOf(cloud.live().why({ alarm: 'Unreachable' }));
    expect(error).toMatchObject({ code: 'alarm-ambiguous', data: { count: 2 } });
    expect(error.data).toMatchObject({
      candidates: [
        { alarm: 'Unreachable@name of vm-a', severity: 'WARNING', since: '2026-11-21T17:10:00.000Z' },
        { alarm: 'Unreachable@name of vm-b' },
      ],
    });
    const one = await cloud.live().why({ alarm: 'Unreachable@name of vm-b' });
    expect(one.asked.resource?.id).toBe('vm-b');
    expect((await cloud.live().why({ alarm: one.asked.vitrageId })).asked).toEqual(one.asked);
  });

  it('that never was is answered with the nearest names', async () => {
    await failAndRecover();
    const error = await failureOf(cloud.live().why({ alarm: 'Host dwon' }));
    expect(error).toMatchObject({ code: 'alarm-not-found', data: { nearest: ['Host down'] } });
    expect(error.hint).toContain('"Host down"');
  });

  it('that has ended is answered with when it was', async () => {
    await failAndRecover();
    const error = await failureOf(cloud.live().why({ alarm: 'Host down' }));
    expect(error.code).toBe('alarm-not-found');
    expect(error.message).toContain('had ended before: from 2026-11-21T17:10:00.000Z to 2026-11-21T17:20:00.000Z');
    expect(error.data).toMatchObject({
      intervals: [{ from: '2026-11-21T17:10:00.000Z', to: '2026-11-21T17:20:00.000Z' }],
    });
    const past = await failureOf((await cloud.stored()).why({ alarm: 'host down', atMs: minute(25) }));
    expect(past.data).toHaveProperty('intervals');
  });

  it('that began after the moment is answered with when it began', async () => {
    await failAndRecover();
    const error = await failureOf(cloud.live().why({ alarm: 'Power supply failure', atMs: minute(5) }));
    expect(error.code).toBe('alarm-not-found');
    expect(error.message).toContain('raised later: from 2026-11-21T17:10:00.000Z');
  });

  it('that had occurred but was not known yet is answered with both times', async () => {
    cloud.nowMs = minute(12);
    await cloud.power('compute-1', 1, { vitrage_sample_date: sampled(10), lastchange: String(minute(9) / 1000) });
    const error = await failureOf(
      cloud.live().why({ alarm: 'Power supply failure', on: 'compute-1', atMs: minute(11) }),
    );
    expect(error).toMatchObject({
      code: 'alarm-known-later',
      data: { occurredAt: '2026-11-21T17:09:00.000Z', knownAt: '2026-11-21T17:12:00.000Z' },
    });
    const elsewhere = cloud.live().why({ alarm: 'Power supply failure', on: 'compute-2', atMs: minute(11) });
    expect((await failureOf(elsewhere)).code).toBe('alarm-not-found');
  });

  it('of a time before everything is answered with the first moment there is', async () => {
    const error = await failureOf(cloud.live().why({ alarm: 'Host down', atMs: minute(-5) }));
    expect(error).toMatchObject({ code: 'before-first-entry', data: { firstAt: '2026-11-21T17:00:00.000Z' } });
  });
});

describe('warnings', () => {
  it('tell of what had occurred by then, but arrived later', async () => {
    cloud.nowMs = minute(12);
    await cloud.power('compute-1', 1, { vitrage_sample_date: sampled(10) });
    const { answeredAt } = await cloud.live().alarms({ atMs: minute(11) });
    expect(answeredAt.warnings).toEqual([
      'zabbix zabbix.alarm.problem "Power supply failure" on compute-1 occurred at 2026-11-21T17:10:00Z, ' +
        'but arrived only at 2026-11-21T17:12:00.000Z',
    ]);
  });

  it('do not tell of what a source only repeats', async () => {
    cloud.nowMs = minute(10);
    await cloud.power('compute-1', 1, { lastchange: String(minute(9) / 1000) });
    cloud.nowMs = minute(12);
    await cloud.power('compute-1', 1, { lastchange: String(minute(9) / 1000) });
    expect((await cloud.live().alarms({ atMs: minute(11) })).answeredAt.warnings).toEqual([]);
  });

  it('tell of a source whose last poll failed, and of a time that is still to come', async () => {
    await cloud.append({ kind: 'poll-failed', datasource: 'nova.host', pollId: 'p1', reason: 'timed out' });
    await cloud.power('compute-1', 1);
    const { warnings } = (await cloud.live().why({ alarm: 'Host down', atMs: minute(99) })).answeredAt;
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('still to come');
    expect(warnings[1]).toContain('nova.host');
  });
});

describe('lists', () => {
  it('show alarms, resources, templates and numbers, now and then', async () => {
    await failAndRecover();
    const service = cloud.live();
    expect((await service.alarms({})).alarms).toEqual([]);
    const then = await service.alarms({ atMs: minute(15) });
    expect(then.alarms.map(({ name, operationalSeverity }) => [name, operationalSeverity])).toEqual([
      ['Host down', 'CRITICAL'],
      ['Power supply failure', 'CRITICAL'],
      ['Unreachable', 'WARNING'],
      ['Unreachable', 'WARNING'],
    ]);
    const { resources } = await service.resources({ type: 'nova.instance' });
    expect(resources.map(({ id, state }) => [id, state])).toEqual([
      ['vm-a', 'ACTIVE'],
      ['vm-b', 'ACTIVE'],
      ['vm-c', 'ACTIVE'],
    ]);
    expect((await service.templates({})).templates).toMatchObject([{ name: 'power', status: 'ACTIVE' }]);
    expect(await service.summary({})).toMatchObject({ firstAt: '2026-11-21T17:00:00.000Z', alarms: 0, templates: 1 });
    const { vertices, edges } = await service.graph({ atMs: minute(15) });
    expect(edges.every(({ source, target }) => vertices[source] !== undefined && vertices[target] !== undefined)).toBe(
      true,
    );
  });

  it('show what was refused, with its beginning', async () => {
    await cloud.event({ vitrage_entity_type: 'nonsense', colour: 'blue' });
    const { rejected } = await cloud.live().rejected({});
    expect(rejected).toMatchObject([
      { code: 'unknown-datasource', isInputAtFault: true, where: 'vitrage_entity_type' },
    ]);
    expect(rejected[0]!.excerpt).toContain('"colour":"blue"');
  });
});
