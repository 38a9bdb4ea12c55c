import type { JsonObject } from '@wherefore/model';
import { type Rig, startRig } from '../testing/rig.sim';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
  const time = new Date(rig.clock.nowMs()).toISOString();
  const details = { hostname: 'compute-1', source: 'ipmi', cause: 'link-down', severity: 'critical', status: 'down' };
  const body = { time, type: 'compute.host.down', details: { ...details, monitor_id: 'm', monitor_event_id: '1' } };
  // Log time runs at most five seconds ahead of the last tick.
  rig.clock.pass(3_000);
  const { status } = await rig.send('POST', '/v1/event', body);
  if (status !== 200) throw new Error(`the event was answered with ${status}`);
});
afterAll(() => rig.close());

describe('spans over REST', () => {
  it('give what differs, as of the end', async () => {
    const { status, body, position } = await rig.get('/v1/answers/diff?from=2026-11-21T17:00:01Z');
    expect(status).toBe(200);
    const { alarms, to } = body as unknown as { alarms: { raised: JsonObject[] }; to: { position: string } };
    expect(alarms.raised).toMatchObject([{ alarm: { name: 'compute.host.down' } }]);
    expect(position).toBe(to.position);
  });

  it('give the entries around a moment', async () => {
    const { status, body } = await rig.get('/v1/answers/log?at=2026-11-21T17:00:03Z&around=90s&ticks=true&limit=5');
    expect(status).toBe(200);
    const { entries } = body as unknown as { entries: JsonObject[] };
    expect(entries.map(({ kind }) => kind)).toContain('tick');
    expect(entries.map(({ outcome }) => outcome)).toContain('applied');
  });

  it.each([
    ['/v1/answers/diff', 400, 'bad-request'],
    ['/v1/answers/diff?from=soon', 400, 'invalid-time'],
    ['/v1/answers/diff?from=2026-11-21T17:01:00Z&to=2026-11-21T17:00:00Z', 400, 'bad-request'],
    ['/v1/answers/diff?from=2026-11-20T17:00Z', 404, 'before-first-entry'],
    ['/v1/answers/log?at=2026-11-20T17:00Z', 404, 'before-first-entry'],
    ['/v1/answers/log?around=soon', 400, 'bad-request'],
    ['/v1/answers/log?limit=many', 400, 'bad-request'],
  ])('%s is answered with %d %s', async (path, status, code) => {
    const reply = await rig.get(path);
    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ error: { code } });
  });
});
