import type { Json } from '@wherefore/model';
import type { Chance } from './chance';

/**
 * Text that JavaScript's values cannot stand for: it replaces a marked string once the JSON is written.
 * So a body can hold `1e999`, `NaN`, a key twice, or 100,000 levels.
 */
const RAW_PREFIX = '@@raw:';
const RAW = /"@@raw:([^"]*)"/g;

const RAW_TEXTS: { readonly [name: string]: () => string } = {
  'huge': () => '1e999',
  'huge-negative': () => '-1e999',
  'digits': () => `1${'0'.repeat(400)}`,
  'nan': () => 'NaN',
  'infinity': () => '-Infinity',
  'hex': () => '0x10',
  'leading-zero': () => '007',
  'undefined': () => 'undefined',
  'single-quotes': () => "'text'",
  'lone-escape': () => '"\\ud83d"',
  'bad-escape': () => '"\\x41"',
  'control': () => '"\u0000\u0001"',
  'deep-60': () => nested(60),
  'deep-100': () => nested(100),
  'deep-3000': () => nested(3_000),
  'deep-100000': () => nested(100_000),
  'unclosed': () => '['.repeat(5_000),
};

const RAW_NAMES = Object.keys(RAW_TEXTS);

export function rawValue(chance: Chance): Json {
  return RAW_PREFIX + chance.pick(RAW_NAMES);
}

/** JSON text, with what was marked put in its raw form. */
export function writeJson(value: Json): string {
  const text = JSON.stringify(value);
  return text.includes(RAW_PREFIX) ? text.replace(RAW, (_, name: string) => RAW_TEXTS[name]?.() ?? 'null') : text;
}

function nested(levels: number): string {
  return '[{"a":'.repeat(levels / 2) + '1' + '}]'.repeat(levels / 2);
}

const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  '\ud800',
  'a\udfffb',
  '\u0000',
  '\ufeff',
  '\ufffd',
  '\u202e',
  'null',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '/',
  ':',
  'RESOURCE:nova.host:compute-01',
  '{"a":1}',
  '../../etc/passwd',
  '%s%n',
  '2026-02-30T00:00:00Z',
  '9999-12-31T23:59:59.999999Z',
  '0001-01-01T00:00:00Z',
  '2026-11-22T00:00:00+23:59',
  'deleted',
  'DELETE_COMPLETE',
  'ÄÖÜ€😀',
];

export function oddText(chance: Chance): string {
  return chance.pick(ODD_TEXTS);
}

const HUGE_LENGTHS = [513, 1_025, 65_536, 262_144, 1_048_576, 3_000_000];

export function hugeText(chance: Chance): string {
  const length = chance.pick(chance.oneIn(12) ? HUGE_LENGTHS : HUGE_LENGTHS.slice(0, 4));
  const unit = chance.pick(['x', '€', '😀', '"', '\\', '\ud800', '\u0000', '${a}']);
  return unit.repeat(Math.ceil(length / unit.length));
}

const ODD_NUMBERS = [
  0,
  -0,
  -1,
  1,
  0.1,
  1e21,
  -1e308,
  5e-324,
  2 ** 53,
  -(2 ** 63),
  1e15,
  253_402_300_800,
  4_294_967_296,
];

export function oddNumber(chance: Chance): number {
  return chance.pick(ODD_NUMBERS);
}

const ODD_KEYS = [
  '__proto__',
  'constructor',
  'toString',
  '',
  '\ud800',
  '0',
  'vitrage_id',
  'vitrage_entity_type',
  'a.b',
];

export function oddKey(chance: Chance): string {
  return chance.oneIn(40) ? hugeText(chance) : chance.pick(ODD_KEYS);
}

/** A value of another type than `value`. */
export function ofAnotherType(value: Json, chance: Chance): Json {
  const others: Json[] = [null, true, false, [], {}, '', 0, [value], { value }, [null], [[]], { '': null }];
  if (typeof value === 'string') others.push(Number(value) || 1, [...value].slice(0, 4));
  if (typeof value === 'number') others.push(String(value), -value);
  if (Array.isArray(value)) others.push({ ...(value as readonly Json[]) } as unknown as Json);
  return chance.pick(others.filter((other) => kind(other) !== kind(value)));
}

function kind(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
}
