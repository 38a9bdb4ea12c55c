import { TestCloud, minute } from './testCloud.sim';

let cloud: TestCloud;
beforeEach(async () => {
  cloud = await TestCloud.start();
});
afterEach(() => cloud.stop());

/** Power fails at 17:10 and returns at 17:20; a server moves at 17:15; it is 17:30 now. */
async function eventfulHour(): Promise<void> {
  cloud.nowMs = minute(10);
  await cloud.power('compute-1', 1);
  cloud.nowMs = minute(15);
  await cloud.event({
    'vitrage_entity_type': 'nova.instance',
    'id': 'vm-a',
    'name': 'name of vm-a',
    'status': 'ACTIVE',
    'OS-EXT-SRV-ATTR:host': 'compute-2',
  });
  cloud.nowMs = minute(20);
  await cloud.power('compute-1', 0);
  cloud.nowMs = minute(30);
}

describe.each(['live', 'stored'] as const)('a difference, %s', (kind) => {
  const service = async () => (kind === 'live' ? cloud.live() : cloud.stored());

  it('tells what changed with the entry that did it, and which alarms were raised on what', async () => {
    await eventfulHour();
    const answer = await (await service()).diff({ fromMs: minute(5), toMs: minute(16) });
    expect(answer.from).toMatchObject({ at: '2026-11-21T17:05:00.000Z', ordinal: 6 });
    expect(answer.to).toMatchObject({ at: '2026-11-21T17:16:00.000Z', ordinal: 8 });
    expect(answer.changed.map(({ resource, changes }) => [resource.id, changes.map(({ name }) => name)])).toEqual([
      ['vm-a', ['host_id']],
    ]);
    expect(answer.changed[0]!.changes[0]).toMatchObject({
      before: 'compute-1',
      after: 'compute-2',
      by: { ordinal: 8, summary: 'nova.instance update name of vm-a' },
    });
    const { raised, cleared } = answer.alarms;
    // Of vm-a it was raised and cleared in between.
    expect(raised.map(({ alarm }) => `${alarm.name}@${alarm.resource?.id ?? ''}`)).toEqual([
      'Host down@compute-1',
      'Power supply failure@compute-1',
      'Unreachable@vm-b',
    ]);
    expect(raised[0]).toMatchObject({ alarm: { since: '2026-11-21T17:10:00.000Z' }, by: { ordinal: 7 } });
    expect([cleared, answer.appeared, answer.gone, answer.passing]).toEqual([[], [], [], 1]);
  });

  it('up to now, of one type, or about one thing', async () => {
    await eventfulHour();
    const desk = await service();
    const all = await desk.diff({ fromMs: minute(5) });
    expect(all.to.ordinal).toBe(9);
    expect(all.changed.map(({ resource }) => resource.id)).toEqual(['vm-a']);
    const ofHosts = await desk.diff({ fromMs: minute(16), type: 'nova.host' });
    expect(ofHosts.alarms.cleared.map(({ alarm }) => alarm.name)).toEqual(['Host down', 'Power supply failure']);
    const about = await desk.diff({ fromMs: minute(16), about: 'name of vm-b' });
    expect(about.alarms.cleared.map(({ alarm }) => [alarm.name, alarm.since])).toEqual([['Unreachable', undefined]]);
  });

  it('is refused when the end lies before the beginning, and before the first entry', async () => {
    const desk = await service();
    await expect(desk.diff({ fromMs: minute(5), toMs: minute(4) })).rejects.toMatchObject({ code: 'bad-request' });
    await expect(desk.diff({ fromMs: minute(-5), toMs: minute(5) })).rejects.toMatchObject({
      code: 'before-first-entry',
      data: { firstAt: '2026-11-21T17:00:00.000Z' },
    });
  });
});

describe.each(['live', 'stored'] as const)('the log around a moment, %s', (kind) => {
  const service = async () => (kind === 'live' ? cloud.live() : cloud.stored());

  it('tells what each entry says, what became of it, and what it did', async () => {
    await eventfulHour();
    const { entries, ...rest } = await (await service()).log({ atMs: minute(15), aroundMs: 6 * 60_000 });
    expect(rest).toMatchObject({ from: '2026-11-21T17:09:00.000Z', to: '2026-11-21T17:21:00.000Z', omittedBefore: 0 });
    expect(entries.map(({ ordinal, outcome, summary }) => `#${ordinal} ${outcome} ${summary}`)).toEqual([
      '#7 applied zabbix zabbix.alarm.problem "Power supply failure" on compute-1',
      '#8 applied nova.instance update name of vm-a',
      '#9 applied zabbix zabbix.alarm.ok "Power supply failure" on compute-1',
    ]);
    const [, moved] = entries;
    expect(moved!.effects.map(({ kind: did, entity }) => [did, entity?.name])).toContainEqual([
      'alarm-cleared',
      'Unreachable',
    ]);
    expect(moved!.effects.find(({ kind: did }) => did === 'resource-changed')).toMatchObject({
      entity: { id: 'vm-a' },
      changes: [{ name: 'host_id', before: 'compute-1', after: 'compute-2' }],
    });
  });

  it('may begin before the first entry, but not end there', async () => {
    const desk = await service();
    const { entries } = await desk.log({ atMs: minute(0), aroundMs: 60_000 });
    expect(entries.map(({ kind: each }) => each).slice(0, 2)).toEqual(['template-add', 'event']);
    await expect(desk.log({ atMs: minute(-10), aroundMs: 60_000 })).rejects.toMatchObject({
      code: 'before-first-entry',
      data: { firstAt: '2026-11-21T17:00:00.000Z' },
    });
  });
});
