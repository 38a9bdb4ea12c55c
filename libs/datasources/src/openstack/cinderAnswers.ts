import { type Json, type JsonObject, isJsonObject } from '@wherefore/model';
import { CINDER_BACKEND, CINDER_POOL } from '../cinder/backend';
import { CINDER_SERVICE, CINDER_VOLUME_BINARY } from '../cinder/service';
import { CINDER_SNAPSHOT } from '../cinder/snapshot';
import { CINDER_VOLUME } from '../cinder/volume';
import { readId, readObject } from '../reading/properties';
import { type NamedReaders, only, reader } from './answerReader';
import { type DriverFrame, driverEvent, pickFields } from './driverEvent';
import {
  backendField,
  BACKEND_FIELDS,
  POOL_FIELDS,
  SNAPSHOT_ROW_FIELDS,
  STORAGE_SERVICE_FIELDS,
  VOLUME_ROW_FIELDS,
} from './sourceFields';

/**
 * The answers of Cinder. That of the services is a poll of the backends too. That of the attachments is a
 * poll of nothing: an attachment is an edge of its volume, and the volumes tell of those that hold.
 */
export const CINDER_ANSWERS: readonly NamedReaders[] = [
  ['cinder-volumes', [reader(CINDER_VOLUME, 'volumes', 'id', readVolume)]],
  ['cinder-snapshots', [reader(CINDER_SNAPSHOT, 'snapshots', 'id', only(SNAPSHOT_ROW_FIELDS))]],
  ['cinder-attachments', []],
  [
    'cinder-services',
    [
      reader(CINDER_SERVICE, 'services', ['binary', 'host'], only(STORAGE_SERVICE_FIELDS)),
      reader(CINDER_BACKEND, 'services', 'host', readBackend),
    ],
  ],
  ['cinder-pools', [reader(CINDER_POOL, 'pools', 'name', readPool)]],
];

function readBackend(frame: DriverFrame, row: JsonObject): JsonObject | undefined {
  return row['binary'] === CINDER_VOLUME_BINARY ? driverEvent(frame, row, BACKEND_FIELDS) : undefined;
}

/** What a pool can do stands below `capabilities`, and only in a detailed answer. */
function readPool(frame: DriverFrame, row: JsonObject): JsonObject {
  const capabilities = pickFields(readObject(row, 'capabilities') ?? {}, POOL_FIELDS);
  return { ...driverEvent(frame, row, ['name']), ...capabilities };
}

function readVolume(frame: DriverFrame, row: JsonObject): JsonObject {
  const event = { ...driverEvent(frame, row, VOLUME_ROW_FIELDS), ...backendField(row['os-vol-host-attr:host']) };
  const { attachments } = row;
  if (!Array.isArray(attachments)) return event;
  const servers = (attachments as readonly Json[]).flatMap((attachment) => {
    const server = isJsonObject(attachment) ? readId(attachment['server_id']) : undefined;
    return server === undefined ? [] : [server];
  });
  return { ...event, attached_servers: servers };
}
