import { createRequire } from 'node:module';
import type * as PromClient from 'prom-client';
import type { ProcessReport } from '@wherefore/ports';

/** A delay of the event loop is at least so long in the metrics. Each sample wakes the process: every 10 ms costs 6 ms of cpu a second. */
const LAG_SAMPLED_EVERY_MS = 50;

/** `/metrics` of a process: what it reports to the board, and what Node tells of itself. */
export class Metrics {
  /** Roles add their own here; names begin with `wherefore_`. */
  readonly registry: PromClient.Registry;
  private readonly client: typeof PromClient;
  private readonly gauges: { readonly [Name in GaugeName]: PromClient.Gauge };

  constructor(identity: { readonly id: string; readonly role: string; readonly version: string }) {
    // Loaded as needed: no other command serves metrics.
    this.client = createRequire(__filename)('prom-client') as typeof PromClient;
    const { Registry, Gauge, collectDefaultMetrics } = this.client;
    this.registry = new Registry();
    this.registry.setDefaultLabels({ role: identity.role });
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: LAG_SAMPLED_EVERY_MS });
    const gauge = (name: GaugeName): PromClient.Gauge => {
      const { help, labelNames } = GAUGES[name];
      return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.registry] });
    };
    const names = Object.keys(GAUGES) as GaugeName[];
    this.gauges = Object.fromEntries(names.map((name) => [name, gauge(name)])) as typeof this.gauges;
    this.gauges.wherefore_process_info.set({ id: identity.id, version: identity.version }, 1);
  }

  /** A counter or gauge of a role. */
  get prometheus(): typeof PromClient {
    return this.client;
  }

  /** The text format of Prometheus, with what the report says. */
  async text(report: ProcessReport, nowMs: number): Promise<string> {
    const { gauges } = this;
    gauges.wherefore_ready.set(report.phase === 'ready' ? 1 : 0);
    if (report.ordinal !== null) gauges.wherefore_applied_entries.set(report.ordinal);
    if (report.logTimeMs !== null) {
      gauges.wherefore_log_time_seconds.set(report.logTimeMs / 1000);
      gauges.wherefore_log_time_age_seconds.set(Math.max(0, nowMs - report.logTimeMs) / 1000);
    }
    gauges.wherefore_lease_epoch.reset();
    for (const { lease, epoch } of report.leads) gauges.wherefore_lease_epoch.set({ lease }, epoch);
    gauges.wherefore_link_up.reset();
    for (const link of ['broker', 'database'] as const) {
      const health = report[link];
      if (health !== null) gauges.wherefore_link_up.set({ link }, health.isReachable ? 1 : 0);
    }
    if (report.lastSnapshot !== null) {
      gauges.wherefore_snapshot_age_seconds.set(Math.max(0, nowMs - report.lastSnapshot.createdAtMs) / 1000);
    }
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }
}

const GAUGES = {
  wherefore_process_info: { help: 'Always 1; the labels say which process this is.', labelNames: ['id', 'version'] },
  wherefore_ready: { help: '1 when /readyz answers with 200.', labelNames: [] },
  wherefore_applied_entries: { help: 'How many entries of the log were applied, ever.', labelNames: [] },
  wherefore_log_time_seconds: { help: 'The log time of the state, as a Unix time.', labelNames: [] },
  wherefore_log_time_age_seconds: {
    help: 'How far the log time is behind the clock. Up to the time between ticks when all is well.',
    labelNames: [],
  },
  wherefore_lease_epoch: { help: 'Epoch of each lease that this process holds.', labelNames: ['lease'] },
  wherefore_link_up: { help: '1 when broker or database can be reached.', labelNames: ['link'] },
  wherefore_snapshot_age_seconds: { help: 'Age of the newest snapshot.', labelNames: [] },
} as const;

type GaugeName = keyof typeof GAUGES;
