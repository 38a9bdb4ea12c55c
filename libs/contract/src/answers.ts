import type { ErrorCode, Json, JsonObject, Properties } from '@wherefore/model';

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
  /** Why its source says it is in `state`, in the source's words: of a stack, Heat's. */
  readonly reason?: string;
  readonly projectId?: string;
  /** Where it runs: the host of a server, of a port's binding, of an agent or a service. */
  readonly host?: string;
}

/** A resource as it is listed. */
export interface ListedResource extends ResourceView {
  /** Id of the server that a port is attached to. */
  readonly server?: string;
  /** Size of a volume, in GiB. */
  readonly size?: number;
  /** Ids of the servers that a volume is attached to. */
  readonly attachments?: readonly string[];
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
  /** How many alarms further down the limit left out; counted at the first root only, 0 elsewhere. */
  readonly effectsOmitted: number;
  readonly effects: readonly CauseNode[];
}

/** The answer to "what caused this alarm?". */
export interface WhyAnswer {
  readonly answeredAt: AnsweredAt;
  readonly asked: AlarmView;
  /** Root causes: alarms above the asked one that nothing is known to cause. */
  readonly roots: readonly CauseNode[];
  /** Resources that the alarms of the tree are on, with their state then; sorted by type, then id. */
  readonly affected: readonly ResourceView[];
  /** The projects that own what is affected, those with the most of it first. */
  readonly tenants: readonly TenantView[];
}

/** A project that owns some of the resources of an answer. */
export interface TenantView {
  readonly projectId: string;
  /** Absent while nobody told the project's name. */
  readonly name?: string;
  /** How many of the answer's resources are its own. */
  readonly resources: number;
}

/** Alarms that were active, sorted by severity, then name. */
export interface AlarmsAnswer {
  readonly answeredAt: AnsweredAt;
  readonly alarms: readonly AlarmView[];
}

/** Resources that were there, sorted by type, then id. What others merely refer to is not listed. */
export interface ResourcesAnswer {
  readonly answeredAt: AnsweredAt;
  readonly resources: readonly ListedResource[];
}

/** Everything that was in the graph, with all properties, under the names that Vitrage gives them. */
export interface GraphView {
  readonly answeredAt: AnsweredAt;
  /** Sorted by `vitrage_id`. */
  readonly vertices: readonly Properties[];
  /** `source` and `target` are places in `vertices`. */
  readonly edges: readonly GraphEdgeView[];
}

export interface GraphEdgeView {
  readonly source: number;
  readonly target: number;
  readonly label: string;
  readonly updateTimestamp: string;
}

/** A template that is loaded, or was added with a fault. */
export interface TemplateView {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** A template in ERROR deduces nothing. */
  readonly status: 'ACTIVE' | 'ERROR';
  readonly statusDetails: string;
  readonly addedAt: string;
  /** Parameters put in, and the `parameters` section gone. */
  readonly content: JsonObject;
}

export interface TemplatesAnswer {
  readonly answeredAt: AnsweredAt;
  /** Oldest first. */
  readonly templates: readonly TemplateView[];
}

/** An entry that was refused, or whose step failed. */
export interface RejectedView {
  readonly position: string;
  readonly at: string;
  /** False when the step threw: a defect of ours, not of the input. */
  readonly isInputAtFault: boolean;
  readonly entryId: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: string;
  readonly hint?: string;
  /** The first characters of what was refused, as far as they were kept. */
  readonly excerpt?: string;
}

export interface RejectedAnswer {
  /** Newest first. */
  readonly rejected: readonly RejectedView[];
}

/** A stored snapshot: where replays can begin. */
export interface SnapshotView {
  readonly position: string;
  readonly ordinal: number;
  /** Log time of the state in it. */
  readonly knownAt: string;
  readonly createdAt: string;
  readonly byteCount: number;
  readonly behaviour: number;
  readonly stateHash: string;
}

export interface SnapshotsAnswer {
  /** Oldest first. */
  readonly snapshots: readonly SnapshotView[];
}

/** Numbers about one state. */
export interface SummaryAnswer {
  readonly answeredAt: AnsweredAt;
  /** Log time of the first entry; absent while there is none. */
  readonly firstAt?: string;
  readonly stateHash: string;
  readonly behaviour: number;
  readonly vertices: number;
  readonly edges: number;
  readonly alarms: number;
  readonly templates: number;
  readonly scenarios: number;
  readonly refusalCount: number;
  /** Scenarios that were stopped because they needed too much work. */
  readonly suspensions: readonly { readonly scenarioId: string; readonly template: string; readonly reason: string }[];
  readonly polls: readonly {
    readonly datasource: string;
    readonly ok: boolean;
    readonly detail: string;
    readonly at: string;
  }[];
}

/** The moment that a question is about; now when it names none. */
export interface AskedMoment {
  /** What was known at that time. */
  readonly atMs?: number;
  /** What was known once that entry of the log had been applied; it wins over `atMs`. */
  readonly position?: string;
}

/** A property that has another value than before; `null` where it was, or is, absent. */
export interface PropertyDifference {
  /** Under the name that Vitrage gives it. */
  readonly name: string;
  readonly before: Json;
  readonly after: Json;
  /** The entry that changed it last; absent when it is no longer kept. */
  readonly by?: EventRef;
}

