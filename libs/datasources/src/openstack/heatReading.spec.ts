import type { Json } from '@wherefore/model';
import { type AnswerPolls, fromNotification, fromRestAnswer, toEntityEvent } from '../index';

const AT = '2026-11-22T00:00:00Z';

function message(eventType: string, payload: Json) {
  const content = { message_id: 'm-1', event_type: eventType, payload, timestamp: '2026-11-22 00:00:00' };
  const body = JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': JSON.stringify(content) });
  return fromNotification({ exchange: 'heat', routing_key: 'notifications.info', body, received_at: AT });
}

function actionOf(eventType: string, state: string) {
  const answer = message(`orchestration.stack.${eventType}`, { stack_identity: 's', stack_name: 'n', state });
  if (!('events' in answer)) throw new Error(JSON.stringify(answer));
  const event = toEntityEvent(answer.events[0]!);
  return 'code' in event ? event.code : [event.action, event.entity.properties['state']];
}

describe('messages of Heat', () => {
  it.each([
    ['create.start', 'CREATE_IN_PROGRESS'],
    ['create.error', 'CREATE_FAILED'],
    ['update.end', 'UPDATE_COMPLETE'],
    ['check.end', 'CHECK_COMPLETE'],
    ['suspend.error', 'SUSPEND_FAILED'],
    ['rollback.start', 'ROLLBACK_IN_PROGRESS'],
    ['delete.start', 'DELETE_IN_PROGRESS'],
    ['delete.error', 'DELETE_FAILED'],
  ])('of type %s leave a stack there, %s', (type, state) => {
    expect(actionOf(type, state)).toEqual(['update-entity', state]);
  });

  it('tell the project of a stack when it is created; later, that of whoever acts on it', () => {
    const projectOf = (eventType: string) => {
      const answer = message(`orchestration.stack.${eventType}`, { stack_identity: 's', tenant_id: 'p', state: 'X' });
      return 'events' in answer ? answer.events[0]!['tenant_id'] : answer;
    };
    expect(['create.start', 'create.end', 'update.end', 'delete.start'].map(projectOf)).toEqual([
      'p',
      'p',
      undefined,
      undefined,
    ]);
  });

  it('of the end of a deletion end the stack', () => {
    expect(actionOf('delete.end', 'DELETE_COMPLETE')).toEqual(['delete-entity', 'DELETE_COMPLETE']);
  });
});

describe('the answer of the stacks', () => {
  it('lists those whose deletion has failed, and they are there', () => {
    const stacks = ['DELETE_FAILED', 'DELETE_COMPLETE'].map((stack_status, id) => ({ id: String(id), stack_status }));
    const { rows } = (fromRestAnswer('heat-stacks', { stacks }, AT) as AnswerPolls).polls[0]!;
    expect(rows.map(({ event }) => toEntityEvent(event))).toMatchObject([
      { action: 'update-entity', entity: { properties: { state: 'DELETE_FAILED' } } },
      { action: 'delete-entity' },
    ]);
  });
});
