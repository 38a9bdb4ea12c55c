import { KEYSTONE_DOMAIN, KEYSTONE_PROJECT, KEYSTONE_USER } from '../keystone/identity';
import { missingId, readId, readObject } from '../reading/properties';
import { driverEvent } from './driverEvent';
import type { Notice, NoticeAnswer } from './notification';

const KINDS: ReadonlyMap<string, string> = new Map([
  ['domain', KEYSTONE_DOMAIN],
  ['project', KEYSTONE_PROJECT],
  ['user', KEYSTONE_USER],
]);

/**
 * `identity.project.*`, `identity.user.*`, `identity.domain.*`, in Keystone's basic format and in CADF.
 *
 * Neither carries more than the id: not the name of what was created, not what an update changed. A creation
 * says that it exists, a deletion that it does not, and the rest is asked for by a poll.
 */
export function readIdentityNotice(notice: Notice): NoticeAnswer {
  const { payload, eventType } = notice;
  const [, kind = '', operation = ''] = eventType.split('.');
  const datasource = KINDS.get(kind);
  if (datasource === undefined) return { ignored: `no entity hangs on ${eventType}` };
  const id = readId(payload['resource_info']) ?? readId(readObject(payload, 'target')?.['id']);
  if (id === undefined) return missingId('payload.resource_info');
  // CADF may tell of attempts.
  const outcome = payload['outcome'] ?? 'success';
  if (outcome !== 'success') return { ignored: `${eventType} did not succeed` };

  const frame = { datasource, action: 'update', at: notice.at } as const;
  switch (operation) {
    case 'created':
      return { events: [driverEvent({ ...frame, eventType }, { id }, ['id'])], poll: datasource };
    case 'deleted':
      return { events: [driverEvent({ ...frame, eventType: 'delete_entity' }, { id }, ['id'])] };
    case 'updated':
      return { ignored: `${eventType} does not tell what changed`, poll: datasource };
    default:
      return { ignored: `no entity hangs on ${eventType}` };
  }
}
