import { isJsonObject } from '@wherefore/model';
import type { Converter } from '../reading/entity';
import { kindOf, malformed, missingId, PropertyDraft, readId } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import { stubNeighbour } from '../reading/entity';
import { NOVA_HOST } from '../nova/host';
import { alarmEvent, alarmState, isRemoval } from './alarmEvent';

export const DOCTOR = 'doctor';

const DEFAULT_SEVERITY = 'critical';

/**
 * A fault that a Doctor monitor reports of a host. All `details` become properties; status `up` clears
 * the alarm of the same type on the same host. While the status stays, the time of the first report does.
 */
export const convertDoctor: Converter = (sample) => {
  const { event } = sample;
  const { details } = event;
  if (!isJsonObject(details)) return malformed('details', `details is ${kindOf(details)}, not an object.`);
  const host = readId(details['hostname']);
  if (host === undefined) return missingId('details.hostname');
  const type = readId(event['type']);
  if (type === undefined) return missingId('type');
  const { status } = details;
  if (status !== 'up' && status !== 'down' && !isRemoval(sample.action)) {
    return malformed('details.status', 'details.status is neither "up" nor "down".');
  }

  const isActive = status === 'down' && !isRemoval(sample.action);
  const time = normaliseTimestamp(event['time']) ?? sample.timestamp;
  const draft = new PropertyDraft()
    .others(details, 'details')
    .set('name', type)
    .set('state', alarmState(isActive))
    .text('severity', details['severity'] ?? DEFAULT_SEVERITY, 'details.severity')
    .set('update_timestamp', time);
  if (draft.fault !== undefined) return draft.fault;
  const alarm = alarmEvent(sample, {
    type: DOCTOR,
    key: `ALARM:doctor:${type}:${host}`,
    isActive,
    properties: draft.patch,
    neighbours: [stubNeighbour(NOVA_HOST, host, 'on', 'to-neighbour')],
  });
  return { ...alarm, keep: { property: 'update_timestamp', whileUnchanged: 'status' } };
};
