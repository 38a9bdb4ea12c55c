import { parseArgs } from 'node:util';

/** A case of the benchmark, and the sizes of clouds it is measured at. */
export interface PlannedCase {
  readonly name: string;
  readonly sizes: readonly string[];
  /** What it measures, in half a line. */
  readonly about: string;
}

/** What somebody asks of the benchmark. */
export type Command =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'case'; readonly name: string; readonly size: string }
  | {
      readonly kind: 'run';
      readonly plan: readonly PlannedCase[];
      readonly jsonFile: string | undefined;
      readonly isMarkdown: boolean;
    };

/** What cannot be taken, and what can be instead. */
class Refusal extends Error {}

/**
 * Reads the arguments after the program. Whatever it does not know is refused with what there is; `case` takes any of
 * `sizes`, and `run` keeps the order of the plan.
 */
export function readCommandLine(
  args: readonly string[],
  plan: readonly PlannedCase[],
  sizes: readonly string[],
): Command {
  try {
    const { values, positionals } = parse(args);
    if (values.help === true) return { kind: 'help', text: usage(plan, sizes) };
    if (values.case !== undefined) return readCase(values, positionals, plan, sizes);
    if (positionals.length > 0) throw new Refusal(`"${positionals[0]}" stands alone: --only "${positionals[0]}"?`);
    const { json: jsonFile, markdown: isMarkdown = false } = values;
    return { kind: 'run', plan: choose(plan, values.only, values.sizes), jsonFile, isMarkdown };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return { kind: 'refused', text: `${refusal.message}\n"npm run bench -- --help" shows what there is.\n` };
  }
}

const OPTIONS = {
  only: { type: 'string', multiple: true },
  sizes: { type: 'string', multiple: true },
  json: { type: 'string' },
  markdown: { type: 'boolean' },
  case: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    const [reason] = (cause as Error).message.split('. ');
    const known = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new Refusal(`${reason}. Options: ${known.join(', ')}.`);
  }
}

type Values = ReturnType<typeof parse>['values'];

function readCase(
  values: Values,
  positionals: readonly string[],
  plan: readonly PlannedCase[],
  sizes: readonly string[],
): Command {
  const others = Object.keys(values).filter((name) => name !== 'case');
  if (others.length > 0) throw new Refusal(`--case prints JSON and takes no --${others[0]} beside it.`);
  const [size, ...more] = positionals;
  if (size === undefined || more.length > 0)
    throw new Refusal('--case takes a name and one size: --case topology 10k.');
  const name = values.case!;
  known('case', [name], names(plan));
  known('size', [size], sizes);
  return { kind: 'case', name, size };
}

function choose(
  plan: readonly PlannedCase[],
  onlyLists: readonly string[] | undefined,
  sizeLists: readonly string[] | undefined,
): readonly PlannedCase[] {
  const [only, sizes] = [split('only', onlyLists), split('sizes', sizeLists)];
  if (only !== undefined) known('case', only, names(plan));
  if (sizes !== undefined) known('size', sizes, [...new Set(plan.flatMap((planned) => planned.sizes))]);
  const chosen = plan
    .filter(({ name }) => only?.includes(name) ?? true)
    .map((planned) => ({ ...planned, sizes: planned.sizes.filter((size) => sizes?.includes(size) ?? true) }))
    .filter((planned) => planned.sizes.length > 0);
  if (chosen.length > 0) return chosen;
  const measured = plan.filter(({ name }) => only!.includes(name));
  const there = measured.map(({ name, sizes: at }) => `${name} at ${at.join(', ')}`).join('; ');
  throw new Refusal(`Nothing of this is measured at ${sizes!.join(', ')}: ${there}.`);
}

/** The names of comma-separated lists; an option may be given more than once. */
function split(option: string, lists: readonly string[] | undefined): readonly string[] | undefined {
  const found = lists?.flatMap((list) => list.split(',')).map((name) => name.trim());
  if (found?.includes('') === true)
    throw new Refusal(`--${option} takes names with commas between, none of them empty.`);
  return found;
}

function known(what: string, given: readonly string[], there: readonly string[]): void {
  const unknown = given.filter((name) => !there.includes(name)).map((name) => `"${name}"`);
  if (unknown.length > 0)
    throw new Refusal(`There is no ${what} ${unknown.join(', ')}. There is: ${there.join(', ')}.`);
}

function names(plan: readonly PlannedCase[]): string[] {
  return plan.map(({ name }) => name);
}

function usage(plan: readonly PlannedCase[], sizes: readonly string[]): string {
  const lines = plan.map(({ name, about, sizes: at }) => `  ${name.padEnd(16)}${at.join(', ').padEnd(20)}${about}`);
  return `npm run bench [-- --only CASES --sizes SIZES --json FILE --markdown]

Measures the cases below, each at each of its sizes in a process of its own, asserts the answers, and prints each figure
beside the peer's or its goal. Where a case has rounds, a figure is their median, or of rare steps the first; all of
them together, and the best one, stand below it. The calibration loop before and after each case tells how fast the
machine was, "core of its own" in how much of the case nobody else had a share in the core: where somebody has, a
program may take up to 1.9 times as long.

  --only CASES     these cases, with commas between
  --sizes SIZES    at these sizes, with commas between
  --json FILE      also writes a list of {name, value, unit, peer, ratio} to this file
  --markdown       prints the rows of the table in docs/performance.md
  --case NAME SIZE one case in this very process, at any of ${sizes.join(', ')}; prints JSON

${lines.join('\n')}
`;
}
