import type { ProcessReport } from '@wherefore/ports';
import { reportOf } from '../../../../libs/ports/src/conformance/processBoard.conformance';
import { HealthServer } from './healthServer';
import { Metrics } from './metrics';

describe('the health of a process over HTTP', () => {
  let report: ProcessReport;
  let server: HealthServer;
  beforeEach(async () => {
    report = reportOf('p1', {
      leads: [{ lease: 'leader', epoch: 7, sinceMs: 0 }],
      broker: { isReachable: true, sinceMs: 0, trouble: '' },
      database: { isReachable: false, sinceMs: 0, trouble: 'away' },
    });
    const metrics = new Metrics({ id: 'p1', role: 'processor', version: '0.1.0' });
    server = await HealthServer.listen('127.0.0.1', 0, {
      report: async () => report,
      metrics: async (of) => ({ contentType: metrics.contentType, text: await metrics.text(of, of.logTimeMs! + 2000) }),
    });
  });
  afterEach(() => server.close());

  it('is ready or not as the process says, with the reason', async () => {
    const ready = await fetch(`${server.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ready', position: '1.42.3', leads: ['leader'] },
    ]);
    report = { ...report, phase: 'unready', note: 'restoring a snapshot', position: null, leads: [] };
    const unready = await fetch(`${server.url}/readyz`);
    expect([unready.status, await unready.json()]).toEqual([
      503,
      { status: 'unready', reason: 'restoring a snapshot', leads: [] },
    ]);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  it('has metrics that Prometheus reads', async () => {
    const response = await fetch(`${server.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    const lines = (await response.text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'wherefore_process_info{id="p1",version="0.1.0",role="processor"} 1',
        'wherefore_ready{role="processor"} 1',
        'wherefore_applied_entries{role="processor"} 2573',
        'wherefore_log_time_age_seconds{role="processor"} 2',
        'wherefore_lease_epoch{lease="leader",role="processor"} 7',
        'wherefore_link_up{link="broker",role="processor"} 1',
        'wherefore_link_up{link="database",role="processor"} 0',
      ]),
    );
    report = { ...report, leads: [] };
    expect(await (await fetch(`${server.url}/metrics`)).text()).not.toContain('lease="leader"');
  });

  it('knows nothing else, and takes nothing in', async () => {
    expect((await fetch(`${server.url}/v1/event`)).status).toBe(404);
    expect((await fetch(`${server.url}/healthz`, { method: 'POST' })).status).toBe(405);
  });

  it('says when its port is taken', async () => {
    const port = Number(new URL(server.url).port);
    const second = HealthServer.listen('127.0.0.1', port, {
      report: async () => report,
      metrics: () => Promise.reject(),
    });
    await expect(second).rejects.toMatchObject({ code: 'port-taken' });
  });
});
