import type { Edge, Vertex } from '@wherefore/graph';
import { AlarmFact, CauseFact } from './fact';
import { embodiedBy } from './notes';
import { rankedSupports, type Support } from './support';

/** A support in its rank among those of the same fact. */
export interface RankedSupport extends Pick<Support, 'activation' | 'action' | 'value'> {
  /** Whether it is the one that decides: highest priority, then oldest. */
  readonly decides: boolean;
}

/** Why a deduced alarm holds, the deciding support first; nothing for reported alarms. */
export function supportsOfAlarm(alarm: Vertex): RankedSupport[] {
  const fact = embodiedBy(alarm);
  return fact === undefined ? [] : rank(fact);
}

/** Why a deduced causal link holds; nothing for edges that sources reported. */
export function supportsOfEdge(edge: Edge): RankedSupport[] {
  return edge.fact instanceof CauseFact || edge.fact instanceof AlarmFact ? rank(edge.fact) : [];
}

function rank(fact: AlarmFact | CauseFact): RankedSupport[] {
  return rankedSupports(fact).map(({ activation, action, value }, place) => ({
    activation,
    action,
    value,
    decides: place === 0,
  }));
}
