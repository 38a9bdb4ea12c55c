import { notWhenAborted, whenAborted } from '@wherefore/model';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import type { WebhookNetworks } from './webhookNetworks';

export interface PostOptions {
  /** From the call to the status of the answer; its body may take as long again. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Where posts go, read from a URL once. */
export interface Destination {
  readonly origin: string;
  readonly path: string;
  /** The header of the credentials that the URL bears. */
  readonly authorization?: string;
}

/** What an answer says does not matter. One that is short is read to its end, and the connection kept. */
const ANSWER_BYTES_MAX = 64 * 1024;
const KEPT_IDLE_MS = 60_000;
/** So often it is sent again for that. */
const AGAIN_MAX = 3;
/** Codes of a connection that its other end gave up. */
const GIVEN_UP: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * Connections to those who registered webhooks, kept from one post to the next. Node's own client takes more than twice
 * as long for a short message, and `fetch` three times as long as that.
 */
export class WebhookConnections {
  private readonly agent: Agent;

  constructor(private readonly networks: WebhookNetworks) {
    const connector = buildConnector({ lookup: networks.lookup });
    this.agent = new Agent({
      ...{ keepAliveTimeout: KEPT_IDLE_MS, headersTimeout: 0, bodyTimeout: 0 },
      connect: (options, callback) =>
        connector(options, (...made) => {
          const [, socket] = made;
          // Only some of the errors tell it themselves.
          socket?.on('error', (error) => Object.assign(error, { socket: { bytesRead: socket.bytesRead } }));
          callback(...made);
        }),
    });
  }

  /** Throws `NetworkRefused`. */
  destinationOf(url: string): Destination {
    this.networks.check(url);
    const target = new URL(url);
    return { origin: target.origin, path: target.pathname + target.search, ...credentialsOf(target) };
  }

  /**
   * The status of the answer. Rejects with the reason of the signal, with `NetworkRefused` where a name means an address
   * that may not be sent to, or with what kept an answer from coming. What was sent on a connection that its other end
   * was about to close is sent once more, on another one. `headers` are names and values in turn.
   */
  async post({ origin, path }: Destination, headers: string[], body: Buffer, options: PostOptions): Promise<number> {
    const request = { origin, path, method: 'POST', headers, body } satisfies Dispatcher.DispatchOptions;
    const giveUpAt = performance.now() + options.timeoutMs;
    for (let again = 0; ; again++) {
      try {
        return await this.attempt(request, options);
      } catch (error) {
        if (!wasGivenUp(error) || again === AGAIN_MAX || performance.now() > giveUpAt) throw error;
      }
    }
  }

  close(): void {
    void this.agent.destroy();
  }

  private attempt(request: Dispatcher.DispatchOptions, { timeoutMs, signal }: PostOptions): Promise<number> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      let controller: Dispatcher.DispatchController | undefined;
      let ended: Error | undefined;
      let bytes = 0;
      // It may be waiting for its connection, and is to be sent no more.
      const end = (reason: Error): void => {
        ended ??= reason;
        controller?.abort(ended);
        settle();
        reject(ended);
      };
      const stop = (): void => end(signal.reason as Error);
      const timer = setTimeout(() => end(new Error(`none within ${timeoutMs} ms`)), timeoutMs);
      const settle = (): void => {
        clearTimeout(timer);
        notWhenAborted(signal, stop);
      };
      whenAborted(signal, stop);
      this.agent.dispatch(request, {
        onRequestStart: (began) => {
          controller = began;
          if (ended !== undefined) began.abort(ended);
        },
        onResponseStart: (_controller, status) => {
          timer.refresh();
          // How the rest ends is no matter.
          resolve(status);
        },
        onResponseData: (_controller, piece) => {
          bytes += piece.length;
          if (bytes > ANSWER_BYTES_MAX) end(new Error('the answer is too long'));
        },
        onResponseEnd: settle,
        onResponseError: (_controller, error) => {
          settle();
          reject(error);
        },
      });
    });
  }
}

/**
 * Whether its connection had served before, and was lost before anything came: the other end gave it up while it was
 * idle.
 */
function wasGivenUp(error: unknown): boolean {
  const { code, socket } = error as { readonly code?: unknown; readonly socket?: { readonly bytesRead?: number } };
  return GIVEN_UP.has(code) && (socket?.bytesRead ?? 0) > 0;
}

function credentialsOf({ username, password }: URL): Pick<Destination, 'authorization'> {
  if (username === '' && password === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}
