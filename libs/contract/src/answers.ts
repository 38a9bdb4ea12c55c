/** Which moment an answer describes. Times are UTC ISO 8601. */
export interface AnsweredAt {
  /** The instant that was asked for; the time of the question when none was. */
  readonly at: string;
  /** Log time of the state that answered: what Wherefore knew then. */
  readonly knownAt: string;
  /** Position of the last entry in that state. */
  readonly position: string;
  /** How many entries that state has seen. */
  readonly ordinal: number;
  /** Things a reader should know: late arrivals around that time, silent sources. */
  readonly warnings: readonly string[];
}

/** An entry of the log, as an explanation points to it. */
export interface EventRef {
  readonly ordinal: number;
  readonly position: string;
  readonly id: string;
  readonly source: string;
  /** What happened, in a line: `nova.instance instance.update compute-01`. */
  readonly summary: string;
  /** The source's time; absent when the entry bears none. */
  readonly occurredAt?: string;
  /** When Wherefore took it in. */
  readonly ingestedAt: string;
}

export interface PlacedEntity {
  readonly vitrageId: string;
  readonly category: 'RESOURCE' | 'ALARM';
  readonly type: string;
  /** The source's id; absent for alarms that have none. */
  readonly id?: string;
  readonly name?: string;
}

export interface ResourceView extends PlacedEntity {
  readonly state?: string;
  readonly aggregatedState?: string;
  readonly operationalState?: string;
  readonly isMarkedDown: boolean;
  readonly projectId?: string;
}

export interface AlarmView extends PlacedEntity {
  readonly name: string;
  readonly severity?: string;
  readonly operationalSeverity: string;
  readonly state: string;
  /** When the alarm became active in what Wherefore knew. */
  readonly since: string;
  readonly resource?: ResourceView;
  readonly projectId?: string;
}

/** One match of one scenario that holds a fact. */
export interface DeductionView {
  readonly template: string;
  readonly scenario: string;
  readonly action: string;
  readonly condition: string;
  readonly since: string;
  /** Whether this match decides the severity (highest priority, then oldest). */
  readonly decides: boolean;
  /** Symbol of the scenario to the entity that stood for it. */
  readonly bindings: readonly (PlacedEntity & { readonly symbol: string })[];
  /** The entries that made the match true, oldest first. */
  readonly events: readonly EventRef[];
}

/** An alarm within its causal tree; what it caused hangs below it. */
export interface CauseNode {
  readonly alarm: AlarmView;
  /** True for the alarm that was asked about. */
  readonly asked: boolean;
  /** Empty for alarms that a source reported. */
  readonly deducedBy: readonly DeductionView[];
  /** For reported alarms: the entries that raised and last changed it. */
  readonly events: readonly EventRef[];
  /** Why the edge from the parent holds; empty for a root. */
  readonly causedBy: readonly DeductionView[];
  /** True where the node is repeated: its effects are under its first appearance. */
  readonly repeated: boolean;
  /** How many effects exist beyond those listed. */
  readonly effectsOmitted: number;
  readonly effects: readonly CauseNode[];
}

/** The answer to "what caused this alarm?". */
export interface WhyAnswer {
  readonly answeredAt: AnsweredAt;
  readonly asked: AlarmView;
  /** Root causes: alarms above the asked one that nothing is known to cause. */
  readonly roots: readonly CauseNode[];
  /** Resources whose state the alarms of the tree changed. */
  readonly affected: readonly ResourceView[];
}
