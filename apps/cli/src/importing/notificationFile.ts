import { basename } from 'node:path';
import { type NotificationEnvelope, readRecordedMessage } from '@wherefore/datasources';
import { excerptOf, readText, type Rejection, WhereforeError } from '@wherefore/model';
import { type FileLine, LINE_BYTES_MAX, LineFile } from './fileLines';

/** A line of recorded notifications, in its place in time. */
export interface MessageLine {
  /** When it was received; of a line that does not tell, when the line before it was. Microseconds. */
  readonly atUs: number;
  /** `line 17 of notifications.ndjson`. */
  readonly place: string;
  /** The message, or why there is none. */
  readonly message: NotificationEnvelope | Rejection;
  /** The line, or its beginning. */
  readonly text: string;
}

/** Where the lines of a file that is not in order are, in order. */
interface LineOrder {
  readonly offsets: Float64Array;
  readonly lengths: Uint32Array;
  readonly numbers: Uint32Array;
  readonly times: Float64Array;
  readonly order: Uint32Array;
}

/**
 * A file of recorded notifications, read twice: once to learn its times, once to be told in their order.
 * A file in order, which is the rule, is streamed. Of one that is not, the place and time of every line
 * are sorted in memory (28 bytes a line, of some 4,000), and the lines read by their places; lines of one time
 * stay in the order of the file.
 */
export class NotificationFile {
  /** Lines that are not blank. */
  readonly lineCount: number;
  /** The earliest time in it; undefined when no line tells one. */
  readonly firstUs: number | undefined;
  readonly isInOrder: boolean;

  private constructor(private readonly file: LineFile) {
    let count = 0;
    let first: number | undefined;
    let last = 0;
    let isInOrder = true;
    for (const line of file.lines()) {
      count += 1;
      const { atUs } = readLine(line);
      if (atUs === undefined) continue;
      if (atUs < last) isInOrder = false;
      last = atUs;
      first = first === undefined ? atUs : Math.min(first, atUs);
    }
    this.lineCount = count;
    this.firstUs = first;
    this.isInOrder = isInOrder;
  }

  /** Reads the file through. Throws `file-unreadable`, also when not one of its lines tells when it was received. */
  static open(path: string): NotificationFile {
    const lines = LineFile.open(path);
    const file = new NotificationFile(lines);
    if (file.firstUs !== undefined || file.lineCount === 0) return file;
    const [first] = lines.lines();
    file.close();
    throw noMessages(path, first!);
  }

  get path(): string {
    return this.file.path;
  }

  close(): void {
    this.file.close();
  }

  /** Every line that is not blank, by time. */
  *messages(): Generator<MessageLine> {
    let lastUs = this.firstUs ?? 0;
    if (this.isInOrder) {
      for (const line of this.file.lines()) {
        const told = this.tell(line, lastUs);
        lastUs = told.atUs;
        yield told;
      }
      return;
    }
    const { offsets, lengths, numbers, times, order } = this.sort();
    for (const place of order) {
      const bytes = this.file.bytesAt(offsets[place]!, lengths[place]!);
      const isTooLong = lengths[place]! > LINE_BYTES_MAX;
      yield this.tell({ number: numbers[place]!, offset: offsets[place]!, bytes, isTooLong }, times[place]!);
    }
  }

  private tell(line: FileLine, whenNotToldUs: number): MessageLine {
    const { atUs = whenNotToldUs, message, text } = readLine(line);
    return { atUs, place: `line ${line.number} of ${basename(this.path)}`, message, text };
  }

  private sort(): LineOrder {
    const offsets = new Float64Array(this.lineCount);
    const lengths = new Uint32Array(this.lineCount);
    const numbers = new Uint32Array(this.lineCount);
    const times = new Float64Array(this.lineCount);
    let count = 0;
    let lastUs = this.firstUs ?? 0;
    for (const line of this.file.lines()) {
      lastUs = readLine(line).atUs ?? lastUs;
      offsets[count] = line.offset;
      lengths[count] = line.isTooLong ? LINE_BYTES_MAX + 1 : line.bytes.length;
      numbers[count] = line.number;
      times[count] = lastUs;
      count += 1;
    }
    const order = Uint32Array.from({ length: count }, (_, place) => place);
    order.sort((a, b) => times[a]! - times[b]! || a - b);
    return { offsets, lengths, numbers, times, order };
  }
}

/** Says of a file that is something else altogether what its first line lacks. */
function noMessages(path: string, first: FileLine): WhereforeError {
  const { message } = readLine(first);
  const reason = 'code' in message ? `: line ${first.number}: ${message.message}` : '';
  const isList = first.bytes.subarray(0, 1).equals(Buffer.from('['));
  return new WhereforeError('file-unreadable', `${path} holds no recorded message${reason}`, {
    hint: isList
      ? `A line holds one message, not a list of them. Make lines first: jq -c '.[]' FILE`
      : 'A line is a JSON object with received_at, exchange, routing_key and body.',
  });
}

interface ReadLine {
  readonly atUs?: number;
  readonly message: NotificationEnvelope | Rejection;
  readonly text: string;
}

function readLine({ bytes, isTooLong }: FileLine): ReadLine {
  if (isTooLong) {
    const message: Rejection = {
      code: 'entry-too-large',
      message: `The line is longer than ${LINE_BYTES_MAX} bytes.`,
      where: 'line',
      hint: 'No message of a bus is: is the file one of lines?',
    };
    return { message, text: excerptOf(bytes) };
  }
  const text = readText(bytes, 'line');
  return typeof text === 'string' ? { ...readRecordedMessage(text), text } : { message: text, text: excerptOf(bytes) };
}
