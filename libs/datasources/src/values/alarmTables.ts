import type { OperationalValue, ValueRank, ValueTable } from './valueTable';

/**
 * What the severities of alarms mean. Where Vitrage has a value, its priority and operational value are
 * Vitrage's; values that it lacks stand after a comment that says why they are where they are.
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
    // UNREACHABLE: a host behind a dead one. Not known to be at fault itself, but out of reach like one.
    rank(40, 'CRITICAL', 'CRITICAL', 'DOWN', 'UNREACHABLE'),
    WARNING,
    // PENDING: not checked yet.
    rank(20, 'N/A', 'UNKNOWN', 'PENDING'),
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
  // Doctor's severity is whatever the monitor sends: the usual words, in the usual order.
  'doctor': alarm(
    CRITICAL,
    rank(35, 'SEVERE', 'MAJOR', 'SEVERE'),
    rank(30, 'WARNING', 'WARNING', 'MINOR'),
    rank(10, 'OK', 'OK'),
  ),
  'prometheus': alarm(
    // PAGE and EMERGENCY: what wakes somebody up, in many rule books.
    rank(40, 'CRITICAL', 'CRITICAL', 'PAGE', 'EMERGENCY'),
    // MAJOR, HIGH and ERROR lie between critical and warning wherever they are used.
    rank(35, 'SEVERE', 'MAJOR', 'HIGH', 'ERROR'),
    rank(30, 'WARNING', 'WARNING', 'MINOR', 'TICKET'),
    // INFO and NONE (the Watchdog alert) tell of no trouble.
    rank(10, 'OK', 'RESOLVED', 'INFO', 'NONE', 'OK'),
  ),
  'collectd': alarm(rank(40, 'CRITICAL', 'FAILURE'), WARNING, OK),
  'kapacitor': alarm(CRITICAL, rank(20, 'WARNING', 'WARNING', 'INFO'), OK),
  'monasca': alarm(rank(30, 'CRITICAL', 'ALARM'), rank(20, 'N/A', 'UNDETERMINED'), OK),
};
