import type { IncomingMessage } from 'node:http';
import { BOUNDARY_LIMITS, excerptOf, readJson, WhereforeError, type Json } from '@wherefore/model';

/** Of a body that is too large, so much is still read, so that the client gets to read the answer. */
const DRAINED_BYTES_MAX = 64 * 1024 * 1024;

/** A body, or why it is none, with its first bytes. */
export type Body = { readonly value: Json | undefined } | { readonly fault: WhereforeError; readonly excerpt: string };

/**
 * Reads a request's body as JSON, whatever its content type says. Nothing is thrown for a bad body:
 * what becomes of it is for the endpoint to say.
 */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= BOUNDARY_LIMITS.bodyBytesMax) chunks.push(chunk);
    if (bytes > DRAINED_BYTES_MAX) break;
  }
  const kept = Buffer.concat(chunks);
  const excerpt = () => excerptOf(kept);
  if (bytes > BOUNDARY_LIMITS.bodyBytesMax) {
    const fault = new WhereforeError('entry-too-large', `the body has ${bytes} bytes or more`, {
      hint: `A body holds at most ${BOUNDARY_LIMITS.bodyBytesMax} bytes: send it in parts.`,
    });
    return { fault, excerpt: excerpt() };
  }
  if (bytes === 0) return { value: undefined };
  const read = readJson(kept, 'the body');
  if (!('code' in read)) return read;
  const { code, message, hint } = read;
  return { fault: new WhereforeError(code, message, hint === undefined ? {} : { hint }), excerpt: excerpt() };
}
