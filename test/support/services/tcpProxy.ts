import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** How a network is cut: `silently`, so that only those who count the seconds notice, or with a reset that all see at once. */
export type Cut = 'silently' | 'by reset';

/**
 * A network of the test's own between processes and one server: a port of loopback that leads to another one, until it
 * is cut. What is sent while it is cut silently is lost, as packets are; connections that were made before stay dead when it
 * is mended.
 */
export class TcpProxy {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  /** Connections that were made while it was cut silently: nothing ever comes of them. */
  private readonly dead = new Set<Socket>();
  private state: 'open' | Cut = 'open';

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
  ) {}

  static async open(targetPort: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: false });
    const proxy = new TcpProxy(server, targetPort);
    server.on('connection', (near) => proxy.take(near));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Connections that go through now. */
  get connections(): number {
    return this.pairs.size;
  }

  cut(how: Cut): void {
    this.state = how;
    for (const [near, far] of this.pairs) {
      if (how === 'by reset') {
        near.resetAndDestroy();
        far.resetAndDestroy();
      } else {
        near.unpipe(far);
        far.unpipe(near);
        // Read and thrown away: a socket that is not read would make the sender wait, and it would notice.
        near.resume();
        far.resume();
      }
    }
    if (how === 'by reset') this.pairs.clear();
  }

  /** New connections go through again. Those that were cut silently do not: what they carried is lost. */
  mend(): void {
    this.state = 'open';
    for (const [near, far] of this.pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    for (const socket of this.dead) socket.resetAndDestroy();
    this.pairs.clear();
    this.dead.clear();
  }

  async close(): Promise<void> {
    this.mend();
    this.cut('by reset');
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private take(near: Socket): void {
    near.on('error', () => undefined);
    if (this.state === 'by reset') near.resetAndDestroy();
    else if (this.state === 'silently') {
      this.dead.add(near.resume());
    } else this.join(near, connect(this.targetPort, '127.0.0.1'));
  }

  private join(near: Socket, far: Socket): void {
    const pair = [near, far] as const;
    this.pairs.add(pair);
    far.on('error', () => near.destroy());
    const end = (): void => {
      // A silent cut hides from each side that the other has gone.
      if (this.state === 'silently') return;
      near.destroy();
      far.destroy();
      this.pairs.delete(pair);
    };
    near.on('close', end);
    far.on('close', end);
    near.pipe(far);
    far.pipe(near);
  }
}
