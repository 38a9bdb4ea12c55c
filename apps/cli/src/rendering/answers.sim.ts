import type { AlarmView, CauseNode, DeductionView, EventRef, ResourceView, WhyAnswer } from '@wherefore/contract';

/** A resource for tests; its name is its id. */
export function resource(type: string, id: string, state = 'ERROR'): ResourceView {
  return {
    vitrageId: `v-${id}`,
    category: 'RESOURCE',
    type,
    id,
    name: id,
    aggregatedState: state,
    operationalState: state,
    isMarkedDown: false,
  };
}

/** An alarm for tests, active since a time of 2026-11-21 in UTC. */
export function alarm(name: string, on: ResourceView, severity = 'CRITICAL', since = '17:21:00'): AlarmView {
  return {
    vitrageId: `v-${name}-${on.id}`,
    category: 'ALARM',
    type: 'vitrage',
    name,
    operationalSeverity: severity,
    state: 'Active',
    since: `2026-11-21T${since}.000Z`,
    resource: on,
  };
}

/** An entry as an explanation points to it. */
export function event(ordinal: number, summary: string, occurred = '17:20:58', ingested = '17:21:00'): EventRef {
  return {
    ordinal,
    position: `1.${ordinal}.0`,
    id: `e-${ordinal}`,
    source: 'test',
    summary,
    occurredAt: `2026-11-21T${occurred}Z`,
    ingestedAt: `2026-11-21T${ingested}.000Z`,
  };
}

/** A match that holds an alarm. */
export function deduction(template: string, events: readonly EventRef[] = []): DeductionView {
  return {
    template,
    scenario: `${template}-scenario0`,
    action: 'raise_alarm',
    condition: 'alarm on host AND host contains instance',
    since: '2026-11-21T17:21:00.000Z',
    decides: true,
    bindings: [{ symbol: 'host', ...resource('nova.host', 'host-1') }],
    events,
  };
}

/** A node of a causal tree. */
export function node(of: AlarmView, more: Partial<CauseNode> = {}): CauseNode {
  return {
    alarm: of,
    asked: false,
    deducedBy: [],
    events: [],
    causedBy: [],
    repeated: false,
    effectsOmitted: 0,
    effects: [],
    ...more,
  };
}

/** An answer at 17:26 of that day. */
export function whyAnswer(asked: AlarmView, roots: readonly CauseNode[], more: Partial<WhyAnswer> = {}): WhyAnswer {
  return {
    answeredAt: {
      at: '2026-11-21T17:26:59.999Z',
      knownAt: '2026-11-21T17:26:41.000Z',
      position: '1.482.0',
      ordinal: 1482,
      warnings: [],
    },
    asked,
    roots,
    affected: [],
    tenants: [],
    ...more,
  };
}
