export { Evaluator, type Suspension, type TraitAnalysis } from './evaluator';
export type { Moment, Priorities } from './factBook';
export { type RankedSupport, supportsOfAlarm, supportsOfEdge } from './provenance';
export type { Activation } from './activation';
export type { ScenarioTraits } from './network';
export { type Deductions, naiveDeductions, shownDeductions } from './naive';
