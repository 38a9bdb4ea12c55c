import { type Json, type JsonObject, isJsonObject } from '@wherefore/model';
import { driverEvents } from '../posted/driverEvents';
import type { Notice, NoticeAnswer } from './notification';

/** What monitors and Vitrage's event API send on the topic `vitrage_notifications`. */
export const MONITOR_NOTICES = /^(vitrage\.custom\.event|prometheus\.alarm$|(zabbix|collectd|kapacitor)\.alarm\.)/;

/**
 * A report of a monitor. Vitrage's event API wraps it as `{type, time, details}`; the scripts that monitors run send
 * the fields bare. Both give what the same report gives when it is posted.
 */
export function readMonitorNotice({ eventType, payload, at, options }: Notice): NoticeAnswer {
  const { type, time, details } = payload;
  const isWrapped = typeof type === 'string' && isJsonObject(details);
  // The event type of a fault of a host says only whether it began or ended.
  const named = isWrapped && eventType.startsWith('vitrage.custom.event') ? type : eventType;
  const body: Record<string, Json> = { type: named, details: isWrapped ? details : payload };
  if (isWrapped && typeof time === 'string') body['time'] = time;
  return driverEvents(body as JsonObject, { userAgent: '', nowText: at, datasources: options.datasources ?? {} });
}
