import type { JsonObject } from '@wherefore/model';
import { meaningOf, meanings, rowMeaning, versioned } from './openstack.sim';

const SERVICE: JsonObject = { binary: 'nova-compute', host: 'h1', disabled: false, forced_down: false };
const AGGREGATE: JsonObject = { id: 1, name: 'rack-1', hosts: ['h1'], metadata: {} };
const ALARM: JsonObject = { alarm_id: 'a-1', detail: { state: 'alarm' }, timestamp: '2026-11-22T00:00:00' };
const STACK: JsonObject = { stack_identity: 's-1', stack_name: 'shop', state: 'CREATE_COMPLETE' };

/** Of each kind a message, and the one that tells its end. */
interface Told {
  readonly eventType: string;
  readonly payload: JsonObject;
  readonly end: string;
  readonly last: JsonObject;
}

const TOLD: readonly Told[] = (
  [
    ['service.update', versioned(SERVICE), 'service.delete'],
    ['aggregate.add_host.end', versioned(AGGREGATE), 'aggregate.delete.end'],
    ['aggregate.addhost.end', { aggregate_id: 1, host_name: 'h1' }, 'aggregate.delete.end'],
    ['identity.project.created', { resource_info: 'p-1' }, 'identity.project.deleted'],
    ['identity.user.created', { resource_info: 'u-1' }, 'identity.user.deleted'],
    ['identity.domain.created', { resource_info: 'd-1' }, 'identity.domain.deleted'],
    ['image.update', { id: 'i-1', name: 'cirros', status: 'active' }, 'image.delete'],
    ['orchestration.stack.create.end', STACK, 'orchestration.stack.delete.end', { ...STACK, state: 'DELETE_COMPLETE' }],
    ['alarm.state_transition', ALARM, 'alarm.deletion'],
    ['alarm.state_transition', ALARM, 'alarm.state_transition', { ...ALARM, detail: { state: 'ok' } }],
    ['network.update.end', { network: { id: 'n-1', name: 'net' } }, 'network.delete.end', { network_id: 'n-1' }],
    ['router.update.end', { router: { id: 'r-1', name: 'r' } }, 'router.delete.end', { router_id: 'r-1' }],
  ] as const satisfies readonly (readonly [string, JsonObject, string, JsonObject?])[]
).map(([eventType, payload, end, last]) => ({ eventType, payload, end, last: last ?? payload }));

describe('what a message of the bus tells', () => {
  it.each(TOLD)(
    '%s may be late, and its end tells the time that it is measured by',
    ({ eventType, payload, end, last }) => {
      const told = meanings(eventType, payload);
      const ended = meanings(end, last);
      expect(told.map(({ mayBeLate }) => mayBeLate)).toEqual(told.map(() => true));
      expect(ended.map(({ action, mayBeLate }) => [action, mayBeLate])).toEqual(
        ended.map(() => ['delete-entity', true]),
      );
      expect(new Set(told.map(({ entity }) => entity.key))).toEqual(new Set(ended.map(({ entity }) => entity.key)));
    },
  );
});

describe('what is not told by a message', () => {
  it('is not late: an answer of an API is newer than every deletion before it', () => {
    const row = rowMeaning('aodh-alarms', [{ alarm_id: 'a-1', name: 'cpu', state: 'alarm', type: 'event' }] as never);
    expect(row.mayBeLate).toBeUndefined();
  });

  it('is merged as Vitrage merges it, when a driver of Vitrage says it', () => {
    const event = {
      vitrage_entity_type: 'aodh',
      vitrage_datasource_action: 'update',
      vitrage_sample_date: '2026-11-22T00:00:00Z',
      vitrage_event_type: 'alarm.state_transition',
      alarm_id: 'a-1',
      state: 'alarm',
    };
    expect(meaningOf(event).mayBeLate).toBeUndefined();
  });
});
