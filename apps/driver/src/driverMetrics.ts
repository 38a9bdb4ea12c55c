import type { Metrics } from '@wherefore/host';
import type { CloudWatch } from '@wherefore/openstack';
import type { PollReport } from './polling/poller';

/** What a driver counts, at `/metrics`. */
export interface DriverMetrics extends Required<Pick<CloudWatch, 'answered' | 'retried'>> {
  polled(report: PollReport): void;
}

/** Adds the driver's own to the metrics of the process. */
export function driverMetrics({ registry, prometheus: { Counter, Gauge } }: Metrics): DriverMetrics {
  const registers = [registry];
  const polls = new Counter({
    name: 'wherefore_driver_polls_total',
    help: 'Polls that ended, complete or failed.',
    labelNames: ['source', 'result'],
    registers,
  });
  const rows = new Counter({
    name: 'wherefore_driver_rows_total',
    help: 'Rows of polls that were told the log.',
    labelNames: ['source'],
    registers,
  });
  const seconds = new Gauge({
    name: 'wherefore_driver_poll_seconds',
    help: 'How long the last poll took.',
    labelNames: ['source'],
    registers,
  });
  const complete = new Gauge({
    name: 'wherefore_driver_last_complete_timestamp_seconds',
    help: 'When the last complete poll began, as a Unix time.',
    labelNames: ['source'],
    registers,
  });
  const answers = new Counter({
    name: 'wherefore_driver_answers_total',
    help: 'Answers of the services of a cloud, by status.',
    labelNames: ['service', 'status'],
    registers,
  });
  const retries = new Counter({
    name: 'wherefore_driver_retries_total',
    help: 'Questions that were asked again.',
    labelNames: ['service'],
    registers,
  });
  return {
    polled: ({ source, kind, rowCount, startedAtMs, tookMs }) => {
      polls.inc({ source, result: kind });
      rows.inc({ source }, rowCount);
      seconds.set({ source }, tookMs / 1000);
      if (kind === 'complete') complete.set({ source }, startedAtMs / 1000);
    },
    answered: (service, status) => answers.inc({ service, status: String(status) }),
    retried: (service) => retries.inc({ service }),
  };
}
