import { validateHeaderName, validateHeaderValue } from 'node:http';

/** Where a webhook is posted to, and the part of every head that is the same each time. */
export class WebhookTarget {
  readonly isSecure: boolean;
  /** Without the brackets of an address of IPv6. */
  readonly host: string;
  readonly port: number;
  /** What has it in common can share connections. */
  readonly origin: string;
  private readonly head: string;

  /** Throws where the URL, or a header, is none. */
  constructor(url: string, headers: { readonly [name: string]: string }) {
    const parsed = new URL(url);
    const { protocol, hostname, port, host, pathname, search } = parsed;
    this.isSecure = protocol === 'https:';
    this.host = hostname.replace(/^\[(.*)\]$/, '$1');
    this.port = port === '' ? (this.isSecure ? 443 : 80) : Number(port);
    this.origin = `${protocol}//${host}`;
    const fields = { host, connection: 'keep-alive', ...credentialsOf(parsed), ...headers };
    this.head = `POST ${pathname}${search} HTTP/1.1\r\n${fieldLines(fields)}`;
  }

  /** A request with this content, and what only this one has in its head. Throws where a header is none. */
  request(headers: { readonly [name: string]: string }, content: Buffer): Buffer {
    const head = `${this.head}${fieldLines(headers)}content-length: ${content.length}\r\n\r\n`;
    const bytes = Buffer.allocUnsafe(head.length + content.length);
    bytes.write(head, 'latin1');
    content.copy(bytes, head.length);
    return bytes;
  }
}

function fieldLines(headers: { readonly [name: string]: string }): string {
  let lines = '';
  for (const name of Object.keys(headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, headers[name]!);
    lines += `${name}: ${headers[name]!}\r\n`;
  }
  return lines;
}

/** Those in the URL; a registered header of that name counts more. */
function credentialsOf({ username, password }: URL): { readonly [name: string]: string } {
  if (username === '' && password === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}
