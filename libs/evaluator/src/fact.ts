import { DEDUCED, type Edge, type Vertex } from '@wherefore/graph';
import type { Json } from '@wherefore/model';
import type { Support } from './support';

abstract class FactBase {
  /** What holds it up, the newest first; `strongest` decides. See `support.ts`. */
  firstSupport: Support | undefined = undefined;
  /** Neighbours among the facts of who keeps it. See `factHolder.ts`. */
  before: Fact | undefined = undefined;
  after: Fact | undefined = undefined;
  /** Withdrawn while it is unclear whether it only supports itself. */
  doubted = false;
  /** The step that made it. */
  bornIn = 0;
  /** Waiting for its consequences to be drawn. */
  queued = false;
}

/** A deduced alarm. */
export class AlarmFact extends FactBase {
  readonly kind = 'alarm';
  /** The alarm in the graph, while the fact holds; the last one after that. */
  vertex: Vertex | undefined = undefined;
  /** Causal links towards this alarm; the others follow as `after`. */
  firstCause: CauseFact | undefined = undefined;
  constructor(
    readonly target: Vertex,
    readonly name: string,
  ) {
    super();
  }

  /** The key of the alarm in the graph: made anew each time. */
  get key(): string {
    return this.keyStart + this.keyRest;
  }

  get keyStart(): string {
    return keyBeginning(this.name);
  }

  get keyRest(): string {
    return this.target.id;
  }
}

let lastName = '';
let lastBeginning = `ALARM:${DEDUCED}::`;

/** How the keys of all deduced alarms of a name begin: many alarms of one name are raised together. */
function keyBeginning(name: string): string {
  if (name !== lastName) {
    lastName = name;
    lastBeginning = `ALARM:${DEDUCED}:${name}:`;
  }
  return lastBeginning;
}

/** A causal link between two alarms. */
export class CauseFact extends FactBase {
  readonly kind = 'cause';
  edge: Edge | undefined = undefined;
  constructor(
    readonly source: Vertex,
    /** The caused alarm: a reported one, or a deduced one by its fact (it may not exist yet). */
    readonly target: Vertex | AlarmFact,
  ) {
    super();
  }
}

/** A deduced state of a resource. */
export class StateFact extends FactBase {
  readonly kind = 'state';
  constructor(readonly target: Vertex) {
    super();
  }
}

/** A resource is to be regarded as down. */
export class MarkFact extends FactBase {
  readonly kind = 'mark';
  constructor(readonly target: Vertex) {
    super();
  }
}

/** A workflow outside is asked for. */
export class WorkflowFact extends FactBase {
  readonly kind = 'workflow';
  isHeld = false;
  constructor(
    readonly key: string,
    readonly workflow: string,
    readonly input: { readonly [name: string]: Json },
  ) {
    super();
  }
}

export type Fact = AlarmFact | CauseFact | StateFact | MarkFact | WorkflowFact;
