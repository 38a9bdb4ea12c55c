export { Evaluator, type Suspension, type TraitAnalysis } from './evaluator';
export { type Moment, type Priorities, bound } from './factBook';
export { type Support, rankedSupports } from './fact';
export type { Activation } from './activation';
export type { ScenarioTraits } from './network';
export { type Deductions, naiveDeductions, shownDeductions } from './naive';
