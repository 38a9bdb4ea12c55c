import { closeSync, openSync, readSync } from 'node:fs';
import { unreadable } from './templateFiles';

const CHUNK_BYTES = 1 << 20;
const NEW_LINE = 0x0a;

/** A line that is not blank, and its number from 1. */
export interface NumberedLine {
  readonly text: string;
  readonly number: number;
}

/**
 * The lines of a file, read piece by piece: a recording may be larger than memory.
 * Throws `file-unreadable`.
 */
export function* linesOf(file: string): Generator<NumberedLine> {
  const descriptor = open(file);
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest: Buffer = Buffer.alloc(0);
    let number = 0;
    for (;;) {
      const size = read(file, descriptor, chunk);
      // Pieces are cut at line ends, so no character is cut in two.
      const bytes = Buffer.concat([rest, chunk.subarray(0, size)]);
      let start = 0;
      for (let end = bytes.indexOf(NEW_LINE); end >= 0; end = bytes.indexOf(NEW_LINE, start)) {
        number += 1;
        const text = bytes.toString('utf8', start, end).trim();
        if (text !== '') yield { text, number };
        start = end + 1;
      }
      rest = bytes.subarray(start);
      if (size > 0) continue;
      const text = rest.toString('utf8').trim();
      if (text !== '') yield { text, number: number + 1 };
      return;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Throws `file-unreadable` unless the file can be read, before any work is done for it. */
export function checkReadable(file: string): void {
  const descriptor = open(file);
  try {
    read(file, descriptor, Buffer.alloc(1));
  } finally {
    closeSync(descriptor);
  }
}

function open(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function read(file: string, descriptor: number, into: Buffer): number {
  try {
    return readSync(descriptor, into, 0, into.length, null);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}
