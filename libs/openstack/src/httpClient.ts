import http from 'node:http';
import https from 'node:https';
import { WhereforeError } from '@wherefore/model';

/** How a server is believed to be the right one, and told who asks. PEM texts. */
export interface TlsSettings {
  /** Authorities beside those of the machine are not trusted: these are the only ones. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** False takes any certificate: for a laboratory. */
  readonly isVerified: boolean;
}

export interface HttpSettings {
  readonly tls?: TlsSettings;
  /** From the first byte sent to the last one received. */
  readonly timeoutMs: number;
  /** A body that is longer is not read to its end. */
  readonly bodyBytesMax: number;
  /** Connections to one server at a time; requests beyond wait their turn. */
  readonly connectionsMax: number;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
}

/** An answer that came whole, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Asks over HTTP, with connections that are kept. Redirects are answers like any other: a token goes only where
 * it was meant to go.
 */
export class HttpClient {
  private readonly plain: http.Agent;
  private readonly secure: https.Agent;

  constructor(private readonly settings: HttpSettings) {
    const { tls, connectionsMax } = settings;
    const pool = { keepAlive: true, maxSockets: connectionsMax };
    this.plain = new http.Agent(pool);
    this.secure = new https.Agent({
      ...pool,
      rejectUnauthorized: tls?.isVerified ?? true,
      ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
      ...(tls?.key === undefined ? {} : { key: tls.key }),
    });
  }

  /**
   * Settles with the whole answer. Rejects `source-unavailable` (retryable) when there is none, or not all of it,
   * or not in time; `source-unusable` when it is too long; with the signal's reason when that aborts.
   */
  async ask(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(this.settings.timeoutMs);
    const ending = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    try {
      const response = await this.send(request, ending);
      return { status: response.statusCode ?? 0, headers: response.headers, body: await this.read(response, request) };
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      if (cause instanceof WhereforeError) throw cause;
      const why = timeout.aborted ? `not within ${this.settings.timeoutMs} ms` : troubleOf(cause);
      throw new WhereforeError('source-unavailable', `${nameOf(request)} was not answered: ${why}`, {
        hint: 'It is tried again; check the address and the service if it stays so.',
        retryable: true,
        cause,
      });
    }
  }

  /** Lets go of the connections. */
  close(): void {
    this.plain.destroy();
    this.secure.destroy();
  }

  private send({ method, url, headers, body }: HttpRequest, signal: AbortSignal): Promise<http.IncomingMessage> {
    const isSecure = url.startsWith('https:');
    const options = { method, headers, signal, agent: isSecure ? this.secure : this.plain };
    return new Promise((resolve, reject) => {
      const request = isSecure ? https.request(url, options, resolve) : http.request(url, options, resolve);
      request.on('error', reject);
      request.end(body);
    });
  }

  private async read(response: http.IncomingMessage, request: HttpRequest): Promise<Buffer> {
    const { bodyBytesMax } = this.settings;
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of response as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > bodyBytesMax) {
        response.destroy();
        throw new WhereforeError(
          'source-unusable',
          `${nameOf(request)} was answered with more than ${bodyBytesMax} bytes`,
          {
            hint: 'Ask for smaller pages, or raise driver.answerMegabytesMax.',
          },
        );
      }
      pieces.push(piece);
    }
    if (!response.complete) throw new Error('the answer was cut off');
    return Buffer.concat(pieces, length);
  }
}

/** What was asked, without the query: it may be long. */
export function nameOf({ method, url }: Pick<HttpRequest, 'method' | 'url'>): string {
  return `${method} ${url.split('?')[0]}`;
}

function troubleOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  // Several addresses were tried in vain.
  if (cause instanceof AggregateError && cause.errors.length > 0) return troubleOf(cause.errors[0]);
  return cause.message === 'aborted' ? 'the answer was cut off' : cause.message;
}
