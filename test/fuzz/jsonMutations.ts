import type { Json } from '@wherefore/model';
import type { Chance } from './chance';
import { hugeText, oddKey, oddNumber, oddText, ofAnotherType, rawValue } from './oddValues';

/** JSON that may be changed in place. */
type Loose = Json | Loose[] | { [key: string]: Loose };

/** One place in a document: a member of an object, or an item of a list. */
interface Slot {
  readonly parent: { [key: string]: Loose } | Loose[];
  readonly key: string | number;
}

/** Changes a document in place; `another` gives another document of the same kind. */
type Mutation = (slot: Slot, chance: Chance, another: () => Json) => void;

/** Larger than an entry may be, and no larger than it takes to show that. */
const LIST_CHARS_MAX = 500_000;

export const JSON_MUTATIONS: { readonly [kind: string]: Mutation } = {
  'swap type': (slot, chance) => put(slot, ofAnotherType(valueOf(slot) as Json, chance)),
  'drop field': (slot) => {
    if (Array.isArray(slot.parent)) slot.parent.splice(slot.key as number, 1);
    else delete slot.parent[slot.key];
  },
  'rename field': (slot, chance) => {
    if (Array.isArray(slot.parent)) return;
    const value = valueOf(slot);
    delete slot.parent[slot.key];
    define(slot.parent, chance.oneIn(3) ? oddKey(chance) : `${slot.key}_`, value);
  },
  'double': (slot, chance) => {
    const copy = structuredClone(valueOf(slot));
    if (Array.isArray(slot.parent)) slot.parent.splice(chance.below(slot.parent.length + 1), 0, copy);
    else define(slot.parent, chance.oneIn(3) ? oddKey(chance) : `${slot.key}2`, copy);
  },
  'odd text': (slot, chance) => put(slot, oddText(chance)),
  'huge text': (slot, chance) => put(slot, hugeText(chance)),
  'odd number': (slot, chance) => put(slot, oddNumber(chance)),
  'raw': (slot, chance) => put(slot, rawValue(chance) as Loose),
  'odd key': (slot, chance) => {
    const inner = valueOf(slot);
    const object = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : slot.parent;
    if (!Array.isArray(object)) define(object as { [key: string]: Loose }, oddKey(chance), oddText(chance));
  },
  'long list': (slot, chance) => {
    const value = valueOf(slot);
    const items = Array.isArray(value) && value.length > 0 ? value : [value];
    const lengthMax = Math.ceil(LIST_CHARS_MAX / (JSON.stringify(items).length / items.length));
    const length = Math.min(chance.pick([100, 1_000, 20_000]), lengthMax);
    put(
      slot,
      Array.from({ length }, (_, index) => numbered(items[index % items.length]!, index)),
    );
  },
  'exchange': (slot, chance, another) => {
    const slots = slotsOf(another() as Loose);
    if (slots.length > 0) put(slot, structuredClone(valueOf(chance.pick(slots))));
  },
};

export const JSON_MUTATION_KINDS = Object.keys(JSON_MUTATIONS);

/** Applies a mutation of a kind somewhere in the document, or to the whole. Returns the document. */
export function mutateJson(document: Json, kind: string, chance: Chance, another: () => Json): Json {
  const root: { [key: string]: Loose } = { document: document as Loose };
  const whole: Slot = { parent: root, key: 'document' };
  const slots = slotsOf(document as Loose);
  // Near the top is what readers look at; further down it is mostly ballast.
  const isWhole = chance.oneIn(60) || slots.length === 0;
  const near = slots.slice(0, 40);
  const slot = isWhole ? whole : chance.pick(chance.oneIn(3) ? slots : near);
  JSON_MUTATIONS[kind]!(slot, chance, another);
  return (root['document'] ?? null) as Json;
}

/** Every place in the document, breadth first. O(document). */
export function slotsOf(document: Loose): Slot[] {
  const slots: Slot[] = [];
  const queue: Loose[] = [document];
  for (let at = 0; at < queue.length && slots.length < 3_000; at++) {
    const value = queue[at];
    if (typeof value !== 'object' || value === null) continue;
    const parent = value as Slot['parent'];
    for (const key of Array.isArray(parent) ? parent.keys() : Object.keys(parent)) {
      slots.push({ parent, key });
      queue.push(valueOf({ parent, key }));
    }
  }
  return slots;
}

function valueOf({ parent, key }: Slot): Loose {
  return (parent as { [key: string | number]: Loose })[key] ?? null;
}

function put({ parent, key }: Slot, value: Loose): void {
  if (Array.isArray(parent)) parent[key as number] = value;
  else define(parent, String(key), value);
}

/** An own member, whatever its name: assignment to `__proto__` would make none. */
function define(object: { [key: string]: Loose }, key: string, value: Loose): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The item, told apart from its copies where it has an id. */
function numbered(item: Loose, index: number): Loose {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
  const copy: { [key: string]: Loose } = { ...(item as { [key: string]: Loose }) };
  for (const key of ['id', 'server_id', 'instance_uuid', 'host']) if (key in copy) copy[key] = `${index}`;
  return copy;
}
