import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@wherefore/model';
import { startRig, type Rig } from './testing/rig.sim';

const owner = { 'x-project-id': 'shop', 'x-roles': 'member' };
const admin = { 'x-project-id': 'ops', 'x-roles': 'admin' };

interface Call {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly notification: string; readonly payload: JsonObject; readonly effect_id: string };
}

/** Somebody who is called, and answers with the statuses it is told to, then with 200. */
class Called {
  readonly calls: Call[] = [];
  readonly answers: number[] = [];
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Call['body'];
        this.calls.push({ path: request.url!, headers: request.headers, body });
        response.writeHead(this.answers.shift() ?? 200).end('thanks');
      });
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async until(count: number): Promise<void> {
    for (let i = 0; i < 500 && this.calls.length < count; i++) await sleep(20);
    expect(this.calls.length).toBeGreaterThanOrEqual(count);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function fault(hostname: string, status: 'up' | 'down', at: string): JsonObject {
  const details = { hostname, source: 'ipmi', cause: 'link-down', severity: 'critical', status };
  return {
    time: at,
    type: `compute.host.${status === 'up' ? 'down' : status}`,
    details: { ...details, monitor_id: 'm' },
  };
}

let rig: Rig;
let called: Called;
beforeEach(async () => {
  called = new Called();
  await called.listen();
  rig = await startRig({ auth: { mode: 'noauth' } });
});
afterEach(async () => {
  await rig.close();
  await called.close();
});

const add = (body: JsonObject, who = admin) => rig.send('POST', '/v1/webhook/', body, who);
const post = async (event: JsonObject): Promise<void> => {
  expect((await rig.send('POST', '/v1/event', event, admin)).status).toBe(200);
};

describe('a registered webhook', () => {
  it('is called when an alarm is raised, and when it is over', async () => {
    await add({ url: `${called.url}/hook`, headers: '{"x-key": "secret"}' });
    await post(fault('compute-1', 'down', '2026-11-21T17:00:01Z'));
    await called.until(1);
    await post(fault('compute-1', 'up', '2026-11-21T17:00:02Z'));
    await called.until(2);
    expect(called.calls.map(({ path, body }) => [path, body.notification])).toEqual([
      ['/hook', 'vitrage.alarm.activate'],
      ['/hook', 'vitrage.alarm.deactivate'],
    ]);
    const [{ headers, body }] = called.calls as [Call];
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-key': 'secret' });
    expect(headers['x-openstack-request-id']).toMatch(/^req-[0-9a-f-]{36}$/);
    expect(body.payload).toMatchObject({ name: 'compute.host.down', state: 'Active', vitrage_type: 'doctor' });
    expect(headers['x-wherefore-effect-id']).toBe(encodeURI(body.effect_id));
    expect(body.effect_id).toBe(`${body.effect_id.split('/')[0]}/alarm-raised/${String(body.payload['vitrage_id'])}`);
  });

  it('hears of nothing that its filter or its project keeps from it, nor of anything before it was there', async () => {
    await post(fault('compute-1', 'down', '2026-11-21T17:00:01Z'));
    await add({ url: `${called.url}/others`, regex_filter: '{"name": "nothing like it"}' });
    await add({ url: `${called.url}/project` }, owner);
    await add({ url: `${called.url}/all` });
    await post(fault('compute-2', 'down', '2026-11-21T17:00:02Z'));
    await called.until(1);
    await sleep(100);
    expect(called.calls.map(({ path }) => path)).toEqual(['/all']);
  });

  it('is tried again while it is in trouble, with the same id, and each webhook has a line of its own', async () => {
    await add({ url: `${called.url}/trouble` });
    called.answers.push(503);
    await add({ url: 'http://127.0.0.1:1/nobody' });
    await post(fault('compute-1', 'down', '2026-11-21T17:00:01Z'));
    await called.until(2);
    expect(new Set(called.calls.map(({ body }) => body.effect_id)).size).toBe(1);
  });

  it('is not followed where it points elsewhere', async () => {
    await add({ url: `${called.url}/moved` });
    called.answers.push(307);
    await post(fault('compute-1', 'down', '2026-11-21T17:00:01Z'));
    await called.until(1);
    await post(fault('compute-2', 'down', '2026-11-21T17:00:02Z'));
    await called.until(2);
    expect(new Set(called.calls.map(({ body }) => body.effect_id)).size).toBe(2);
  });

  it('is not called where the operator keeps webhooks from, whatever its name', async () => {
    await rig.close();
    rig = await startRig({
      ...{ auth: { mode: 'noauth' }, notifiers: { webhookNetworksRefused: ['127.0.0.0/8', '::1'] } },
    });
    const refused = await add({ url: `${called.url}/refused` });
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain('notifiers.webhookNetworksRefused');
    expect((await add({ url: `${called.url.replace('127.0.0.1', 'localhost')}/named` })).status).toBe(200);
    await post(fault('compute-1', 'down', '2026-11-21T17:00:01Z'));
    await sleep(500);
    expect(called.calls).toEqual([]);
  });
});
