import { ENTRY_VERSION, type JsonObject, type NewEntry } from '@wherefore/model';
import { START_MS, host, instance, nagios, zone } from '../../libs/engine/src/cloudScript.sim';
import type { Chance } from '../fuzz/chance';

/** An alarm on a host is one on each of its instances, and their cause. */
const TEMPLATE = `
metadata: {version: 3, type: standard, name: host_down}
entities:
  alarm: {category: ALARM, type: nagios, name: disk}
  host: {category: RESOURCE, type: nova.host}
  instance: {category: RESOURCE, type: nova.instance}
scenarios:
  - condition: alarm [on] host AND host [contains] instance
    actions:
      - raise_alarm: {target: instance, alarm_name: suffers, severity: CRITICAL, causing_alarm: alarm}
`;

const HOSTS = ['h0', 'h1', 'h2'];

/** A small cloud for the real engine: hosts with instances, alarms that come and go, instances that move. */
export function engineBatches(chance: Chance): (readonly NewEntry[])[][] {
  return [0, 1].map((source) => {
    let count = 0;
    const base = () => ({
      ...{ id: `${source}.${(count += 1)}`, source: `source-${source}` },
      ...{ version: ENTRY_VERSION as typeof ENTRY_VERSION, ingestedAtMs: START_MS + count * 1000 },
    });
    const event = (driverEvent: JsonObject): NewEntry => {
      const placed = base();
      const date = `${new Date(placed.ingestedAtMs).toISOString().slice(0, 19)}Z`;
      return { ...placed, kind: 'event', event: { vitrage_sample_date: date, ...driverEvent } };
    };
    const cloud = [
      event(zone('z', Object.fromEntries(HOSTS.map((name) => [name, true])))),
      ...HOSTS.map((name) => event(host(name, 'z'))),
      ...HOSTS.map((name, i) => event(instance(`vm${source}${i}`, name))),
    ];
    const template = {
      ...base(),
      kind: 'template-add' as const,
      templates: [{ path: 'host_down.yaml', text: TEMPLATE }],
    };
    const happening = (): NewEntry => {
      if (chance.oneIn(3)) return event(instance(`vm${source}${chance.below(3)}`, chance.pick(HOSTS)));
      return event(nagios('disk', 'nova.host', chance.pick(HOSTS), chance.pick(['CRITICAL', 'WARNING', 'OK'])));
    };
    const happenings = Array.from({ length: 9 }, () => Array.from({ length: 1 + chance.below(2) }, happening));
    return [source === 0 ? [template, ...cloud] : cloud, ...happenings];
  });
}
