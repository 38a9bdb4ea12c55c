import { answerDatasources } from '@wherefore/datasources';
import { isJsonObject, type Json, type JsonObject, WhereforeError } from '@wherefore/model';
import { type CloudAccess, pagesOf, regionsOf } from './openstackSource';
import type { Page, PollSource } from './pollSource';
import type { Question } from './questions';

const STACKS: Question = {
  answer: 'heat-stacks',
  service: 'heat',
  path: '/stacks',
  query: { global_tenant: 'true' },
  isPaged: true,
};
/** As deep as Vitrage looks for the resources of stacks within stacks. */
const NESTED_DEPTH = '10';
/** Stacks whose resources are asked for at a time. */
const AT_A_TIME = 4;

/** The stacks of Heat, each with its resources, which are asked for one by one. */
export class StackSource implements PollSource {
  readonly name = STACKS.answer;
  readonly datasources = answerDatasources(STACKS.answer);

  constructor(private readonly access: CloudAccess) {}

  async *read(signal: AbortSignal): AsyncGenerator<Page> {
    for (const region of await regionsOf(this.access, 'heat', false)) {
      yield* pagesOf(STACKS, region, this.access, signal, (body) => this.withResources(body, region, signal));
    }
  }

  private async withResources(body: Json, region: string, signal: AbortSignal): Promise<Json> {
    if (!isJsonObject(body) || !Array.isArray(body['stacks'])) return body;
    const stacks = body['stacks'] as readonly Json[];
    const complete: Json[] = [];
    for (let at = 0; at < stacks.length; at += AT_A_TIME) {
      const some = stacks.slice(at, at + AT_A_TIME);
      const asked = await Promise.all(some.map((stack) => this.resourcesOf(stack, region, signal)));
      complete.push(...asked.filter((stack) => stack !== undefined));
    }
    return { ...body, stacks: complete };
  }

  /** The stack with its resources; undefined when it has gone since it was listed. */
  private async resourcesOf(stack: Json, region: string, signal: AbortSignal): Promise<Json | undefined> {
    const place = isJsonObject(stack) ? placeOf(stack) : undefined;
    if (!isJsonObject(stack) || place === undefined) return stack;
    try {
      const query = { nested_depth: NESTED_DEPTH };
      const answer = await this.access.cloud.get({ service: 'heat', region, ...place, query }, signal);
      const resources = isJsonObject(answer) ? answer['resources'] : undefined;
      return Array.isArray(resources) ? { ...stack, resources } : stack;
    } catch (error) {
      if (error instanceof WhereforeError && error.data?.['status'] === 404) return undefined;
      throw error;
    }
  }
}

/** Where its resources are listed: below the project that it is of. */
function placeOf(stack: JsonObject): { readonly path: string; readonly project?: string } | undefined {
  const { id, stack_name: name, project, parent } = stack;
  if (typeof id !== 'string' || typeof name !== 'string') return undefined;
  // A stack within a stack is a part of the outer one.
  if (typeof parent === 'string' && parent !== '') return undefined;
  const path = `/stacks/${encodeURIComponent(name)}/${encodeURIComponent(id)}/resources`;
  return typeof project === 'string' ? { path, project } : { path };
}
