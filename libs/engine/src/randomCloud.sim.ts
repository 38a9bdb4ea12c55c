import fc from 'fast-check';
import type { JsonObject, LogEntry } from '@wherefore/model';
import {
  gone,
  host,
  instance,
  type LogScript,
  nagios,
  network,
  port,
  prometheus,
  volume,
  zabbix,
  zone,
} from './cloudScript.sim';
import { type ScenarioDraft, templateText } from './templateScript.sim';

/** One thing that happens in a random history. */
export type Deed =
  | { readonly kind: 'event'; readonly event: JsonObject; readonly ageS: number }
  | { readonly kind: 'template'; readonly name: string; readonly drafts: readonly ScenarioDraft[] }
  | { readonly kind: 'no-template'; readonly name: string }
  | { readonly kind: 'tick' };

/** The entry that a deed comes to, next in the log. */
export function deedEntry(script: LogScript, deed: Deed): LogEntry {
  switch (deed.kind) {
    case 'event':
      return script.event(deed.event, { ageS: deed.ageS });
    case 'template':
      return script.entry({
        kind: 'template-add',
        templates: [{ path: `${deed.name}.yaml`, text: templateText(deed.name, deed.drafts) }],
        overwrite: true,
      });
    case 'no-template':
      return script.withoutTemplate(deed.name);
    case 'tick':
      return script.tick(script.nowMs + 30_000);
  }
}

const zoneId = fc.constantFrom('z1', 'z2');
const hostId = fc.constantFrom('h1', 'h2');
const instanceId = fc.constantFrom('i1', 'i2', 'i3');
const portId = fc.constantFrom('p1', 'p2');
const volumeId = fc.constantFrom('v1');
const upOrDown = fc.constantFrom(true, true, false);

/** An entity of the cloud as its source reports it. */
export const resource = fc.oneof(
  fc
    .record({
      zone: zoneId,
      hosts: fc.dictionary(hostId, upOrDown, { maxKeys: 3 }),
      isUp: upOrDown,
    })
    .map(({ zone: name, hosts, isUp }) => zone(name, hosts, isUp)),
  fc.tuple(hostId, zoneId).map(([name, inZone]) => host(name, inZone)),
  fc
    .tuple(instanceId, hostId, fc.constantFrom('ACTIVE', 'ACTIVE', 'ERROR', 'PAUSED'), fc.constantFrom('p1', 'p2'))
    .map(([id, on, status, project]) => instance(id, on, status, project)),
  fc.constantFrom('ACTIVE', 'DOWN').map((status) => network('n1', status)),
  fc.tuple(portId, instanceId, fc.constantFrom('ACTIVE', 'DOWN')).map(([id, on, status]) => port(id, 'n1', on, status)),
  fc
    .tuple(volumeId, fc.uniqueArray(instanceId, { maxLength: 2 }), fc.constantFrom('in-use', 'error'))
    .map(([id, on, status]) => volume(id, on, status)),
);

const place: fc.Arbitrary<readonly [string, string]> = fc.oneof(
  fc.tuple(fc.constant('nova.host'), hostId),
  fc.tuple(fc.constant('nova.instance'), instanceId),
  fc.tuple(fc.constant('neutron.port'), portId),
  fc.tuple(fc.constant('cinder.volume'), volumeId),
);

const alarm = fc.oneof(
  fc
    .tuple(fc.constantFrom('cpu', 'disk'), place, fc.constantFrom('WARNING', 'CRITICAL', 'OK'))
    .map(([service, [type, id], status]) => nagios(service, type, id, status)),
  fc
    .tuple(fc.constantFrom('link lost', 'fan'), place, fc.constantFrom(2, 4, undefined))
    .map(([trigger, [type, id], priority]) => zabbix(trigger, type, id, priority)),
  fc
    .tuple(
      fc.constantFrom<{ readonly [property: string]: string }>(
        { id: 'h1' },
        { vitrage_type: 'nova.instance', project_id: 'p1' },
        { name: 'name of p1' },
      ),
      fc.constantFrom('warning', 'critical'),
      fc.boolean(),
    )
    .map(([unique, severity, isFiring]) => prometheus('latency', unique, severity, isFiring)),
);

const event: fc.Arbitrary<Deed> = fc
  .record({
    event: fc.oneof(
      { arbitrary: resource, weight: 5 },
      { arbitrary: resource.map(gone), weight: 1 },
      { arbitrary: alarm, weight: 8 },
    ),
    ageS: fc.constantFrom(0, 0, 0, 0, 0, 3, 10),
  })
  .map((parts) => ({ kind: 'event', ...parts }));

const draft: fc.Arbitrary<ScenarioDraft> = fc.record({
  start: fc.nat(50),
  edges: fc.array(
    fc.record({ pick: fc.nat(400), form: fc.constantFrom('and', 'and', 'and', 'not', 'or', 'not-both') }),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  actions: fc.array(fc.record({ kind: fc.nat(20), pick: fc.nat(20), value: fc.nat(80) }), {
    minLength: 1,
    maxLength: 3,
  }),
});

const template: fc.Arbitrary<Deed> = fc
  .record({ name: fc.constantFrom('t1', 't2', 't3'), drafts: fc.array(draft, { minLength: 1, maxLength: 3 }) })
  .map((parts) => ({ kind: 'template', ...parts }));

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { arbitrary: event, weight: 16 },
  { arbitrary: template, weight: 2 },
  { arbitrary: fc.constantFrom('t1', 't2', 't3').map((name): Deed => ({ kind: 'no-template', name })), weight: 1 },
  { arbitrary: fc.constant<Deed>({ kind: 'tick' }), weight: 1 },
);

/** A cloud in which everything hangs together, for alarms to strike. */
const WHOLE_CLOUD: readonly Deed[] = [
  zone('z1', { h1: true, h2: true }),
  instance('i1', 'h1'),
  instance('i2', 'h1', 'ACTIVE', 'p2'),
  instance('i3', 'h2'),
  port('p1', 'n1', 'i1'),
  port('p2', 'n1', 'i2'),
  volume('v1', ['i1', 'i3']),
].map((each) => ({ kind: 'event', event: each, ageS: 0 }));

/** Histories of up to `lengthMax` deeds, templates and a small cloud first. */
export function cloudHistory(lengthMax: number): fc.Arbitrary<readonly Deed[]> {
  return fc
    .tuple(
      fc.array(template, { minLength: 1, maxLength: 2 }),
      fc.constantFrom(WHOLE_CLOUD, WHOLE_CLOUD, []),
      fc.array(event, { minLength: Math.ceil(lengthMax / 4), maxLength: Math.ceil(lengthMax / 2), size: 'max' }),
      fc.array(deed, { maxLength: Math.ceil(lengthMax / 2), size: 'max' }),
    )
    .map(([templates, cloud, events, rest]) => [...templates, ...cloud, ...events, ...rest]);
}

/** A history as one reads it: a line for an event, the text of a template. */
export function tellHistory(deeds: readonly Deed[]): string {
  return deeds.map(tellDeed).join('\n');
}

function tellDeed(deed: Deed): string {
  switch (deed.kind) {
    case 'event': {
      const { vitrage_entity_type: type, vitrage_datasource_action: _action, ...rest } = deed.event;
      return `${String(type)} ${JSON.stringify(rest)}${deed.ageS > 0 ? ` (${deed.ageS} s late)` : ''}`;
    }
    case 'template':
      return templateText(deed.name, deed.drafts);
    case 'no-template':
      return `without ${deed.name}`;
    case 'tick':
      return 'tick';
  }
}
