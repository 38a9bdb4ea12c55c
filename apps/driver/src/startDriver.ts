import type { Log, ProcessContext, RoleStatus, RunningRole } from '@wherefore/host';
import type { CloudWatch } from '@wherefore/openstack';
import { Driver, type DriverEars } from './driver';
import { type DriverMetrics, driverMetrics } from './driverMetrics';
import type { PollReport } from './polling/poller';
import { configuredSources, intervalsOf } from './sources/configuredSources';
import type { PollSource } from './sources/pollSource';

/** After a failure a source is asked again sooner than its interval would have it, but not at once. */
const AFTER_FAILURE = { firstPauseMs: 5_000, pauseMaxMs: 300_000 };

/** Starts the role that polls what the configuration names. Rejects `invalid-config`, `file-unreadable`. */
export async function startDriver({ id, config, log, ports, timer, metrics }: ProcessContext): Promise<RunningRole> {
  const counts = driverMetrics(metrics);
  const random = Math.random;
  const { sources, close } = configuredSources(config, { timer, random, watch: cloudWatch(log, counts) });
  const { leaseTtlMs, pollsAtATime, intervalSeconds, pollTimeoutSeconds } = config.driver;
  const intervals = intervalsOf(config.driver);
  const dutyOf = ({ name }: PollSource) => ({
    intervalMs: intervals.get(name) ?? intervalSeconds * 1000,
    timeoutMs: pollTimeoutSeconds * 1000,
    afterFailure: AFTER_FAILURE,
  });
  const calls = ports.kind === 'distributed' ? { requests: ports.polls, epochs: ports.epochs } : {};
  const driver = new Driver(
    { log: ports.log, leases: ports.leases, calls, timer, random },
    {
      ...{ sources, holder: id, leaseTtlMs, pollsAtATime, dutyOf },
      isCutOff: () => ports.links().broker?.isReachable === false,
    },
    driverEars(log, counts),
  );
  const stopping = new AbortController();
  const ended = driver.run(stopping.signal).then(
    () => undefined,
    (error: unknown) => error,
  );
  return {
    ended,
    status: () => statusOf(driver),
    stop: async () => {
      stopping.abort(new Error('asked to end'));
      await ended;
      close();
    },
  };
}

function statusOf({ held, reports }: Driver): RoleStatus {
  const failed = [...reports.values()].filter(({ kind }) => kind === 'failed');
  const [first] = failed;
  if (first === undefined) return { leads: held };
  const others = failed.length === 1 ? '' : ` (and ${failed.length - 1} more)`;
  return { leads: held, note: `the last poll of ${first.source} failed: ${first.reason}${others}` };
}

function driverEars(log: Log, counts: DriverMetrics): DriverEars {
  return {
    polled: (report) => {
      counts.polled(report);
      tell(log, report);
    },
    leads: (source, epoch, isLeading) =>
      log.info({ source, epoch }, isLeading ? 'polls this source from now on' : 'polls this source no longer'),
    troubled: (error) => log.warn({ err: error }, 'trouble that passes'),
  };
}

function tell(log: Log, { source, kind, reason, rowCount, pageCount, tookMs }: PollReport): void {
  const facts = { source, rows: rowCount, pages: pageCount, tookMs };
  if (kind === 'complete') log.debug(facts, 'a poll is complete');
  else log.warn({ ...facts, reason }, 'a poll failed; it deletes nothing');
}

/** Services answer those who may see only their own with less, and no error: then all else would be taken for gone. */
function cloudWatch(log: Log, { answered, retried }: DriverMetrics): CloudWatch {
  return {
    answered,
    retried: (service, why) => {
      retried(service, why);
      log.debug({ service, why }, 'asking again');
    },
    loggedIn: ({ userName, roles }) => {
      log.info({ user: userName, roles }, 'logged in to Keystone');
      if (roles.includes('admin')) return;
      log.warn(
        { user: userName, roles },
        'this user has not the role admin: unless the policy says otherwise, lists hold its own project only',
      );
    },
  };
}
