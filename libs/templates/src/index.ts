export type { Action, ActionValue, Clause, EdgePattern, EntityPattern, PropertyTest, Scenario } from './plan';
export type { TemplateFault, Stage } from './fault';
export type { StatusCode } from './statusCodes';
export { readTemplate } from './readTemplate';
export type { LoadedTemplate, TemplateType, ValidationResult } from './validateTemplate';
export { type LoadOutcome, type LoadedSet, loadTemplate, loadTemplates, validateTemplate } from './loadTemplates';
export { type CompileFault, type CompiledTemplates, compileTemplates } from './compile';
export { analyseDependencies } from './dependencies';
export type { Strata } from './strata';
