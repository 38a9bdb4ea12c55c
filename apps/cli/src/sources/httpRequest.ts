import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';

export interface Asked {
  readonly method: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/**
 * One request, and the whole answer. `fetch` does the same, but takes twice as long as the rest of such a command to
 * load. Rejects with what the connection failed of, or when the signal aborts.
 */
export async function ask(url: string, { method, headers, body, signal }: Asked): Promise<HttpAnswer> {
  // Loaded when needed: what is asked is nearly always a server on this machine.
  const request = url.startsWith('https:') ? (await import('node:https')).request : httpRequest;
  return new Promise((resolve, reject) => {
    // Of a DELETE, Node would not say by itself how long the body is.
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const asking = request(url, { method, headers: { ...headers, ...length }, signal }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
      answer.on('error', reject);
    });
    asking.on('error', reject);
    asking.end(body);
  });
}
