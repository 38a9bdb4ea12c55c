import fc from 'fast-check';
import { ByteSlices } from './byteSlices';

const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('ä'.repeat(100_000), 'x'.repeat(300_000), '🙂'.repeat(50_000)),
);

describe('slices of bytes', () => {
  it('are the text that was written, whatever its length', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(piece, fc.boolean()), { maxLength: 60 }), (pieces) => {
        const out = new ByteSlices();
        const slices: Uint8Array[] = [];
        for (const [each, isBytes] of pieces) {
          if (isBytes) out.bytes(Buffer.from(each));
          else out.text(each);
          slices.push(...out.taken());
        }
        slices.push(...out.rest());
        expect(Buffer.concat(slices).toString('utf8')).toBe(pieces.map(([each]) => each).join(''));
        // What shares its memory with others could not move to another thread.
        for (const { buffer, length } of slices) expect(buffer.byteLength).toBe(length);
      }),
      { numRuns: 60 },
    );
  });
});
