import { answerDatasources, type AnswerPage, fromAnswerPage, type ReadingOptions } from '@wherefore/datasources';
import { type Json, WhereforeError } from '@wherefore/model';
import type { CloudClient } from '@wherefore/openstack';
import type { Clock } from '@wherefore/ports';
import type { Page, PollSource } from './pollSource';
import type { Question } from './questions';

/** What the sources of one cloud have in common. */
export interface CloudAccess {
  readonly cloud: Pick<CloudClient, 'get' | 'has' | 'regions'>;
  /** Empty for all of the catalogue. */
  readonly regions: readonly string[];
  /** Rows that are asked for at a time. */
  readonly pageRows: number;
  readonly reading: ReadingOptions;
  readonly clock: Clock;
}

/** No list is that long: whoever goes on giving pages goes round in circles. */
const PAGES_MAX = 10_000;

/** One list of OpenStack, in all its regions and pages. */
export class OpenstackSource implements PollSource {
  readonly name: string;
  readonly datasources: readonly string[];

  constructor(
    private readonly question: Question,
    private readonly access: CloudAccess,
  ) {
    this.name = question.answer;
    this.datasources = answerDatasources(question.answer);
  }

  async *read(signal: AbortSignal): AsyncGenerator<Page> {
    const { service, isGlobal } = this.question;
    const regions = await regionsOf(this.access, service, isGlobal === true);
    for (const region of regions) yield* pagesOf(this.question, region, this.access, signal);
  }
}

/** The regions that are asked, those of the configuration or all; rejects when the service is in none of them. */
export async function regionsOf(
  { cloud, regions }: CloudAccess,
  service: Question['service'],
  isGlobal: boolean,
): Promise<readonly string[]> {
  const known = await cloud.regions();
  const wanted = regions.length > 0 ? regions : known;
  if (isGlobal) return [wanted[0] ?? ''];
  const missing: string[] = [];
  const found: string[] = [];
  for (const region of wanted) ((await cloud.has(service, region)) ? found : missing).push(region);
  // A region that was named has to be there: what it holds would be taken for gone.
  const fault = regions.length > 0 ? missing[0] : undefined;
  if (found.length > 0 && fault === undefined) return found;
  throw new WhereforeError(
    'source-refused',
    `the catalogue has no endpoint of ${service} in ${fault === undefined ? 'any region' : `region ${fault}`}`,
    { hint: 'Check openstack.interface and regions, or take the source out of driver.sources.' },
  );
}

/** What becomes of the body of one page before it is read. */
export type Enrich = (body: Json) => Promise<Json>;

/** One list in one region, page by page. */
export async function* pagesOf(
  question: Question,
  region: string,
  { cloud, pageRows, clock, reading }: CloudAccess,
  signal: AbortSignal,
  enrich?: Enrich,
): AsyncGenerator<Page> {
  const { service, path, microversion, isPaged, answer } = question;
  const first: Record<string, string> = { ...question.query, ...(isPaged ? { limit: String(pageRows) } : {}) };
  let query: { readonly [name: string]: string } | undefined = first;
  const asked = new Set<string>();
  while (query !== undefined) {
    const place = JSON.stringify(query);
    if (asked.has(place) || asked.size >= PAGES_MAX) throw circling(answer, asked.size);
    asked.add(place);
    const one = { service, region, path, query };
    const body = await cloud.get(microversion === undefined ? one : { ...one, microversion }, signal);
    const atMs = clock.nowMs();
    const page = readPage(answer, enrich === undefined ? body : await enrich(body), atMs, reading);
    yield { polls: page.polls, atMs };
    query = page.next === undefined ? undefined : nextQuery(answer, page.next, first);
  }
}

/**
 * What the next page is asked with: what the first one was, and what the link adds. Only the query of the link counts:
 * its address is that by which the service knows itself, which may be behind a proxy.
 */
function nextQuery(
  answer: string,
  next: string,
  first: { readonly [name: string]: string },
): { readonly [name: string]: string } {
  const added = Object.fromEntries(new URLSearchParams(next.includes('?') ? next.slice(next.indexOf('?') + 1) : ''));
  if (Object.keys(added).length === 0) throw lost(answer, next);
  return { ...first, ...added };
}

function readPage(answer: string, body: Json, atMs: number, reading: ReadingOptions): AnswerPage {
  const read = fromAnswerPage(answer, body, new Date(atMs).toISOString(), reading);
  if ('code' in read) throw new WhereforeError('source-unusable', `${answer}: ${read.message}`);
  return read;
}

function circling(answer: string, pages: number): WhereforeError {
  return new WhereforeError('poll-incomplete', `${answer} came in circles after ${pages} pages`, { retryable: true });
}

function lost(answer: string, next: string): WhereforeError {
  return new WhereforeError('poll-incomplete', `${answer} has another page, at "${next}", which cannot be asked for`);
}
