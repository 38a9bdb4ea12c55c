import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';
const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';

/**
 * A receiver of webhooks that takes whatever comes. It shares the machine with what is measured, and Node's own server
 * takes more for a short message than whoever sends it.
 */
export class WebhookSink {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly took: (text: string) => void) {
    this.server = createServer({ noDelay: true }, (socket) => this.serve(socket));
  }

  /** `took` is given head and body of each message. */
  static async open(took: (text: string) => void): Promise<WebhookSink> {
    const sink = new WebhookSink(took);
    sink.server.listen(0, '127.0.0.1');
    await once(sink.server, 'listening');
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (bytes) => {
      // By bytes: lengths count those.
      text += bytes.toString('latin1');
      for (let end = endOf(text); end <= text.length; end = endOf(text)) {
        this.took(text.slice(0, end));
        text = text.slice(end);
        socket.write(ANSWER);
      }
    });
  }
}

/** Where the first message ends; infinite as long as its head is not whole. */
function endOf(text: string): number {
  const headEnd = text.indexOf(HEAD_END);
  if (headEnd < 0) return Infinity;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, headEnd))?.[1];
  if (length === undefined) throw new Error('a webhook came without its length');
  return headEnd + HEAD_END.length + Number(length);
}