/** A resource that is not what it was. */
export interface ResourceDifference {
  /** As it is afterwards; as it was last, when it went. */
  readonly resource: ResourceView;
  /** The entry that it appeared or went with; of what changed, the last one. */
  readonly by?: EventRef;
  /** Sorted by name; empty for what appeared or went. Times of update are left out. */
  readonly changes: readonly PropertyDifference[];
}

/** An alarm that is not what it was. */
export interface AlarmDifference {
  /** `since` is when the entry that raised it was taken in; of one that was raised before, it is absent. */
  readonly alarm: Omit<AlarmView, 'since'> & { readonly since?: string };
  readonly by?: EventRef;
  readonly changes: readonly PropertyDifference[];
}

export interface TemplateDifference {
  readonly name: string;
  readonly change: 'added' | 'deleted' | 'refused' | 'suspended';
  readonly detail: string;
  readonly by?: EventRef;
}

/** What is different between two moments, net: what came and went in between is only counted. */
export interface DiffAnswer {
  readonly from: AnsweredAt;
  readonly to: AnsweredAt;
  /** Resources, sorted by type, then id. One that went and came again counts as changed, if it is. */
  readonly appeared: readonly ResourceDifference[];
  readonly gone: readonly ResourceDifference[];
  readonly changed: readonly ResourceDifference[];
  readonly alarms: {
    readonly raised: readonly AlarmDifference[];
    readonly cleared: readonly AlarmDifference[];
    readonly changed: readonly AlarmDifference[];
  };
  /** In the order of the log. */
  readonly templates: readonly TemplateDifference[];
  /** How many resources and alarms came and went in between. */
  readonly passing: number;
}

/** What an entry did to one thing. */
export interface EffectView {
  /** `resource-changed`, `alarm-raised`, `cause-added`, … */
  readonly kind: string;
  readonly entity?: PlacedEntity;
  /** Times of update are left out. */
  readonly changes: readonly Omit<PropertyDifference, 'by'>[];
  /** What else there is to say, such as the name of a template. */
  readonly detail?: string;
}

/** An entry of the log, and what became of it. */
export interface LogEntryView extends EventRef {
  readonly kind: string;
  /** Log time of the state after it. */
  readonly knownAt: string;
  /** The poll that it belongs to. */
  readonly pollId?: string;
  /** `unchanged`: applied, but it told nothing new. `outdated`: something newer was known. */
  readonly outcome: 'applied' | 'unchanged' | 'outdated' | 'duplicate' | 'stale-epoch' | 'rejected' | 'failed';
  /** Why it was rejected, or failed. */
  readonly reason?: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly where?: string;
    readonly hint?: string;
  };
  /** The first ones. */
  readonly effects: readonly EffectView[];
  readonly effectsOmitted: number;
}

/** The entries around a moment. */
export interface LogAnswer {
  /** The moment that was asked about. */
  readonly at: string;
  /** The span, by log time, both ends inclusive. */
  readonly from: string;
  readonly to: string;
  /** In the order of the log: those nearest to the moment. */
  readonly entries: readonly LogEntryView[];
  /** How many more there are in the span, before and after those. */
  readonly omittedBefore: number;
  readonly omittedAfter: number;
  readonly warnings: readonly string[];
}

/** Which two moments to compare; the newest when `toMs` is absent. */
export interface DiffQuestion {
  readonly fromMs: number;
  readonly toMs?: number;
  /** Only resources of that type, alarms of it, and alarms on resources of it. */
  readonly type?: string;
  /** Only what has that id, name or vitrage_id, and alarms on it. */
  readonly about?: string;
}

/** Which entries to tell. */
export interface LogQuestion {
  readonly atMs: number;
  /** So long before and after. */
  readonly aroundMs: number;
  /** Only entries about what has that id, name or vitrage_id. */
  readonly about?: string;
  /** Entries at most. Default 1,000. */
  readonly limit?: number;
  /** Ticks, too. */
  readonly ticks?: boolean;
}

/** How a question names the alarm and the moment. */
export interface WhyQuestion extends AskedMoment {
  /** Id, name, or `name@resource`. */
  readonly alarm: string;
  /** Name or id of the resource that the alarm is on. */
  readonly on?: string;
  /** Alarms in the tree. Default 500. */
  readonly limit?: number;
}

/** Every question that people ask. Whoever answers: a store, a live server, or a client of one. */
export interface Answers {
  why(question: WhyQuestion): Promise<WhyAnswer>;
  /** With `match`, those of that id, name, or `name@resource`. */
  alarms(question: AskedMoment & { readonly match?: string }): Promise<AlarmsAnswer>;
  resources(question: AskedMoment & { readonly type?: string; readonly id?: string }): Promise<ResourcesAnswer>;
  graph(question: AskedMoment): Promise<GraphView>;
  templates(question: AskedMoment): Promise<TemplatesAnswer>;
  rejected(question: { readonly limit?: number }): Promise<RejectedAnswer>;
  snapshots(): Promise<SnapshotsAnswer>;
  /** Rejects `bad-request` when the end lies before the beginning, and `before-first-entry`. */
  diff(question: DiffQuestion): Promise<DiffAnswer>;
  /** Rejects `before-first-entry` when all of the span lies before the first entry. */
  log(question: LogQuestion): Promise<LogAnswer>;
  summary(question: AskedMoment): Promise<SummaryAnswer>;
}
