import type { OperationalValue, ValueRank, ValueTable } from './valueTable';

/**
 * What the severities of alarms mean in Vitrage 9: its priorities, its operational values, and no word
 * more. What it leaves out is in `completions.ts`.
 */

function rank(priority: number, operational: OperationalValue, ...names: readonly string[]): ValueRank {
  return { priority, names: names.map((name) => ({ name, operational })) };
}

function alarm(...values: readonly ValueRank[]): ValueTable {
  return { category: 'ALARM', values };
}

const CRITICAL = rank(40, 'CRITICAL', 'CRITICAL');
const WARNING = rank(30, 'WARNING', 'WARNING');
const OK = rank(10, 'OK', 'OK');

/** Alarm tables by type. */
export const ALARM_TABLES: { readonly [type: string]: ValueTable } = {
  'vitrage': alarm(
    rank(50, 'CRITICAL', 'CRITICAL'),
    rank(40, 'SEVERE', 'SEVERE', 'MAJOR'),
    rank(30, 'WARNING', 'WARNING', 'MINOR'),
    rank(20, 'N/A', 'UNKNOWN'),
    OK,
  ),
  'nagios': alarm(
    rank(40, 'CRITICAL', 'CRITICAL', 'DOWN'),
    WARNING,
    rank(20, 'N/A', 'UNKNOWN'),
    rank(10, 'OK', 'OK', 'UP'),
  ),
  'zabbix': alarm(
    rank(50, 'CRITICAL', 'HIGH', 'DISASTER'),
    rank(40, 'SEVERE', 'AVERAGE'),
    WARNING,
    rank(20, 'N/A', 'NOT CLASSIFIED'),
    rank(10, 'OK', 'OK', 'INFORMATION'),
  ),
  'aodh': alarm(
    CRITICAL,
    rank(30, 'SEVERE', 'MODERATE'),
    rank(20, 'WARNING', 'LOW'),
    rank(20, 'N/A', 'INSUFFICIENT DATA'),
    rank(10, 'OK', 'OK', 'UP'),
  ),
  'doctor': alarm(CRITICAL, OK),
  'prometheus': alarm(CRITICAL, WARNING, rank(10, 'OK', 'RESOLVED')),
  'collectd': alarm(rank(40, 'CRITICAL', 'FAILURE'), WARNING, OK),
  'kapacitor': alarm(CRITICAL, rank(20, 'WARNING', 'WARNING', 'INFO'), OK),
  'monasca': alarm(rank(30, 'CRITICAL', 'ALARM'), rank(20, 'N/A', 'UNDETERMINED'), OK),
};
