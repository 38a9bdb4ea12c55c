import type { AlarmView } from '@wherefore/contract';
import { callEntity, severityOf } from '../rendering/naming';
import { paintSeverity } from '../rendering/severity';
import { noteMoment } from '../rendering/moment';
import { withDesk } from '../sources/chooseDesk';
import type { DeskOptions } from '../sources/desk';
import { type Column, formatTable } from '../terminal/table';
import type { Terminal } from '../terminal/terminal';
import { count } from '../terminal/text';
import { formatNear } from '../time/formatTime';
import { readWhen } from '../time/readWhen';

export interface AlarmsOptions extends DeskOptions {
  readonly at?: string;
  readonly json?: boolean;
}

/** `wherefore alarms`: what is wrong, the worst first. */
export async function alarms(match: string, options: AlarmsOptions, terminal: Terminal): Promise<void> {
  const when = readWhen(options.at, terminal);
  await withDesk(options, terminal, async (desk) => {
    const answer = await desk.alarms({ ...when, ...(match === '' ? {} : { match }) });
    if (options.json === true) return terminal.json(answer);
    noteMoment(answer.answeredAt, terminal);
    if (answer.alarms.length === 0)
      return terminal.note(match === '' ? 'No alarms.' : `No alarm answers to "${match}".`);
    terminal.data(formatTable(answer.alarms, columns(terminal, Date.parse(answer.answeredAt.at)), terminal));
    terminal.aside(count(answer.alarms.length, 'alarm'));
  });
}

function columns({ paint }: Terminal, atMs: number): Column<AlarmView>[] {
  return [
    { title: 'SEVERITY', value: severityOf, paint: (text, alarm) => paintSeverity(paint, severityOf(alarm), text) },
    { title: 'ALARM', value: ({ name }) => name, isFlexible: true },
    { title: 'ON', value: ({ resource }) => resource?.type ?? '' },
    {
      title: 'RESOURCE',
      value: ({ resource }) => (resource === undefined ? '' : callEntity(resource)),
      isFlexible: true,
    },
    { title: 'STATE', isOptional: true, value: ({ state }) => state },
    { title: 'SINCE', value: ({ since }) => formatNear(Date.parse(since), atMs) },
    { title: 'SOURCE', isOptional: true, value: ({ type }) => type },
    { title: 'ID', value: ({ vitrageId }) => vitrageId, isOptional: true, paint: (text) => paint.dim(text) },
  ];
}
