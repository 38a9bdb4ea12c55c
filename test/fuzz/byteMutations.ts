import type { Chance } from './chance';

type ByteMutation = (bytes: Buffer, chance: Chance) => Buffer;

/** What can happen to a text on its way, or be done to it. */
export const BYTE_MUTATIONS: { readonly [kind: string]: ByteMutation } = {
  'cut': (bytes, chance) => bytes.subarray(0, chance.below(bytes.length + 1)),
  'cut at the front': (bytes, chance) => bytes.subarray(chance.below(bytes.length + 1)),
  'flip bits': (bytes, chance) => {
    const flipped = Buffer.from(bytes);
    for (let count = 1 + chance.below(8); count > 0 && flipped.length > 0; count--) {
      const at = chance.below(flipped.length);
      flipped[at] = flipped[at]! ^ (1 << chance.below(8));
    }
    return flipped;
  },
  'bytes in between': (bytes, chance) => {
    const at = chance.below(bytes.length + 1);
    const odd = chance.pick([
      [0xff],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0],
      [0x80],
      [0xf5, 0x80, 0x80, 0x80],
      [0x22],
      [0x5c],
    ]);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(odd), bytes.subarray(at)]);
  },
  'a piece gone': (bytes, chance) => {
    const at = chance.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + chance.below(40))]);
  },
  'a piece twice': (bytes, chance) => {
    const at = chance.below(bytes.length + 1);
    const end = at + chance.below(200);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
  },
  'byte order mark': (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
  'UTF-16': (bytes, chance) => {
    const little = Buffer.from(`\ufeff${bytes.toString('utf8')}`, 'utf16le');
    return chance.oneIn(2) ? little : little.swap16();
  },
  'Latin-1': (bytes) => Buffer.from(bytes.toString('utf8').replace(/[aeiou]/, 'ü'), 'latin1'),
  'twice': (bytes) => Buffer.concat([bytes, bytes]),
  'NUL at the end': (bytes) => Buffer.concat([bytes, Buffer.from([0])]),
  'noise': (_, chance) => Buffer.from(Array.from({ length: chance.below(300) }, () => chance.below(256))),
  'empty': () => Buffer.alloc(0),
};

export const BYTE_MUTATION_KINDS = Object.keys(BYTE_MUTATIONS);
