import { BOUNDARY_LIMITS, type Json, type JsonObject, type Rejection, isJsonObject } from '@wherefore/model';
import { impossibleTime, kindOf, malformed, missingId, readId, shown } from '../reading/properties';
import { normaliseTimestamp } from '../reading/timestamp';
import type { AnswerReader } from './answerReader';
import { AODH_ANSWERS } from './aodhAnswers';
import { CINDER_ANSWERS } from './cinderAnswers';
import type { DriverFrame } from './driverEvent';
import { GLANCE_ANSWERS } from './glanceAnswers';
import { HEAT_ANSWERS } from './heatAnswers';
import { KEYSTONE_ANSWERS } from './keystoneAnswers';
import { NEUTRON_ANSWERS } from './neutronAnswers';
import { NOVA_ANSWERS } from './novaAnswers';
import { DEFAULT_READING, type ReadingOptions } from './readingOptions';

/** One entity of a poll. */
export interface PollRow {
  /** The key of the entity, `CATEGORY:type:id`. */
  readonly key: string;
  /** Driver-shaped, action `snapshot`. Equal, but for the sample date, while nothing that matters changes. */
  readonly event: JsonObject;
}

/** What an answer says of one datasource: the rows of a poll of it. */
export interface PollRows {
  readonly datasource: string;
  readonly rows: readonly PollRow[];
  /** Rows that name no entity, and that there are more pages. A poll with any is not complete. */
  readonly rejected: readonly Rejection[];
}

/** What one answer contains: a poll for each datasource that it tells of; none where another answer tells it all. */
export interface AnswerPolls {
  readonly polls: readonly PollRows[];
}

const READERS: ReadonlyMap<string, readonly AnswerReader[]> = new Map([
  ...NOVA_ANSWERS,
  ...NEUTRON_ANSWERS,
  ...CINDER_ANSWERS,
  ...HEAT_ANSWERS,
  ...AODH_ANSWERS,
  ...KEYSTONE_ANSWERS,
  ...GLANCE_ANSWERS,
]);

/** What may stand behind an answer's name: the microversion that was asked for, as in `nova-servers-v2.1`. */
const MICROVERSION = /-v\d+(\.\d+)?$/;

/** The answers that `fromRestAnswer` can read, each at any microversion. */
export const REST_ANSWERS: readonly string[] = Object.freeze([...READERS.keys()]);

/** The datasources that an answer of that name is a poll of, in that order; none for one that cannot be read. */
export function answerDatasources(name: string): readonly string[] {
  return (readersOf(name) ?? []).map(({ datasource }) => datasource);
}

function readersOf(name: string): readonly AnswerReader[] | undefined {
  return READERS.get(name) ?? READERS.get(name.replace(MICROVERSION, ''));
}

/**
 * Turns the body of a successful answer of an OpenStack API into the polls that it amounts to, taken at `at`.
 * The name may end with the microversion that was asked for (`nova-servers-v2.1`): the polls are of the same
 * datasources, and their rows have the same keys, whichever it was.
 *
 * Reads only what matters to entities, so that a row changes when its entity does. Rejections:
 * `unknown-datasource` (no such answer), `impossible-timestamp`, `malformed-event` (the list is not
 * there, as in an error's body). Single rows that are wrong are in `rejected`, and so is that there is another
 * page (`poll-incomplete`). Never throws. O(body).
 */
export function fromRestAnswer(
  name: string,
  body: Json,
  at: string,
  options: ReadingOptions = DEFAULT_READING,
): AnswerPolls | Rejection {
  const page = fromAnswerPage(name, body, at, options);
  if ('code' in page || page.next === undefined) return page;
  return { polls: page.polls.map((poll) => ({ ...poll, rejected: [...poll.rejected, ONE_OF_SEVERAL] })) };
}

/** One page of an answer: what it says, and where it goes on. */
export interface AnswerPage extends AnswerPolls {
  /** The address of the next page as the service gives it, absolute or not; absent on the last one. */
  readonly next?: string;
}

