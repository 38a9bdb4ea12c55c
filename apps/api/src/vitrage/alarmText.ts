import type { ActiveAlarm } from '@wherefore/answering';
import type { Properties } from '@wherefore/model';
import { JsonText, listText } from '../http/jsonText';
import { activeAlarm } from './alarmShapes';
import { KeptChunks } from './keptChunks';

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
function activeAlarmText(alarm: ActiveAlarm): string {
  const known = written.get(alarm.properties);
  if (known !== undefined && known.since === alarm.since) return known.text;
  const text = JSON.stringify(activeAlarm(alarm));
  written.set(alarm.properties, { since: alarm.since, text });
  return text;
}

const NO_MARKS: readonly number[] = [];
/** So many are put together faster than they are looked up. */
const SHORT = 64;
const OPEN = Buffer.from('[');
const CLOSE = Buffer.from(']');

const chunks = new KeptChunks<ActiveAlarm>(0, (alarm) => `,${activeAlarmText(alarm)}`);

/** The JSON of a list of active alarms. What was written of those of the live state is sent again. */
export function activeAlarmsText(alarms: readonly ActiveAlarm[]): JsonText {
  if (alarms.length <= SHORT) return listText(alarms.map(activeAlarmText));
  return new JsonText([OPEN, ...chunks.slices(alarms, NO_MARKS), CLOSE]);
}
