import { AODH } from '../alarms/aodh';
import { type NamedReaders, reader } from './answerReader';
import { alarmRow } from './aodhNotice';

/** The answers of Aodh. */
export const AODH_ANSWERS: readonly NamedReaders[] = [
  ['aodh-alarms', [{ ...reader(AODH, undefined, 'alarm_id', alarmRow), category: 'ALARM' }]],
];
