/**
 * SHA-1 (FIPS 180-4, section 6.1). Every entity is named by one, so its rounds are written out: with sixteen words in
 * variables of their own an id takes 0.69 µs, with eighty in a list and loops around them 0.93. Functions for the
 * rotations cost all of that again, for so many calls are not inlined.
 */

/** The five words of the last hash. */
export const hash = new Int32Array(5);

/** SHA-1 of the first `length` bytes, into `hash`. Pads in place, which takes up to 72 bytes behind them. O(length). */
export function sha1(bytes: Uint8Array, length: number): void {
  const end = pad(bytes, length);
  hash[0] = 0x67452301;
  hash[1] = 0xefcdab89;
  hash[2] = 0x98badcfe;
  hash[3] = 0x10325476;
  hash[4] = 0xc3d2e1f0;
  for (let block = 0; block < end; block += 64) enterBlock(bytes, block);
}

/** Fills the last block up as SHA-1 asks for. Gives the end of it. */
function pad(bytes: Uint8Array, length: number): number {
  const end = (((length + 8) >> 6) + 1) * 64;
  bytes[length] = 0x80;
  for (let i = length + 1; i < end; i++) bytes[i] = 0;
  const bits = length * 8;
  for (let i = 1; i <= 4; i++) bytes[end - i] = (bits >>> (8 * (i - 1))) & 0xff;
  return end;
}

