import { relatives, type EverCaused, type ExplainedAt } from '@wherefore/answering';
import type { JsonObject } from '@wherefore/model';
import { activeAlarm, recordedAlarm } from './alarmShapes';
import { nodeOf } from './topology';

/** One alarm caused another. */
interface CausalLink {
  readonly sourceId: string;
  readonly targetId: string;
  readonly at: string;
}

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
export function rcaEver({ alarms, links }: EverCaused, alarmId: string): JsonObject {
  const shown = alarms.map((alarm) => {
    if ('since' in alarm) return activeAlarm(alarm);
    // As Vitrage: in a root cause analysis an alarm that ended keeps its severity.
    const severity = alarm.properties['vitrage_operational_severity'] ?? 'N/A';
    return { ...recordedAlarm(alarm), vitrage_operational_severity: severity };
  });
  const told = links.map(({ startedAtMs, ...ends }) => ({ ...ends, at: new Date(startedAtMs).toISOString() }));
  return rcaAnswer(shown, told, alarmId);
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
