import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';
/** The end of a body in chunks. No JSON has it within. */
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n');
const HEAD_MISSING = -1;
const END_MISSING = -2;

interface Pending {
  readonly resolve: (ms: number) => void;
  readonly reject: (error: Error) => void;
  readonly startedMs: number;
}

/**
 * One kept connection over which one GET after the other is sent, and of the answers only the status is read and the
 * bytes are counted. Node's own client takes longer over a small answer than the server does, so that it would measure
 * itself.
 */
export class LeanConnection {
  private pending: Pending | undefined;
  private head = '';
  /** Bytes of the body that are still to come, or that the head is not whole, or a body in chunks. */
  private missing = HEAD_MISSING;

  private constructor(
    private readonly socket: Socket,
    private readonly host: string,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.accept(bytes));
    socket.on('error', (error) => this.pending?.reject(error));
    socket.on('close', () => this.pending?.reject(new Error('the server closed the connection')));
  }

  static async open({ hostname, port, host }: URL): Promise<LeanConnection> {
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new LeanConnection(socket, host);
  }

  /** Milliseconds until the whole answer was there. Rejects unless its status is 200. One at a time. */
  get(path: string): Promise<number> {
    this.head = '';
    this.missing = HEAD_MISSING;
    return new Promise((resolve, reject) => {
      this.pending = { resolve, reject, startedMs: performance.now() };
      this.socket.write(`GET ${path} HTTP/1.1\r\nHost: ${this.host}\r\n\r\n`);
    });
  }

  close(): void {
    this.pending = undefined;
    this.socket.destroy();
  }

  private accept(bytes: Buffer): void {
    const { pending } = this;
    if (pending === undefined) return;
    if (this.missing >= 0) this.missing -= bytes.length;
    else if (this.missing === HEAD_MISSING) {
      this.head += bytes.toString('latin1');
      const end = this.head.indexOf(HEAD_END);
      if (end < 0) return;
      if (!this.head.startsWith('HTTP/1.1 200 ')) {
        pending.reject(new Error(this.head.slice(0, 300)));
        return;
      }
      const length = /\r\ncontent-length: (\d+)/i.exec(this.head)?.[1];
      this.missing = length === undefined ? END_MISSING : Number(length) - (this.head.length - end - HEAD_END.length);
    }
    if (this.missing === END_MISSING && bytes.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) this.missing = 0;
    if (this.missing === 0) pending.resolve(performance.now() - pending.startedMs);
  }
}
