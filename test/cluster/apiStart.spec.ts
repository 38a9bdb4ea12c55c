import { zabbixAlarm } from '../../apps/api/src/testing/tenants.sim';
import { describeWithService } from '../support/shared';
import { Cluster } from './cluster';
import { type TestProcess } from './processes';
import { clusterNeed, SERVICES_START_MS } from './services';

const HOSTS = 10_000;
const HOSTS_PER_POST = 500;

jest.setTimeout(180_000);

describeWithService('an api that starts over a long archive', clusterNeed, () => {
  let cluster: Cluster;
  let first: TestProcess;

  beforeAll(async () => {
    cluster = await Cluster.open();
    // No processor takes snapshots here: whoever starts has everything to apply.
    first = await cluster.start('api');
    await cluster.ready(await cluster.start('persister'));
    await cluster.ready(first);
    for (let from = 0; from < HOSTS; from += HOSTS_PER_POST) {
      const events = Array.from({ length: HOSTS_PER_POST }, (_, at) => {
        const name = `compute-${from + at}`;
        return zabbixAlarm(`${name} is down`, 'nova.host', name, 4);
      });
      expect(await cluster.post(first, '/v1/event/', events)).toBe(200);
    }
  }, SERVICES_START_MS * 2);

  afterAll(() => cluster?.close());

  it('never answers with fewer alarms than there are', async () => {
    const second = await cluster.start('api');
    const url = cluster.urlOf(second);
    const answers: string[] = [];
    let untilReady = 0;
    while (untilReady < 3) {
      const response = await fetch(`${url}/v1/alarm/count/`).catch(() => undefined);
      const text = await response?.text();
      if (response === undefined) continue;
      answers.push(response.status === 200 ? text! : String(response.status));
      if ((await fetch(`${url}/readyz`)).ok) untilReady += 1;
    }
    const whole = JSON.stringify(await cluster.get(first, '/v1/alarm/count/'));
    expect(JSON.parse(whole)).toMatchObject({ CRITICAL: HOSTS });
    expect(new Set(answers)).toEqual(new Set([whole]));
  });
});
