import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { WebhookNetworks } from './webhookNetworks';

export interface PostOptions {
  /** From the call to the status of the answer; its body may take as long again. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What an answer says does not matter. One that is short is read to its end, and the connection kept. */
const ANSWER_BYTES_MAX = 64 * 1024;
const KEEP = { keepAlive: true, maxFreeSockets: 32 } as const;

/**
 * Connections to those who registered webhooks, kept from one post to the next. Node's own client: `fetch` takes
 * three times as long for a short message.
 */
export class WebhookConnections {
  private readonly http: HttpAgent;
  private readonly https: HttpsAgent;

  constructor(private readonly networks: WebhookNetworks) {
    const options = { ...KEEP, lookup: networks.lookup };
    this.http = new HttpAgent(options);
    this.https = new HttpsAgent(options);
  }

  /**
   * The status of the answer. Rejects with the reason of the signal, with `NetworkRefused`, or with what kept an answer
   * from coming. What was sent on a connection that its other end was about to close is sent once more, on a new one.
   */
  async post(
    url: string,
    headers: { readonly [name: string]: string },
    content: Buffer,
    options: PostOptions,
  ): Promise<number> {
    this.networks.check(url);
    const giveUpAt = performance.now() + options.timeoutMs;
    for (;;) {
      let sent: ClientRequest | undefined;
      try {
        return await this.attempt(url, headers, content, options, (request) => (sent = request));
      } catch (error) {
        const isStale = sent?.reusedSocket === true && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
        if (!isStale || performance.now() > giveUpAt) throw error;
      }
    }
  }

  close(): void {
    this.http.destroy();
    this.https.destroy();
  }

  private attempt(
    url: string,
    headers: { readonly [name: string]: string },
    content: Buffer,
    { timeoutMs, signal }: PostOptions,
    began: (request: ClientRequest) => void,
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      const isSecure = url.startsWith('https:');
      const [request, agent] = isSecure ? [httpsRequest, this.https] : [httpRequest, this.http];
      const sent = request(url, { method: 'POST', agent, headers: { ...headers, 'content-length': content.length } });
      began(sent);
      const stop = (): void => void sent.destroy(signal.reason as Error);
      const late = (): void => void sent.destroy(new Error(`none within ${timeoutMs} ms`));
      const timer = setTimeout(late, timeoutMs);
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop);
      sent.on('error', reject);
      sent.on('close', () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
      });
      sent.on('response', (answer) => {
        timer.refresh();
        passOver(answer);
        resolve(answer.statusCode!);
      });
      sent.end(content);
    });
  }
}

function passOver(answer: IncomingMessage): void {
  let bytes = 0;
  answer.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > ANSWER_BYTES_MAX) answer.destroy();
  });
  // The status has come: how the rest ends is no matter.
  answer.on('error', () => undefined);
}
