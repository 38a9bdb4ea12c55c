import type { AlarmRow, ExplainedAt } from '@wherefore/answering';
import type { JsonObject } from '@wherefore/model';
import type { HistoryQueries } from '@wherefore/ports';
import { activeAlarm, recordedAlarm } from './alarmShapes';
import { nodeOf } from './topology';

/** One alarm caused another. */
interface CausalLink {
  readonly sourceId: string;
  readonly targetId: string;
  readonly at: string;
}

const RECORDS_MAX = 100_000;
const END_OF_TIME_MS = 8_640_000_000_000_000;

/** Causes and effects of an alarm at one moment: only what was active then. */
export function rcaAt({ explanation, timeOf }: ExplainedAt, alarmId: string): JsonObject {
  if (explanation === undefined) return rcaAnswer([], [], alarmId);
  const links = explanation.links.map(({ sourceId, targetId, bornAt }) => {
    return { sourceId, targetId, at: timeOf(bornAt) };
  });
  const ids = relatives(alarmId, links);
  const alarms = explanation.alarms
    .filter(({ properties }) => ids.has(String(properties['vitrage_id'])))
    .map(({ properties, bornAt }) => activeAlarm({ properties, since: timeOf(bornAt) }));
  return rcaAnswer(alarms, links, alarmId);
}

/** Causes and effects as Vitrage tells them: whatever the alarm ever caused, ended ones included. */
export async function rcaEver(
  active: readonly AlarmRow[],
  history: HistoryQueries,
  alarmId: string,
): Promise<JsonObject> {
  const links = new Map<string, CausalLink>();
  await collect(alarmId, 'causesOf', history, links);
  await collect(alarmId, 'effectsOf', history, links);
  const ids = new Set([alarmId, ...[...links.values()].flatMap(({ sourceId, targetId }) => [sourceId, targetId])]);
  const alarms = new Map<string, JsonObject>();
  for (const row of active) {
    const id = String(row.properties['vitrage_id']);
    if (ids.has(id)) alarms.set(id, activeAlarm(row));
  }
  if (alarms.size < ids.size) {
    for (const record of await history.alarmsBetween(0, END_OF_TIME_MS, RECORDS_MAX)) {
      if (ids.has(record.vitrageId) && !alarms.has(record.vitrageId)) {
        // As Vitrage: in a root cause analysis an alarm that ended keeps its severity.
        const severity = record.properties['vitrage_operational_severity'] ?? 'N/A';
        alarms.set(record.vitrageId, { ...recordedAlarm(record), vitrage_operational_severity: severity });
      }
    }
  }
  const sorted = [...alarms.keys()].sort().map((id) => alarms.get(id)!);
  return rcaAnswer(sorted, [...links.values()], alarmId);
}

async function collect(
  from: string,
  direction: 'causesOf' | 'effectsOf',
  history: HistoryQueries,
  links: Map<string, CausalLink>,
): Promise<void> {
  const reached = new Set([from]);
  for (const id of reached) {
    for (const { sourceId, targetId, startedAtMs } of await history[direction](id)) {
      const key = `${sourceId}/${targetId}`;
      const at = new Date(startedAtMs).toISOString();
      // The latest comes first: an earlier spell of the same cause says nothing new.
      if (!links.has(key)) links.set(key, { sourceId, targetId, at });
      reached.add(direction === 'causesOf' ? sourceId : targetId);
    }
  }
}

/** Ancestors and descendants; what else an ancestor caused is none of them. */
function relatives(alarmId: string, links: readonly CausalLink[]): Set<string> {
  const walk = (next: (id: string) => string[]): Set<string> => {
    const reached = new Set([alarmId]);
    for (const id of reached) for (const other of next(id)) reached.add(other);
    return reached;
  };
  const up = walk((id) => links.filter(({ targetId }) => targetId === id).map(({ sourceId }) => sourceId));
  const down = walk((id) => links.filter(({ sourceId }) => sourceId === id).map(({ targetId }) => targetId));
  return new Set([...up, ...down]);
}

function rcaAnswer(alarms: readonly JsonObject[], links: readonly CausalLink[], alarmId: string): JsonObject {
  const indexes = new Map(alarms.map((alarm, index) => [String(alarm['vitrage_id']), index]));
  const shown = links.filter(({ sourceId, targetId }) => indexes.has(sourceId) && indexes.has(targetId));
  return {
    directed: true,
    multigraph: true,
    graph: {},
    nodes: alarms.map(nodeOf),
    links: shown.map(({ sourceId, targetId, at }) => ({
      relationship_type: 'causes',
      vitrage_is_deleted: false,
      source_id: sourceId,
      target_id: targetId,
      update_timestamp: `${at.slice(0, 19)}Z`,
      source: indexes.get(sourceId)!,
      target: indexes.get(targetId)!,
      key: 'causes',
    })),
    inspected_index: indexes.get(alarmId) ?? 0,
  };
}
