import type { EngineState } from '@wherefore/engine';
import { type ProcessContext, distributed, roleOf, type RoleStatus, type RunningRole, Warnings } from '@wherefore/host';
import { comparePositions, formatPosition } from '@wherefore/model';
import { Persister, engineMachine } from '@wherefore/runtime';

/** How far the history may be behind the archive before an operator is told. */
const HISTORY_LAG_NOTED = 5000;
/** Where every append waits for the archive. */
const AWAITED_GATHER_MS = 50;

/** Keeps archive and history while it holds the lease `persister`; else it stands by. */
export async function startPersister(context: ProcessContext): Promise<RunningRole> {
  const { id, config, log, timer } = context;
  const ports = distributed(context.ports);
  const { leaseTtlMs, expireEveryMinutes } = config.persister;
  let stuck: string | undefined;
  const persister = new Persister<EngineState>(
    {
      ...ports,
      machine: engineMachine,
      timer,
      epochs: ports.streamLog,
      expire: async (epoch, nowMs) => {
        const { kind, snapshots, horizon } = await ports.expire({ nowMs, epoch });
        if (kind === 'expired' && snapshots.length > 0) {
          log.info({ snapshots: snapshots.length, horizon: formatPosition(horizon) }, 'let go of what is too old');
        }
      },
    },
    {
      holder: id,
      ttlMs: leaseTtlMs,
      presence: ports.presence,
      isCutOff: () => ports.links().broker?.isReachable === false,
      expireEveryMs: expireEveryMinutes * 60_000,
      snapshots: {
        everyEntries: config.snapshots.everyEntries,
        everyMs: config.snapshots.everyMinutes * 60_000,
      },
      ...(config.broker.durability === 'archived' ? { readGatherMs: AWAITED_GATHER_MS } : {}),
      warn: new Warnings(log, timer).warn,
      stuck: (error) => {
        stuck = error.message;
        log.error({ err: error }, 'the history cannot go on from an entry; the archive goes on');
      },
    },
  );
  return roleOf(
    (signal) => persister.run(signal),
    () => statusOf(persister, ports, stuck),
  );
}

/** Where the archive is: it tells for every persister, whichever writes it. */
async function statusOf(
  persister: Persister<EngineState>,
  { archive }: ReturnType<typeof distributed>,
  stuck: string | undefined,
): Promise<RoleStatus> {
  const ordinal = await archive.count();
  const [last] = ordinal === 0 ? [] : await archive.lookup([ordinal]);
  const { term, historyCursor } = persister;
  const position = last?.position ?? (await archive.cursor());
  const isBehind =
    term !== undefined &&
    historyCursor !== undefined &&
    (historyCursor.epoch !== position.epoch || position.offset - historyCursor.offset > HISTORY_LAG_NOTED) &&
    comparePositions(historyCursor, position) < 0;
  const note =
    stuck !== undefined
      ? `the history is stuck: ${stuck}`
      : isBehind
        ? `the history is at ${formatPosition(historyCursor)}`
        : '';
  return {
    ...{ position, ordinal, note },
    ...(last === undefined ? {} : { logTimeMs: last.entry.ingestedAtMs }),
    leads: term === undefined ? [] : [{ lease: term.fence.lease, epoch: term.epoch, sinceMs: term.sinceMs }],
  };
}
