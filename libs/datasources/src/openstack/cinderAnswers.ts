import type { JsonObject } from '@wherefore/model';
import { CINDER_VOLUME } from '../cinder/volume';
import { type NamedReaders, reader } from './answerReader';
import { type DriverFrame, driverEvent, pickFromEach } from './driverEvent';
import { VOLUME_ROW_FIELDS } from './sourceFields';

/** The answers of Cinder. */
export const CINDER_ANSWERS: readonly NamedReaders[] = [
  ['cinder-volumes', [reader(CINDER_VOLUME, 'volumes', 'id', readVolume)]],
];

function readVolume(frame: DriverFrame, row: JsonObject): JsonObject {
  const event = driverEvent(frame, row, VOLUME_ROW_FIELDS);
  const attachments = pickFromEach(row['attachments'], ['server_id']);
  return attachments === undefined ? event : { ...event, attachments };
}
