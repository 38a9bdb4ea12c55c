import type { OperationalValue, ValueRank, ValueTable } from './valueTable';

/**
 * What the states of those resources mean that Vitrage does not know. The words are those of the services
 * that own them; `ERROR` and `SUBOPTIMAL` are in each table for templates to set.
 */

function rank(priority: number, operational: OperationalValue, ...names: readonly string[]): ValueRank {
  return { priority, names: names.map((name) => ({ name, operational })) };
}

function resource(...values: readonly ValueRank[]): ValueTable {
  return { category: 'RESOURCE', values };
}

const ERROR = rank(50, 'ERROR', 'ERROR');
const DOWN = rank(40, 'ERROR', 'DOWN');
const SUBOPTIMAL = rank(20, 'SUBOPTIMAL', 'SUBOPTIMAL');
const ACTIVE = rank(10, 'OK', 'ACTIVE');

/** Something that is watched by its heartbeat. */
const HEARD = resource(ERROR, DOWN, SUBOPTIMAL, rank(10, 'OK', 'UP'));

/** Tables by type. */
export const FURTHER_TABLES: { readonly [type: string]: ValueTable } = {
  'neutron.agent': HEARD,
  // DOWN is what one in nobody's use is, and what one that does not work is: the word alone says neither.
  'neutron.floatingip': resource(ERROR, SUBOPTIMAL, rank(15, 'N/A', 'DOWN'), ACTIVE),
  'neutron.router': resource(ERROR, DOWN, rank(30, 'TRANSIENT', 'BUILD', 'ALLOCATING'), SUBOPTIMAL, ACTIVE),
  // A port, and Neutron's words for one.
  'neutron.router_interface': resource(ERROR, DOWN, rank(30, 'TRANSIENT', 'BUILD'), SUBOPTIMAL, ACTIVE),
};