/** As `fromRestAnswer`, for whoever reads the next pages too. A list that was cut short is in `rejected` all the same. */
export function fromAnswerPage(
  name: string,
  body: Json,
  at: string,
  options: ReadingOptions = DEFAULT_READING,
): AnswerPage | Rejection {
  const readers = readersOf(name);
  if (readers === undefined) return unknownAnswer(name);
  const timestamp = normaliseTimestamp(at);
  if (timestamp === undefined) return impossibleTime('at', at, 'YYYY-MM-DDTHH:MM:SSZ');
  const polls: PollRows[] = [];
  let next: string | undefined;
  for (const reader of readers) {
    const list = reader.list === undefined ? body : isJsonObject(body) ? body[reader.list] : undefined;
    if (!Array.isArray(list)) {
      const where = reader.list ?? 'body';
      return malformed(where, `${where} is ${kindOf(list)}, not a list: is this the body of an error?`);
    }
    const poll = readRows(reader, list as readonly Json[], timestamp, options);
    const isCutShort = isJsonObject(body) && body['truncated'] === true;
    polls.push(isCutShort ? { ...poll, rejected: [...poll.rejected, CUT_SHORT] } : poll);
    next ??= nextPage(body, reader.list);
  }
  return next === undefined ? { polls } : { polls, next };
}

const ONE_OF_SEVERAL: Rejection = Object.freeze({
  code: 'poll-incomplete',
  message: 'The answer is one page of several: what it does not list may well exist.',
  where: 'next',
  hint: 'Follow the link to the next page, and give all rows as one answer without the link.',
});

/** Keystone lists no more than `list_limit` entities, says so, and has no other page. */
const CUT_SHORT: Rejection = Object.freeze({
  code: 'poll-incomplete',
  message: 'The service cut the list short: what it does not list may well exist.',
  where: 'truncated',
  hint: 'Raise list_limit of that service.',
});

/**
 * The next page that the answer names: `next` (Glance), `links.next` (Keystone), or a link of relation `next`
 * in `links` or `<list>_links` (Nova, Neutron, Cinder, Heat). Empty for a link without an address.
 */
function nextPage(body: Json, list: string | undefined): string | undefined {
  if (!isJsonObject(body)) return undefined;
  const { next, links } = body;
  if (typeof next === 'string') return next;
  if (isJsonObject(links) && typeof links['next'] === 'string') return links['next'];
  for (const each of [links, body[`${list ?? ''}_links`]]) {
    if (!Array.isArray(each)) continue;
    for (const link of each as readonly Json[]) {
      if (!isJsonObject(link) || link['rel'] !== 'next') continue;
      const { href } = link;
      return typeof href === 'string' ? href : '';
    }
  }
  return undefined;
}

function readRows(reader: AnswerReader, list: readonly Json[], at: string, options: ReadingOptions): PollRows {
  const { datasource, category } = reader;
  const frame: DriverFrame = { datasource, action: 'snapshot', at };
  const rows = new Map<string, PollRow>();
  const rejected: Rejection[] = [];
  for (const [index, row] of list.entries()) {
    const path = `${reader.list ?? ''}[${index}]`;
    if (!isJsonObject(row)) {
      rejected.push(malformed(path, `${path} is ${kindOf(row)}, not an object.`));
      continue;
    }
    const id = idOf(reader.id, row);
    if (typeof id !== 'string') rejected.push(missingId(`${path}.${id.missing}`));
    else if (id.length > BOUNDARY_LIMITS.idCharsMax) {
      rejected.push(malformed(path, `${path} has an id of ${id.length} characters.`));
    } else {
      const event = reader.read(frame, row, options);
      const key = `${category}:${datasource}:${id}`;
      // What moves while an API lists it page by page is listed twice: the later row counts.
      if (event !== undefined) rows.set(key, { key, event });
    }
  }
  return { datasource, rows: [...rows.values()], rejected };
}

/** The id that the row gives its entity, or which of the fields that it is made of is missing. */
function idOf(fields: AnswerReader['id'], row: JsonObject): string | { readonly missing: string } {
  if (typeof fields === 'string') return readId(row[fields]) ?? { missing: fields };
  const parts: string[] = [];
  for (const field of fields) {
    const part = readId(row[field]);
    if (part === undefined) return { missing: field };
    parts.push(part);
  }
  return parts.join('@');
}

function unknownAnswer(name: string): Rejection {
  return {
    code: 'unknown-datasource',
    message: `No answer named ${shown(name)} is known.`,
    where: 'name',
    hint: `Known are ${REST_ANSWERS.join(', ')}.`,
  };
}
