import { connect, isIP, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { WebhookConnection, type ConnectionKeeper, type PostOptions } from './webhookConnection';
import type { WebhookNetworks } from './webhookNetworks';
import { WebhookTarget } from './webhookTarget';

interface Idle {
  readonly connection: WebhookConnection;
  /** It may have been given up by its other end from then on. */
  readonly untilMs: number;
}

/** Of one origin. */
const IDLE_MAX = 32;
const KEEP_ALIVE_AFTER_MS = 1000;

/**
 * Connections to those who registered webhooks, kept from one post to the next. Of HTTP only what a post needs whose
 * answer nobody reads: Node's own client takes several times as long for a short message, and `fetch` three times as long
 * as that.
 */
export class WebhookConnections {
  private readonly open = new Set<WebhookConnection>();
  /** By origin, the one that was used last at the end. */
  private readonly idle = new Map<string, Idle[]>();
  /** What a secure server gave to shorten the next greeting, by origin. */
  private readonly sessions = new Map<string, Buffer>();

  constructor(private readonly networks: WebhookNetworks) {}

  /** Where to post, with what every post there has in its head. Throws `NetworkRefused`, or where a header is none. */
  target(url: string, headers: { readonly [name: string]: string }): WebhookTarget {
    this.networks.check(url);
    return new WebhookTarget(url, headers);
  }

  /**
   * The status of the answer. Rejects with the reason of the signal, with `NetworkRefused`, or with what kept an answer
   * from coming. What was sent on a connection that its other end was about to close is sent once more, on another one.
   */
  async post(
    target: WebhookTarget,
    headers: { readonly [name: string]: string },
    content: Buffer,
    options: PostOptions,
  ): Promise<number> {
    const request = target.request(headers, content);
    const giveUpAt = performance.now() + options.timeoutMs;
    for (;;) {
      options.signal.throwIfAborted();
      const connection = this.takeIdle(target) ?? this.begin(target);
      try {
        return await connection.post(request, options);
      } catch (error) {
        if (!connection.wasGivenUp || performance.now() > giveUpAt) throw error;
      }
    }
  }

  close(): void {
    for (const connection of [...this.open]) connection.end();
  }

  private takeIdle({ origin }: WebhookTarget): WebhookConnection | undefined {
    const idle = this.idle.get(origin);
    for (let last = idle?.pop(); last !== undefined; last = idle?.pop()) {
      if (last.untilMs > performance.now()) return last.connection;
      last.connection.end();
    }
    return undefined;
  }

  private begin(target: WebhookTarget): WebhookConnection {
    const connection = new WebhookConnection(this.socketTo(target), this.keeperOf(target.origin));
    this.open.add(connection);
    return connection;
  }

  private keeperOf(origin: string): ConnectionKeeper {
    return {
      free: (connection, reusableMs) => {
        const idle = this.idle.get(origin) ?? [];
        this.idle.set(origin, idle);
        if (idle.length >= IDLE_MAX) connection.end();
        else idle.push({ connection, untilMs: performance.now() + reusableMs });
      },
      gone: (connection) => {
        this.open.delete(connection);
        const idle = this.idle.get(origin) ?? [];
        const place = idle.findIndex((each) => each.connection === connection);
        if (place >= 0) idle.splice(place, 1);
        if (idle.length === 0) this.idle.delete(origin);
      },
    };
  }

  private socketTo({ host, port, origin, isSecure }: WebhookTarget): Socket {
    const { lookup } = this.networks;
    const keeping = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS };
    if (!isSecure) return connect({ host, port, lookup, ...keeping });
    const session = this.sessions.get(origin);
    return connectSecurely({
      ...{ host, port, lookup, ...keeping, ALPNProtocols: ['http/1.1'] },
      // An address has no certificate by its name.
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(session === undefined ? {} : { session }),
    }).on('session', (given) => this.sessions.set(origin, given));
  }
}
