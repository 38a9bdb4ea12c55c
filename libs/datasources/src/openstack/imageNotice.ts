import { type JsonObject } from '@wherefore/model';
import { GLANCE_IMAGE } from '../glance/image';
import { missingId, readId, readObject } from '../reading/properties';
import { type DriverFrame, driverEvent, pickFields } from './driverEvent';
import type { Notice, NoticeAnswer } from './notification';
import { IMAGE_FIELDS, IMAGE_ORIGIN_FIELDS } from './sourceFields';

/** Those that carry the whole image. Others tell of a download, or of who may use it. */
const WHOLE: ReadonlySet<string> = new Set(
  ['create', 'prepare', 'upload', 'activate', 'update', 'deactivate', 'reactivate'].map((name) => `image.${name}`),
);

/** `image.*`: the image as the API shows it, but for the properties, which are an object of their own. */
export function readImageNotice(notice: Notice): NoticeAnswer {
  const { payload, eventType } = notice;
  const isDeletion = eventType === 'image.delete';
  if (!isDeletion && !WHOLE.has(eventType)) return { ignored: `no entity hangs on ${eventType}` };
  const id = readId(payload['id']);
  if (id === undefined) return missingId('payload.id');
  // An image whose data waits to be deleted is one that the API no longer shows.
  if (isDeletion || payload['deleted'] === true) {
    return { events: [driverEvent(frameOf(notice, 'delete_entity'), { id }, ['id'])] };
  }
  const origin = pickFields(readObject(payload, 'properties') ?? {}, IMAGE_ORIGIN_FIELDS);
  const told: JsonObject = { ...pickFields(payload, IMAGE_FIELDS), ...origin };
  return { events: [driverEvent(frameOf(notice, eventType), told, [...IMAGE_FIELDS, ...IMAGE_ORIGIN_FIELDS])] };
}

function frameOf(notice: Notice, eventType: string): DriverFrame {
  return { datasource: GLANCE_IMAGE, action: 'update', at: notice.at, eventType };
}