/** Enters the 64 bytes of a block. Once a word has been used, the one sixteen rounds later takes its place. */
// prettier-ignore
function enterBlock(bytes: Uint8Array, block: number): void {
  let a = hash[0]!, b = hash[1]!, c = hash[2]!, d = hash[3]!, e = hash[4]!;
  let w0 = wordAt(bytes, block), w1 = wordAt(bytes, block + 4);
  let w2 = wordAt(bytes, block + 8), w3 = wordAt(bytes, block + 12);
  let w4 = wordAt(bytes, block + 16), w5 = wordAt(bytes, block + 20);
  let w6 = wordAt(bytes, block + 24), w7 = wordAt(bytes, block + 28);
  let w8 = wordAt(bytes, block + 32), w9 = wordAt(bytes, block + 36);
  let w10 = wordAt(bytes, block + 40), w11 = wordAt(bytes, block + 44);
  let w12 = wordAt(bytes, block + 48), w13 = wordAt(bytes, block + 52);
  let w14 = wordAt(bytes, block + 56), w15 = wordAt(bytes, block + 60);
  e = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + 0x5a827999 + e + w0) | 0; b = (b << 30) | (b >>> 2);
  w0 = w13 ^ w8 ^ w2 ^ w0; w0 = (w0 << 1) | (w0 >>> 31);
  d = (((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + 0x5a827999 + d + w1) | 0; a = (a << 30) | (a >>> 2);
  w1 = w14 ^ w9 ^ w3 ^ w1; w1 = (w1 << 1) | (w1 >>> 31);
  c = (((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + 0x5a827999 + c + w2) | 0; e = (e << 30) | (e >>> 2);
  w2 = w15 ^ w10 ^ w4 ^ w2; w2 = (w2 << 1) | (w2 >>> 31);
  b = (((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + 0x5a827999 + b + w3) | 0; d = (d << 30) | (d >>> 2);
  w3 = w0 ^ w11 ^ w5 ^ w3; w3 = (w3 << 1) | (w3 >>> 31);
  a = (((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + 0x5a827999 + a + w4) | 0; c = (c << 30) | (c >>> 2);
  w4 = w1 ^ w12 ^ w6 ^ w4; w4 = (w4 << 1) | (w4 >>> 31);
  e = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + 0x5a827999 + e + w5) | 0; b = (b << 30) | (b >>> 2);
  w5 = w2 ^ w13 ^ w7 ^ w5; w5 = (w5 << 1) | (w5 >>> 31);
  d = (((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + 0x5a827999 + d + w6) | 0; a = (a << 30) | (a >>> 2);
  w6 = w3 ^ w14 ^ w8 ^ w6; w6 = (w6 << 1) | (w6 >>> 31);
  c = (((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + 0x5a827999 + c + w7) | 0; e = (e << 30) | (e >>> 2);
  w7 = w4 ^ w15 ^ w9 ^ w7; w7 = (w7 << 1) | (w7 >>> 31);
  b = (((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + 0x5a827999 + b + w8) | 0; d = (d << 30) | (d >>> 2);
  w8 = w5 ^ w0 ^ w10 ^ w8; w8 = (w8 << 1) | (w8 >>> 31);
  a = (((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + 0x5a827999 + a + w9) | 0; c = (c << 30) | (c >>> 2);
  w9 = w6 ^ w1 ^ w11 ^ w9; w9 = (w9 << 1) | (w9 >>> 31);
  e = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + 0x5a827999 + e + w10) | 0; b = (b << 30) | (b >>> 2);
  w10 = w7 ^ w2 ^ w12 ^ w10; w10 = (w10 << 1) | (w10 >>> 31);
  d = (((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + 0x5a827999 + d + w11) | 0; a = (a << 30) | (a >>> 2);
  w11 = w8 ^ w3 ^ w13 ^ w11; w11 = (w11 << 1) | (w11 >>> 31);
  c = (((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + 0x5a827999 + c + w12) | 0; e = (e << 30) | (e >>> 2);
  w12 = w9 ^ w4 ^ w14 ^ w12; w12 = (w12 << 1) | (w12 >>> 31);
  b = (((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + 0x5a827999 + b + w13) | 0; d = (d << 30) | (d >>> 2);
  w13 = w10 ^ w5 ^ w15 ^ w13; w13 = (w13 << 1) | (w13 >>> 31);
  a = (((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + 0x5a827999 + a + w14) | 0; c = (c << 30) | (c >>> 2);
  w14 = w11 ^ w6 ^ w0 ^ w14; w14 = (w14 << 1) | (w14 >>> 31);
  e = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + 0x5a827999 + e + w15) | 0; b = (b << 30) | (b >>> 2);
  w15 = w12 ^ w7 ^ w1 ^ w15; w15 = (w15 << 1) | (w15 >>> 31);
  d = (((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + 0x5a827999 + d + w0) | 0; a = (a << 30) | (a >>> 2);
  w0 = w13 ^ w8 ^ w2 ^ w0; w0 = (w0 << 1) | (w0 >>> 31);
  c = (((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + 0x5a827999 + c + w1) | 0; e = (e << 30) | (e >>> 2);
  w1 = w14 ^ w9 ^ w3 ^ w1; w1 = (w1 << 1) | (w1 >>> 31);
  b = (((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + 0x5a827999 + b + w2) | 0; d = (d << 30) | (d >>> 2);
  w2 = w15 ^ w10 ^ w4 ^ w2; w2 = (w2 << 1) | (w2 >>> 31);
  a = (((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + 0x5a827999 + a + w3) | 0; c = (c << 30) | (c >>> 2);
  w3 = w0 ^ w11 ^ w5 ^ w3; w3 = (w3 << 1) | (w3 >>> 31);
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + 0x6ed9eba1 + e + w4) | 0; b = (b << 30) | (b >>> 2);
  w4 = w1 ^ w12 ^ w6 ^ w4; w4 = (w4 << 1) | (w4 >>> 31);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + 0x6ed9eba1 + d + w5) | 0; a = (a << 30) | (a >>> 2);
  w5 = w2 ^ w13 ^ w7 ^ w5; w5 = (w5 << 1) | (w5 >>> 31);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + 0x6ed9eba1 + c + w6) | 0; e = (e << 30) | (e >>> 2);
  w6 = w3 ^ w14 ^ w8 ^ w6; w6 = (w6 << 1) | (w6 >>> 31);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + 0x6ed9eba1 + b + w7) | 0; d = (d << 30) | (d >>> 2);
  w7 = w4 ^ w15 ^ w9 ^ w7; w7 = (w7 << 1) | (w7 >>> 31);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + 0x6ed9eba1 + a + w8) | 0; c = (c << 30) | (c >>> 2);
  w8 = w5 ^ w0 ^ w10 ^ w8; w8 = (w8 << 1) | (w8 >>> 31);
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + 0x6ed9eba1 + e + w9) | 0; b = (b << 30) | (b >>> 2);
  w9 = w6 ^ w1 ^ w11 ^ w9; w9 = (w9 << 1) | (w9 >>> 31);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + 0x6ed9eba1 + d + w10) | 0; a = (a << 30) | (a >>> 2);
  w10 = w7 ^ w2 ^ w12 ^ w10; w10 = (w10 << 1) | (w10 >>> 31);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + 0x6ed9eba1 + c + w11) | 0; e = (e << 30) | (e >>> 2);
  w11 = w8 ^ w3 ^ w13 ^ w11; w11 = (w11 << 1) | (w11 >>> 31);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + 0x6ed9eba1 + b + w12) | 0; d = (d << 30) | (d >>> 2);
  w12 = w9 ^ w4 ^ w14 ^ w12; w12 = (w12 << 1) | (w12 >>> 31);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + 0x6ed9eba1 + a + w13) | 0; c = (c << 30) | (c >>> 2);
  w13 = w10 ^ w5 ^ w15 ^ w13; w13 = (w13 << 1) | (w13 >>> 31);
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + 0x6ed9eba1 + e + w14) | 0; b = (b << 30) | (b >>> 2);
  w14 = w11 ^ w6 ^ w0 ^ w14; w14 = (w14 << 1) | (w14 >>> 31);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + 0x6ed9eba1 + d + w15) | 0; a = (a << 30) | (a >>> 2);
  w15 = w12 ^ w7 ^ w1 ^ w15; w15 = (w15 << 1) | (w15 >>> 31);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + 0x6ed9eba1 + c + w0) | 0; e = (e << 30) | (e >>> 2);
  w0 = w13 ^ w8 ^ w2 ^ w0; w0 = (w0 << 1) | (w0 >>> 31);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + 0x6ed9eba1 + b + w1) | 0; d = (d << 30) | (d >>> 2);
  w1 = w14 ^ w9 ^ w3 ^ w1; w1 = (w1 << 1) | (w1 >>> 31);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + 0x6ed9eba1 + a + w2) | 0; c = (c << 30) | (c >>> 2);
  w2 = w15 ^ w10 ^ w4 ^ w2; w2 = (w2 << 1) | (w2 >>> 31);
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + 0x6ed9eba1 + e + w3) | 0; b = (b << 30) | (b >>> 2);
  w3 = w0 ^ w11 ^ w5 ^ w3; w3 = (w3 << 1) | (w3 >>> 31);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + 0x6ed9eba1 + d + w4) | 0; a = (a << 30) | (a >>> 2);
  w4 = w1 ^ w12 ^ w6 ^ w4; w4 = (w4 << 1) | (w4 >>> 31);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + 0x6ed9eba1 + c + w5) | 0; e = (e << 30) | (e >>> 2);
  w5 = w2 ^ w13 ^ w7 ^ w5; w5 = (w5 << 1) | (w5 >>> 31);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + 0x6ed9eba1 + b + w6) | 0; d = (d << 30) | (d >>> 2);
  w6 = w3 ^ w14 ^ w8 ^ w6; w6 = (w6 << 1) | (w6 >>> 31);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + 0x6ed9eba1 + a + w7) | 0; c = (c << 30) | (c >>> 2);
  w7 = w4 ^ w15 ^ w9 ^ w7; w7 = (w7 << 1) | (w7 >>> 31);
  e = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + 0x8f1bbcdc + e + w8) | 0; b = (b << 30) | (b >>> 2);
  w8 = w5 ^ w0 ^ w10 ^ w8; w8 = (w8 << 1) | (w8 >>> 31);
  d = (((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + 0x8f1bbcdc + d + w9) | 0; a = (a << 30) | (a >>> 2);
  w9 = w6 ^ w1 ^ w11 ^ w9; w9 = (w9 << 1) | (w9 >>> 31);
  c = (((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + 0x8f1bbcdc + c + w10) | 0; e = (e << 30) | (e >>> 2);
  w10 = w7 ^ w2 ^ w12 ^ w10; w10 = (w10 << 1) | (w10 >>> 31);
  b = (((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + 0x8f1bbcdc + b + w11) | 0; d = (d << 30) | (d >>> 2);
  w11 = w8 ^ w3 ^ w13 ^ w11; w11 = (w11 << 1) | (w11 >>> 31);
  a = (((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + 0x8f1bbcdc + a + w12) | 0; c = (c << 30) | (c >>> 2);
  w12 = w9 ^ w4 ^ w14 ^ w12; w12 = (w12 << 1) | (w12 >>> 31);
  e = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + 0x8f1bbcdc + e + w13) | 0; b = (b << 30) | (b >>> 2);
  w13 = w10 ^ w5 ^ w15 ^ w13; w13 = (w13 << 1) | (w13 >>> 31);
  d = (((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + 0x8f1bbcdc + d + w14) | 0; a = (a << 30) | (a >>> 2);
  w14 = w11 ^ w6 ^ w0 ^ w14; w14 = (w14 << 1) | (w14 >>> 31);
  c = (((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + 0x8f1bbcdc + c + w15) | 0; e = (e << 30) | (e >>> 2);
  w15 = w12 ^ w7 ^ w1 ^ w15; w15 = (w15 << 1) | (w15 >>> 31);
  b = (((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + 0x8f1bbcdc + b + w0) | 0; d = (d << 30) | (d >>> 2);
  w0 = w13 ^ w8 ^ w2 ^ w0; w0 = (w0 << 1) | (w0 >>> 31);
  a = (((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + 0x8f1bbcdc + a + w1) | 0; c = (c << 30) | (c >>> 2);
  w1 = w14 ^ w9 ^ w3 ^ w1; w1 = (w1 << 1) | (w1 >>> 31);
  e = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + 0x8f1bbcdc + e + w2) | 0; b = (b << 30) | (b >>> 2);
  w2 = w15 ^ w10 ^ w4 ^ w2; w2 = (w2 << 1) | (w2 >>> 31);
  d = (((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + 0x8f1bbcdc + d + w3) | 0; a = (a << 30) | (a >>> 2);
  w3 = w0 ^ w11 ^ w5 ^ w3; w3 = (w3 << 1) | (w3 >>> 31);
  c = (((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + 0x8f1bbcdc + c + w4) | 0; e = (e << 30) | (e >>> 2);
  w4 = w1 ^ w12 ^ w6 ^ w4; w4 = (w4 << 1) | (w4 >>> 31);
  b = (((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + 0x8f1bbcdc + b + w5) | 0; d = (d << 30) | (d >>> 2);
  w5 = w2 ^ w13 ^ w7 ^ w5; w5 = (w5 << 1) | (w5 >>> 31);
  a = (((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + 0x8f1bbcdc + a + w6) | 0; c = (c << 30) | (c >>> 2);
  w6 = w3 ^ w14 ^ w8 ^ w6; w6 = (w6 << 1) | (w6 >>> 31);
  e = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + 0x8f1bbcdc + e + w7) | 0; b = (b << 30) | (b >>> 2);
  w7 = w4 ^ w15 ^ w9 ^ w7; w7 = (w7 << 1) | (w7 >>> 31);
  d = (((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + 0x8f1bbcdc + d + w8) | 0; a = (a << 30) | (a >>> 2);
  w8 = w5 ^ w0 ^ w10 ^ w8; w8 = (w8 << 1) | (w8 >>> 31);
  c = (((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + 0x8f1bbcdc + c + w9) | 0; e = (e << 30) | (e >>> 2);
  w9 = w6 ^ w1 ^ w11 ^ w9; w9 = (w9 << 1) | (w9 >>> 31);
  b = (((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + 0x8f1bbcdc + b + w10) | 0; d = (d << 30) | (d >>> 2);
  w10 = w7 ^ w2 ^ w12 ^ w10; w10 = (w10 << 1) | (w10 >>> 31);
  a = (((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + 0x8f1bbcdc + a + w11) | 0; c = (c << 30) | (c >>> 2);
  w11 = w8 ^ w3 ^ w13 ^ w11; w11 = (w11 << 1) | (w11 >>> 31);
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + 0xca62c1d6 + e + w12) | 0; b = (b << 30) | (b >>> 2);
  w12 = w9 ^ w4 ^ w14 ^ w12; w12 = (w12 << 1) | (w12 >>> 31);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + 0xca62c1d6 + d + w13) | 0; a = (a << 30) | (a >>> 2);
  w13 = w10 ^ w5 ^ w15 ^ w13; w13 = (w13 << 1) | (w13 >>> 31);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + 0xca62c1d6 + c + w14) | 0; e = (e << 30) | (e >>> 2);
  w14 = w11 ^ w6 ^ w0 ^ w14; w14 = (w14 << 1) | (w14 >>> 31);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + 0xca62c1d6 + b + w15) | 0; d = (d << 30) | (d >>> 2);
  w15 = w12 ^ w7 ^ w1 ^ w15; w15 = (w15 << 1) | (w15 >>> 31);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + 0xca62c1d6 + a + w0) | 0; c = (c << 30) | (c >>> 2);
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + 0xca62c1d6 + e + w1) | 0; b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + 0xca62c1d6 + d + w2) | 0; a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + 0xca62c1d6 + c + w3) | 0; e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + 0xca62c1d6 + b + w4) | 0; d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + 0xca62c1d6 + a + w5) | 0; c = (c << 30) | (c >>> 2);
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + 0xca62c1d6 + e + w6) | 0; b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + 0xca62c1d6 + d + w7) | 0; a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + 0xca62c1d6 + c + w8) | 0; e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + 0xca62c1d6 + b + w9) | 0; d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + 0xca62c1d6 + a + w10) | 0; c = (c << 30) | (c >>> 2);
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + 0xca62c1d6 + e + w11) | 0; b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + 0xca62c1d6 + d + w12) | 0; a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + 0xca62c1d6 + c + w13) | 0; e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + 0xca62c1d6 + b + w14) | 0; d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + 0xca62c1d6 + a + w15) | 0; c = (c << 30) | (c >>> 2);
  hash[0] = hash[0]! + a; hash[1] = hash[1]! + b; hash[2] = hash[2]! + c;
  hash[3] = hash[3]! + d; hash[4] = hash[4]! + e;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
