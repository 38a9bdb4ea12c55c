import { type Json, readJson } from '@wherefore/model';
import { BYTE_MUTATION_KINDS, BYTE_MUTATIONS } from './byteMutations';
import { Chance } from './chance';
import type { Input } from './inputs';
import { JSON_MUTATION_KINDS, mutateJson } from './jsonMutations';
import { writeJson } from './oddValues';

/** A recorded input with something wrong with it. */
export interface Mutant {
  readonly index: number;
  readonly input: Input;
  /** What was done to it; the first counts in the summary. */
  readonly kinds: readonly string[];
  /** Where among the good inputs it comes in: after so many of them. */
  readonly place: number;
}

/** Broken bytes are mostly just that: three times as many mutants are JSON that says odd things. */
const KINDS: readonly string[] = [
  ...[...JSON_MUTATION_KINDS, ...JSON_MUTATION_KINDS, ...JSON_MUTATION_KINDS],
  ...BYTE_MUTATION_KINDS.map((kind) => `bytes: ${kind}`),
  'inner text',
];

/** Makes mutants of recorded inputs, each from the seed and its own number alone. */
export class MutantMaker {
  private readonly telling: readonly Input[];

  constructor(
    private readonly seed: number,
    private readonly inputs: { readonly [way in Input['way']]: readonly Input[] },
    isTelling: (input: Input) => boolean,
    private readonly placeCount: number,
  ) {
    this.telling = inputs.notification.filter(isTelling);
  }

  make(index: number): Mutant {
    const chance = new Chance(this.seed, index);
    const original = this.original(chance);
    const kinds: string[] = [];
    let { bytes } = original;
    // Every kind gets its share, whatever chance does.
    for (let count = chance.oneIn(4) ? 3 : 1; count > 0; count--) {
      const kind = kinds.length === 0 ? KINDS[index % KINDS.length]! : chance.pick(KINDS);
      kinds.push(kind);
      bytes = this.changed(bytes, original.way, kind, chance);
    }
    return { index, input: { ...original, bytes }, kinds, place: chance.below(this.placeCount) };
  }

  private original(chance: Chance): Input {
    const way = chance.below(10);
    if (way < 1) return chance.pick(this.inputs.answer);
    if (way < 3) return chance.pick(this.inputs.post);
    return chance.pick(way < 9 ? this.telling : this.inputs.notification);
  }

  private changed(bytes: Buffer, way: Input['way'], kind: string, chance: Chance): Buffer {
    if (kind.startsWith('bytes: ')) return BYTE_MUTATIONS[kind.slice(7)]!(bytes, chance);
    if (kind === 'inner text') return this.withBrokenInside(bytes, way, chance);
    const document = parsed(bytes);
    if (document === undefined) return bytes;
    const another = () => contentOf(parsed(chance.pick(this.inputs[way]).bytes) ?? null);
    const inner = innerText(document);
    // One in ten times the envelope itself, else what is in it.
    if (inner === undefined || chance.oneIn(10)) {
      return Buffer.from(writeJson(mutateJson(document, kind, chance, another)));
    }
    const content = parsed(Buffer.from(inner));
    if (content === undefined) return bytes;
    const text = writeJson(mutateJson(content, kind, chance, another));
    return Buffer.from(JSON.stringify({ ...(document as object), 'oslo.message': text }));
  }

  /** The JSON within the JSON, broken. */
  private withBrokenInside(bytes: Buffer, way: Input['way'], chance: Chance): Buffer {
    const document = parsed(bytes);
    const inner = document === undefined ? undefined : innerText(document);
    const kind = chance.pick(BYTE_MUTATION_KINDS);
    if (inner === undefined) return BYTE_MUTATIONS[kind]!(bytes, chance);
    const broken = BYTE_MUTATIONS[kind]!(Buffer.from(inner), chance).toString('utf8');
    const text = chance.oneIn(5) ? JSON.stringify(inner) : broken;
    return Buffer.from(JSON.stringify({ ...(document as object), 'oslo.message': text }));
  }
}

/** What is too odd to be read stays as it is. */
function parsed(bytes: Buffer): Json | undefined {
  const read = readJson(bytes, 'mutant');
  return 'code' in read ? undefined : read.value;
}

function innerText(document: Json): string | undefined {
  const inner = (document as { readonly [key: string]: unknown } | null)?.['oslo.message'];
  return typeof inner === 'string' ? inner : undefined;
}

function contentOf(document: Json): Json {
  const inner = innerText(document);
  return inner === undefined ? document : (parsed(Buffer.from(inner)) ?? document);
}
