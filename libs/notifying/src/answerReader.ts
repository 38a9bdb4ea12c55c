/** Of a head, as Node's own client. */
const HEAD_CHARS_MAX = 16 * 1024;
/** What an answer says does not matter: one that is short is read to its end, and the connection kept. */
const BODY_BYTES_MAX = 64 * 1024;
const HEAD_END = '\r\n\r\n';
const LINE_END = '\r\n';
const SWITCHED_PROTOCOLS = 101;
const NO_CONTENT = 204;
const NOT_MODIFIED = 304;
/** A server that says how long it keeps a connection may be a moment early. */
const KEEP_MARGIN_MS = 1000;

type Part = 'head' | 'bytes' | 'chunk size' | 'trailer' | 'until closed' | 'done';

/** What came is no answer of HTTP/1. */
export class NoAnswer extends Error {}

/**
 * Reads one answer of HTTP/1 piece by piece, as far as anybody wants to know: its status, where it ends, and whether
 * another request may follow it on its connection.
 */
export class AnswerReader {
  private part: Part = 'head';
  /** Of a head or a line what has come of it. */
  private text = '';
  /** Of the body, or of its chunk with what ends it, still to come. */
  private missing = 0;
  private isInChunks = false;
  private bodyBytes = 0;
  private found: number | undefined;
  private keeps = false;
  private keepMs = Infinity;

  /** The status, once the head is whole. */
  get status(): number | undefined {
    return this.found;
  }

  get isDone(): boolean {
    return this.part === 'done';
  }

  /** Whether nobody should wait for the end of it. */
  get isTooLong(): boolean {
    return this.bodyBytes > BODY_BYTES_MAX;
  }

  /** How long the connection may lie idle before another request; 0 when it may not be used again. */
  get reusableMs(): number {
    return this.isDone && this.keeps ? this.keepMs : 0;
  }

  /** Throws `NoAnswer`. Whatever follows the end of the answer is none either. */
  accept(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) at += this.take(bytes, at);
  }

  /** No more comes. Whether that was to be expected. */
  end(): boolean {
    this.keeps = false;
    if (this.part === 'until closed') this.part = 'done';
    return this.isDone;
  }

  /** How many bytes of it were used, from `at` on; at least one. */
  private take(bytes: Buffer, at: number): number {
    switch (this.part) {
      case 'head':
        return this.takeText(bytes, at, HEAD_END, (text) => this.readHead(text));
      case 'chunk size':
        return this.takeText(bytes, at, LINE_END, (text) => this.readChunkSize(text));
      case 'trailer':
        return this.takeText(bytes, at, LINE_END, (text) => {
          if (text === '') this.part = 'done';
        });
      case 'bytes': {
        const count = Math.min(this.missing, bytes.length - at);
        this.bodyBytes += count;
        this.missing -= count;
        if (this.missing === 0) this.part = this.isInChunks ? 'chunk size' : 'done';
        return count;
      }
      case 'until closed':
        this.bodyBytes += bytes.length - at;
        return bytes.length - at;
      case 'done':
        throw new NoAnswer('more came than an answer');
    }
  }

  private takeText(bytes: Buffer, at: number, ending: string, read: (text: string) => void): number {
    const before = this.text.length;
    this.text += bytes.toString('latin1', at);
    const end = this.text.indexOf(ending, Math.max(0, before - ending.length + 1));
    if (end < 0) {
      if (this.text.length > HEAD_CHARS_MAX) throw new NoAnswer('a head without an end came');
      return bytes.length - at;
    }
    const text = this.text.slice(0, end);
    this.text = '';
    read(text);
    return end + ending.length - before;
  }

  private readHead(head: string): void {
    const [first, ...lines] = head.split(LINE_END);
    const [, minor, code] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first!) ?? [];
    if (code === undefined) throw new NoAnswer('what came is no HTTP');
    const status = Number(code);
    // It only says that the answer is still to come.
    if (status < 200 && status !== SWITCHED_PROTOCOLS) return;
    this.found = status;
    const fields = fieldsOf(lines);
    const connection = fields.get('connection')?.toLowerCase() ?? '';
    this.keeps = minor === '1' ? !connection.includes('close') : connection.includes('keep-alive');
    const seconds = /timeout=(\d+)/.exec(fields.get('keep-alive') ?? '')?.[1];
    if (seconds !== undefined) this.keepMs = Math.max(0, Number(seconds) * 1000 - KEEP_MARGIN_MS);
    this.beginBody(status, fields);
  }

  private beginBody(status: number, fields: ReadonlyMap<string, string>): void {
    const encoding = fields.get('transfer-encoding')?.toLowerCase();
    const length = fields.get('content-length');
    if (status === NO_CONTENT || status === NOT_MODIFIED) this.part = 'done';
    else if (status === SWITCHED_PROTOCOLS) {
      // Nobody asked for another protocol: nothing that follows is HTTP.
      this.keeps = false;
      this.part = 'done';
    } else if (encoding !== undefined) {
      this.isInChunks = encoding.endsWith('chunked');
      this.part = this.isInChunks ? 'chunk size' : 'until closed';
    } else if (length === undefined) this.part = 'until closed';
    else if (!/^\d{1,15}$/.test(length)) throw new NoAnswer('an answer came whose length is no number');
    else this.expect(Number(length));
  }

  private readChunkSize(line: string): void {
    const size = /^[0-9a-f]{1,12}(?=$|[;\s])/i.exec(line)?.[0];
    if (size === undefined) throw new NoAnswer('a chunk came whose size is no number');
    if (Number.parseInt(size, 16) === 0) this.part = 'trailer';
    else this.expect(Number.parseInt(size, 16) + LINE_END.length);
  }

  private expect(bytes: number): void {
    this.missing = bytes;
    this.part = bytes === 0 ? 'done' : 'bytes';
  }
}

/** By their names in small letters; of several with one name the last. */
function fieldsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return fields;
}
