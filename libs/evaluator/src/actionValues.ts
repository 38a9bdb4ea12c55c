import { readProperty, type Vertex } from '@wherefore/graph';
import { canonicalJson } from '@wherefore/model';
import type { Action, ActionValue } from '@wherefore/templates';
import type { Activation } from './activation';

/** The vertex that stands for a symbol of the scenario; nothing if the clause does not bind it. */
export function bound(activation: Activation, symbol: string): Vertex | undefined {
  const slot = activation.clause.slotOf(symbol);
  return slot === undefined ? undefined : activation.boundAt(slot);
}

/** The attributes that its actions read, as they are now; empty when they read none. */
export function attributesOf(activation: Activation): string {
  const { scenario } = activation.clause;
  if (!scenario.readsAttributes) return '';
  const read = scenario.actions.flatMap(({ action }) =>
    valuesOf(action).map((value) => (value.kind === 'attribute' ? (resolve(activation, value) ?? null) : null)),
  );
  return JSON.stringify(read);
}

function valuesOf(action: Action): readonly ActionValue[] {
  switch (action.kind) {
    case 'raise_alarm':
      return [action.alarmName, action.severity];
    case 'set_state':
      return [action.state];
    case 'execute_mistral':
      return Object.values(action.input);
    default:
      return [];
  }
}

/** What an action's value comes to for a match; undefined where the attribute is not there. */
export function resolve(activation: Activation, value: ActionValue): string | undefined {
  if (value.kind === 'constant') return value.value;
  const vertex = bound(activation, value.symbol);
  const attribute = vertex === undefined ? undefined : readProperty(vertex, value.attribute);
  if (attribute === undefined) return undefined;
  return typeof attribute === 'string' ? attribute : canonicalJson(attribute);
}
