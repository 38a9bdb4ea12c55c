import type { Json } from '@wherefore/model';
import { isJsonObject } from '@wherefore/model';
import { type Finding, type Path, shapeFinding } from './fault';
import type { StatusCode } from './statusCodes';

/** Looks closer at a text that has the right shape. */
export type TextCheck = (text: string, path: Path) => Finding | undefined;

/** What a piece of content has to look like. */
export type Shape =
  | { readonly kind: 'anything' }
  | { readonly kind: 'text'; readonly check?: TextCheck }
  | {
      readonly kind: 'list';
      readonly item: Shape;
      readonly whenEmpty?: StatusCode;
      /** Whether the key may stand there with nothing behind it. */
      readonly orNothing?: boolean;
    }
  | {
      readonly kind: 'mapping';
      readonly members: Members;
      readonly others?: OtherMembers;
      readonly whenEmpty?: StatusCode;
    }
  | { readonly kind: 'text-or'; readonly shape: Shape };

/** The members a mapping may have; `missing` makes one mandatory and tells the code of its absence. */
export type Members = { readonly [key: string]: { readonly shape: Shape; readonly missing?: StatusCode } };

/** The shape of members that are not listed. Without it they are refused. */
export type OtherMembers = (key: string) => Shape;

/** Any text. */
export const TEXT: Shape = { kind: 'text' };

/** Anything at all. */
export const ANYTHING: Shape = { kind: 'anything' };

/**
 * The first way in which `value` is not of that shape. Members are looked at in the order they are
 * written, and what is missing comes last: the order in which Vitrage reports. O(content).
 */
export function checkShape(value: Json, shape: Shape, path: Path): Finding | undefined {
  switch (shape.kind) {
    case 'anything':
      return undefined;
    case 'text':
      if (typeof value !== 'string') return shapeFinding('expected str', path);
      return shape.check?.(value, path);
    case 'text-or':
      return typeof value === 'string' ? undefined : checkShape(value, shape.shape, path);
    case 'list':
      return checkList(value, shape, path);
    case 'mapping':
      return checkMapping(value, shape, path);
  }
}

function checkList(value: Json, shape: Shape & { kind: 'list' }, path: Path): Finding | undefined {
  if (value === '' && shape.orNothing) return undefined;
  if (!Array.isArray(value)) return shapeFinding('expected a list', path);
  if (value.length === 0 && shape.whenEmpty !== undefined) return { code: shape.whenEmpty, path };
  for (const [index, item] of (value as readonly Json[]).entries()) {
    const finding = checkShape(item, shape.item, [...path, index]);
    if (finding) return finding;
  }
  return undefined;
}

function checkMapping(value: Json, shape: Shape & { kind: 'mapping' }, path: Path): Finding | undefined {
  if (!isJsonObject(value)) return shapeFinding('expected a dictionary', path);
  if (shape.whenEmpty !== undefined && Object.keys(value).length === 0) return { code: shape.whenEmpty, path };
  for (const [key, item] of Object.entries(value)) {
    const listed = Object.hasOwn(shape.members, key) ? shape.members[key]?.shape : undefined;
    const expected = listed ?? shape.others?.(key);
    if (!expected) {
      const known = Object.keys(shape.members);
      const finding = shapeFinding('extra keys not allowed', [...path, key], `Here may stand: ${known.join(', ')}.`);
      return { ...finding, offset: 'key' };
    }
    const finding = checkShape(item, expected, [...path, key]);
    if (finding) return finding;
  }
  for (const [key, { missing }] of Object.entries(shape.members)) {
    if (missing === undefined || Object.hasOwn(value, key)) continue;
    const absent = [...path, key];
    return missing === 4 ? shapeFinding('required key not provided', absent) : { code: missing, path: absent };
  }
  return undefined;
}
