import {
  abridged,
  BOUNDARY_LIMITS,
  ENTRY_VERSION,
  isJsonObject,
  type NewEntry,
  type Rejection,
} from '@wherefore/model';

type FieldCheck = (value: unknown) => boolean;

const text: FieldCheck = (value) => typeof value === 'string' && value.length > 0 && value.length <= 1024;
const anyText: FieldCheck = (value) => typeof value === 'string';
const count: FieldCheck = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const object: FieldCheck = isJsonObject;
const list: FieldCheck = Array.isArray;
const position: FieldCheck = (value) =>
  isJsonObject(value) && count(value['epoch']) && count(value['offset']) && count(value['index']);

/** Milliseconds that have a four-digit year: 1970 to 9999. */
const instant: FieldCheck = (value) => count(value) && (value as number) <= 253_402_300_799_999;

/** A text that may be missing. */
const textIfAny: FieldCheck = (value) => value === undefined || text(value);
const anyTextIfAny: FieldCheck = (value) => value === undefined || anyText(value);
const flagIfAny: FieldCheck = (value) => value === undefined || typeof value === 'boolean';

const FIELDS: { readonly [kind in NewEntry['kind']]: { readonly [field: string]: FieldCheck } } = {
  event: { event: object, pollId: textIfAny },
  seen: { datasource: text, pollId: text, key: text, rowHash: text },
  'poll-started': { datasource: text, pollId: text },
  'poll-completed': { datasource: text, pollId: text, rowCount: count, rowDigest: anyText },
  'poll-failed': { datasource: text, pollId: text, reason: anyText },
  tick: { atMs: instant },
  'config-set': {
    section: (value) => ['value-tables', 'limits', 'datasources'].includes(value as string),
    value: object,
  },
  'template-add': {
    templates: (value) => list(value) && (value as unknown[]).every(isTemplateSource),
    overwrite: flagIfAny,
  },
  'template-delete': { templates: (value) => list(value) && (value as unknown[]).every(text) },
  'behaviour-set': { behaviour: count },
  'epoch-opened': { epoch: count, sealedAt: position },
  'rejected-input': { code: text, message: anyText, where: anyTextIfAny, hint: anyTextIfAny, excerpt: anyText },
};

/**
 * Checks the shape of an entry that came from outside this process. Gives the entry itself when it
 * is sound. What the entry means is for `step` to decide. O(fields).
 */
export function checkEntry(value: unknown): NewEntry | Rejection {
  if (!isJsonObject(value)) return unreadable('', 'an entry is a JSON object');
  const { kind, version } = value;
  // An own member: every object also has a `constructor`, and that is no kind of entry.
  if (typeof kind !== 'string' || !Object.hasOwn(FIELDS, kind)) {
    return unreadable('kind', `${excerpt(kind)} is no kind of entry`);
  }
  const fields = FIELDS[kind as NewEntry['kind']];
  if (version !== ENTRY_VERSION) return unreadable('version', `version ${excerpt(version)} is not ${ENTRY_VERSION}`);
  const base = { id: text, source: text, ingestedAtMs: instant };
  for (const [field, check] of [...Object.entries(base), ...Object.entries(fields)]) {
    if (!check(value[field])) return unreadable(field, `"${field}" is ${excerpt(value[field])}`);
  }
  const { fence } = value;
  if (fence !== undefined && !(isJsonObject(fence) && text(fence['lease']) && count(fence['epoch']))) {
    return unreadable('fence', `"fence" is ${excerpt(fence)}`);
  }
  return value as unknown as NewEntry;
}

function isTemplateSource(value: unknown): boolean {
  if (!isJsonObject(value) || !text(value['path']) || !anyText(value['text']) || !textIfAny(value['type']))
    return false;
  const { parameters } = value;
  return parameters === undefined || (isJsonObject(parameters) && Object.values(parameters).every(anyText));
}

function excerpt(value: unknown): string {
  try {
    return abridged(JSON.stringify(value) ?? 'missing', BOUNDARY_LIMITS.excerptBytesMax / 16);
  } catch {
    return 'something that cannot be written as JSON';
  }
}

function unreadable(where: string, message: string): Rejection {
  return {
    code: 'unreadable-entry',
    message,
    ...(where === '' ? {} : { where }),
    hint: 'See docs/architecture.md for the kinds of entries and their fields.',
  };
}
