import { randomUUID } from 'node:crypto';
import type { EngineState } from '@wherefore/engine';
import {
  type ProcessContext,
  distributed,
  Notifications,
  placeOf,
  proposalsOf,
  roleOf,
  type RoleStatus,
  type RunningRole,
  type StatusAsker,
  Warnings,
} from '@wherefore/host';
import { ENTRY_VERSION, type NewEntry } from '@wherefore/model';
import { ALL_DATASOURCES } from '@wherefore/ports';
import { Processor, engineMachine, runTogether, type Term } from '@wherefore/runtime';
import { NewestSnapshot } from './newestSnapshot';
import { SnapshotThread } from './snapshotThread';

/** Who has not reported so many times in a row has ended, or hangs. */
const REPORTS_MISSED_MAX = 3;

/** Follows the log. Leads while it holds the lease `leader`: ticks and notifies; else it stands by. */
export async function startProcessor(context: ProcessContext): Promise<RunningRole> {
  const { id, config, log, timer } = context;
  const ports = distributed(context.ports);
  const snapshots = new SnapshotThread(ports.replaySource, async () => !(await isStoodBy(context)));
  const { warn } = new Warnings(log, timer);
  const notifications = await Notifications.open(config, ports.webhooks, timer, id);
  const processor = new Processor<EngineState>(
    {
      ...ports,
      machine: engineMachine,
      timer,
      derive: notifications.derive,
      receivers: notifications.receivers,
      epochs: { log: ports.streamLog, archiveWriter: ports.archiveWriter },
      takeSnapshot: (createdAtMs) => snapshots.take(createdAtMs),
      isStoodBy: () => isStoodBy(context),
    },
    {
      holder: id,
      ttlMs: config.processor.leaseTtlMs,
      presence: ports.presence,
      isCutOff: () => ports.links().broker?.isReachable === false,
      ticks: { everyMs: config.ticks.everySeconds * 1000 },
      snapshots: {
        everyEntries: config.snapshots.everyEntries,
        everyMs: config.snapshots.everyMinutes * 60_000,
      },
      desk: notifications.desk,
      // What was on its way to a stream that is gone may be lost: the sources tell it again.
      epochBegan: ({ number }) => ports.polls.request(ALL_DATASOURCES, `epoch ${number} of the log began`),
      proposals: (term, state) => proposals(context, term, state),
      warn,
    },
  );
  const newest = new NewestSnapshot(ports.snapshots, timer);
  const role = roleOf(
    (signal) => runTogether(signal, [(stop) => processor.run(stop), (stop) => notifications.run(stop)]),
    (asker) => statusOf(processor, newest, asker),
  );
  return {
    ...role,
    stop: async () => {
      await role.stop();
      await notifications.close();
      await snapshots.close();
    },
  };
}

/** Whether the board knows of another processor that is ready. One that fell silent, or is behind, takes no snapshots. */
async function isStoodBy({ id, ports }: ProcessContext): Promise<boolean> {
  const posted = await ports.board.list();
  return posted.some(
    ({ report, silentMs }) =>
      report.role === 'processor' &&
      report.id !== id &&
      report.phase === 'ready' &&
      silentMs <= REPORTS_MISSED_MAX * report.reportEveryMs,
  );
}

/** What the files of this process ask for that the state does not hold yet. */
function proposals({ config, timer }: ProcessContext, { fence }: Term, state: EngineState): NewEntry[] {
  const { templates, sections } = proposalsOf(config, state);
  const base = (): Pick<NewEntry, 'id' | 'version' | 'source' | 'ingestedAtMs'> & { fence: Term['fence'] } => ({
    id: randomUUID(),
    version: ENTRY_VERSION,
    source: 'files',
    ingestedAtMs: timer.nowMs(),
    fence,
  });
  const entries: NewEntry[] = sections.map((each) => ({ kind: 'config-set', ...base(), ...each }));
  if (templates.length > 0) entries.push({ kind: 'template-add', ...base(), templates, overwrite: true });
  return entries;
}

async function statusOf(
  processor: Processor<EngineState>,
  snapshots: NewestSnapshot,
  asker: StatusAsker,
): Promise<RoleStatus> {
  const { follower, term, isReady } = processor;
  const newest = await snapshots.header();
  const state = follower?.state;
  return {
    ...(isReady ? {} : { unready: state === undefined ? 'reading a snapshot' : 'applying what was archived' }),
    ...(state === undefined ? {} : placeOf(state, asker)),
    ...(newest === undefined ? {} : { lastSnapshot: newest }),
    leads: term === undefined ? [] : [{ lease: term.fence.lease, epoch: term.epoch, sinceMs: term.sinceMs }],
  };
}
