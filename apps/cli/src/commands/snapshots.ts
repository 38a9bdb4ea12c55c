import type { SnapshotView } from '@wherefore/contract';
import { withDesk } from '../sources/chooseDesk';
import type { DeskOptions } from '../sources/desk';
import { type Column, formatTable } from '../terminal/table';
import type { Terminal } from '../terminal/terminal';
import { formatNumber } from '../terminal/text';
import { formatInstant } from '../time/formatTime';

export interface SnapshotsOptions extends DeskOptions {
  readonly json?: boolean;
}

/** `wherefore snapshots`: from where past moments are replayed. */
export async function snapshots(options: SnapshotsOptions, terminal: Terminal): Promise<void> {
  await withDesk(options, terminal, async (desk) => {
    const answer = await desk.snapshots();
    if (options.json === true) return terminal.json(answer);
    if (answer.snapshots.length === 0) {
      return terminal.note('No snapshots yet: past moments are replayed from the first entry.');
    }
    terminal.data(formatTable(answer.snapshots, columns(terminal), terminal));
  });
}

function columns({ paint }: Terminal): Column<SnapshotView>[] {
  return [
    { title: 'KNOWN', value: ({ knownAt }) => formatInstant(Date.parse(knownAt)) },
    { title: 'POSITION', value: ({ position }) => position },
    { title: 'ENTRIES', value: ({ ordinal }) => formatNumber(ordinal), align: 'right' },
    { title: 'BYTES', value: ({ byteCount }) => formatNumber(byteCount), align: 'right' },
    { title: 'BEHAVIOUR', value: ({ behaviour }) => String(behaviour), align: 'right' },
    { title: 'HASH', isOptional: true, value: ({ stateHash }) => stateHash, paint: (text) => paint.dim(text) },
    {
      title: 'TAKEN',
      isOptional: true,
      value: ({ createdAt }) => formatInstant(Date.parse(createdAt)),
      paint: (text) => paint.dim(text),
    },
  ];
}
