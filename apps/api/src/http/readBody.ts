import type { IncomingMessage } from 'node:http';
import { BOUNDARY_LIMITS, WhereforeError, type Json } from '@wherefore/model';

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
  const excerpt = () => kept.subarray(0, BOUNDARY_LIMITS.excerptBytesMax).toString('utf8');
  if (bytes > BOUNDARY_LIMITS.bodyBytesMax) {
    const fault = new WhereforeError('entry-too-large', `the body has ${bytes} bytes or more`, {
      hint: `A body holds at most ${BOUNDARY_LIMITS.bodyBytesMax} bytes: send it in parts.`,
    });
    return { fault, excerpt: excerpt() };
  }
  if (bytes === 0) return { value: undefined };
  try {
    return { value: JSON.parse(kept.toString('utf8')) as Json };
  } catch (cause) {
    const fault = new WhereforeError('malformed-json', `the body is not JSON: ${(cause as Error).message}`, {
      hint: 'Send JSON in UTF-8.',
    });
    return { fault, excerpt: excerpt() };
  }
}
