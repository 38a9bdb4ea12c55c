import type { ActiveAlarm } from '@wherefore/answering';
import type { Properties } from '@wherefore/model';
import { activeAlarm } from './alarmShapes';

interface Written {
  readonly since: string;
  readonly text: string;
}

/**
 * What was written of properties that may come again: the live state gives the same object for as long as
 * nothing changed.
 */
const written = new WeakMap<Properties, Written>();

/** The JSON of an active alarm as Vitrage lists it. */
export function activeAlarmText(alarm: ActiveAlarm): string {
  const known = written.get(alarm.properties);
  if (known !== undefined && known.since === alarm.since) return known.text;
  const text = JSON.stringify(activeAlarm(alarm));
  written.set(alarm.properties, { since: alarm.since, text });
  return text;
}
