import { type JsonObject, isJsonObject } from '@wherefore/model';
import { NOVA_AGGREGATE } from '../nova/aggregate';
import { malformed, missingId, readId, readObject } from '../reading/properties';
import { type DriverFrame, driverEvent, pickFields } from './driverEvent';
import type { Notice, NoticeAnswer } from './notification';
import { AGGREGATE_FIELDS } from './sourceFields';
import { noVersionedData, VERSIONED_DATA, versionedData } from './versionedData';

/**
 * `aggregate.*.end`, in both formats of Nova. The versioned one carries the whole aggregate. The older one
 * carries what was asked for: which host came or went, which keys of the metadata changed.
 */
export function readAggregateNotice(notice: Notice): NoticeAnswer {
  const { payload, eventType } = notice;
  if (!eventType.endsWith('.end')) return { ignored: `${eventType} tells of an intention only` };
  return VERSIONED_DATA in payload ? readVersioned(notice) : readLegacy(notice);
}

function readVersioned(notice: Notice): NoticeAnswer {
  const data = versionedData(notice.payload);
  if (data === undefined) return noVersionedData(notice.payload);
  const id = readId(data['id']);
  if (id === undefined) return missingId(`payload.${VERSIONED_DATA}.id`);
  if (notice.eventType === 'aggregate.delete.end') return deletion(notice, id);
  const told = { ...pickFields(data, AGGREGATE_FIELDS), ...zoneOf(readObject(data, 'metadata')) };
  return { events: [driverEvent(frameOf(notice, notice.eventType), told, AGGREGATE_FIELDS)] };
}

function readLegacy(notice: Notice): NoticeAnswer {
  const { payload, eventType } = notice;
  const id = readId(payload['aggregate_id']);
  if (id === undefined) return missingId('payload.aggregate_id');
  const base = { id, ...pickFields(payload, ['name']) };
  const metadata = readObject(payload, 'meta_data');
  switch (eventType) {
    case 'aggregate.delete.end':
      return deletion(notice, id);
    case 'aggregate.create.end': {
      const created = metadata === undefined ? base : { ...base, metadata, ...zoneOf(metadata) };
      return { events: [driverEvent(frameOf(notice, eventType), created, AGGREGATE_FIELDS)] };
    }
    case 'aggregate.addhost.end':
      return hostChange(notice, base, 'update_relationship');
    case 'aggregate.removehost.end':
      return hostChange(notice, base, 'delete_relationship');
    default:
      return partialChange(notice, base, metadata);
  }
}

/**
 * Two events. The first says no more than that something is known of the aggregate as of now: changes of
 * relationships leave no time, and without it an older one that is late would undo this one.
 */
function hostChange(notice: Notice, base: JsonObject, eventType: string): NoticeAnswer {
  const host = readId(notice.payload['host_name']);
  if (host === undefined) return missingId('payload.host_name');
  return {
    events: [
      driverEvent(frameOf(notice, notice.eventType), base, AGGREGATE_FIELDS),
      driverEvent(frameOf(notice, eventType), { ...base, hosts: [host] }, AGGREGATE_FIELDS),
    ],
  };
}

/** Of the metadata only the keys that change are told, so that only the API tells the whole. */
function partialChange(notice: Notice, base: JsonObject, metadata: JsonObject | undefined): NoticeAnswer {
  const { payload, eventType } = notice;
  if (payload['meta_data'] !== undefined && payload['meta_data'] !== null && !isJsonObject(payload['meta_data'])) {
    return malformed('payload.meta_data', 'meta_data is not an object.');
  }
  const zone = metadata === undefined || !('availability_zone' in metadata) ? {} : zoneOf(metadata);
  if (!('name' in base) && !('availability_zone' in zone)) {
    return { ignored: `${eventType} does not tell the whole aggregate`, poll: NOVA_AGGREGATE };
  }
  const told = driverEvent(frameOf(notice, eventType), { ...base, ...zone }, AGGREGATE_FIELDS);
  return { events: [told], poll: NOVA_AGGREGATE };
}

function deletion(notice: Notice, id: string): NoticeAnswer {
  return { events: [driverEvent(frameOf(notice, 'delete_entity'), { id }, ['id'])] };
}

/** The zone that the whole metadata of an aggregate makes it; null when it makes none. */
function zoneOf(metadata: JsonObject | undefined): JsonObject {
  return metadata === undefined ? {} : { availability_zone: metadata['availability_zone'] ?? null };
}

function frameOf(notice: Notice, eventType: string): DriverFrame {
  return { datasource: NOVA_AGGREGATE, action: 'update', at: notice.at, eventType };
}
