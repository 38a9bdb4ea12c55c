import type { JsonObject } from '@wherefore/model';
import { NOVA_HOST } from '../nova/host';
import { NOVA_COMPUTE, NOVA_SERVICE } from '../nova/service';
import { missingId, readId } from '../reading/properties';
import { driverEvent } from './driverEvent';
import type { Notice, NoticeAnswer } from './notification';
import { noVersionedData, VERSIONED_DATA, versionedData } from './versionedData';

/** These have no heartbeat, so that Nova lists them nowhere: the next poll would call them gone. */
const UNLISTED: ReadonlySet<unknown> = new Set<unknown>(['nova-osapi_compute', 'nova-metadata', 'nova-ec2']);

/**
 * `service.create`, `.update`, `.delete`: how one of Nova's services is set up, and with a compute service its
 * host. A host that dies tells nobody; but that an operator forces it down, or disables it, is announced
 * here and nowhere else. Whether a service that is not forced down is up, only the API tells.
 */
export function readServiceNotice(notice: Notice): NoticeAnswer {
  const data = versionedData(notice.payload);
  if (data === undefined) return noVersionedData(notice.payload);
  if (readId(data['binary']) === undefined) return missingId(`payload.${VERSIONED_DATA}.binary`);
  if (readId(data['host']) === undefined) return missingId(`payload.${VERSIONED_DATA}.host`);

  if (UNLISTED.has(data['binary'])) return { ignored: `${notice.eventType} of a service that Nova does not list` };

  const isGone = notice.eventType === 'service.delete';
  const told = { ...data, ...statusOf(data) };
  const more = isGone ? [] : ['disabled_reason', 'forced_down', 'status'];
  const eventOf = (datasource: string, fields: readonly string[]): JsonObject =>
    driverEvent(
      { datasource, action: 'update', at: notice.at, eventType: isGone ? 'delete_entity' : notice.eventType },
      told,
      [...fields, ...more],
    );
  const service = eventOf(NOVA_SERVICE, ['binary', 'host']);
  const events = data['binary'] === NOVA_COMPUTE ? [eventOf(NOVA_HOST, ['host']), service] : [service];
  return isGone || data['forced_down'] === true ? { events } : { events, poll: NOVA_SERVICE };
}

function statusOf(data: JsonObject): JsonObject {
  const { disabled } = data;
  return typeof disabled === 'boolean' ? { status: disabled ? 'disabled' : 'enabled' } : {};
}
