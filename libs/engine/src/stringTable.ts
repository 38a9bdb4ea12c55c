import { type ByteReader, type ByteWriter, corrupt } from './byteCodec';

/** Strings by place. */
export interface StringSource {
  at(place: number): string;
  /** 0 stands for nothing, everything else is a place plus one. */
  atOptional(place: number): string | undefined;
}

const ALL = 0xffff_ffff;
const UUID_CHARS = 36;
const UUID_BYTES = 16;

/** Every distinct string once; UUIDs as 16 bytes, for their digits do not compress below that. */
export class StringTable implements StringSource {
  private readonly places = new Map<string, number>();

  place(text: string): number {
    let place = this.places.get(text);
    if (place === undefined) this.places.set(text, (place = this.places.size));
    return place;
  }

  placeOptional(text: string | undefined): number {
    return text === undefined ? 0 : this.place(text) + 1;
  }

  at(): string {
    throw corrupt('a table under construction is not read');
  }

  atOptional(): string | undefined {
    return this.at();
  }

  write(writer: ByteWriter): void {
    const uuids: number[] = [];
    const uuidBytes = new Uint8Array(this.places.size * UUID_BYTES);
    const texts: string[] = [];
    const escaped: number[] = [];
    for (const [text, place] of this.places) {
      if (isUuid(text, uuidBytes, uuids.length * UUID_BYTES)) {
        uuids.push(place);
      } else if (text.isWellFormed()) {
        texts.push(text);
      } else {
        // A lone surrogate has no UTF-8 form; JSON escapes it.
        escaped.push(place);
        texts.push(JSON.stringify(text));
      }
    }
    writer.unsigned(this.places.size);
    writer.unsigned(escaped.length);
    for (const place of escaped) writer.unsigned(place);
    writer.unsigned(uuids.length);
    let before = 0;
    for (const place of uuids) {
      writer.unsigned(place - before);
      before = place;
    }
    writer.raw(uuidBytes.subarray(0, uuids.length * UUID_BYTES));
    for (const text of texts) writer.unsigned(text.length);
    writer.text(texts.join(''));
  }

  static read(reader: ByteReader): StringSource {
    const count = reader.unsigned();
    if (count > ALL) throw corrupt('too many strings');
    const escaped = Array.from({ length: reader.unsigned() }, () => reader.unsigned());
    const uuidCount = reader.unsigned();
    if (uuidCount > count) throw corrupt('too many ids');
    // What stands where: the number of a UUID as it is, that of a text folded.
    const kinds = new Int32Array(count);
    let [place, filled, texts] = [0, 0, 0];
    for (let uuid = 0; uuid < uuidCount; uuid++) {
      place += reader.unsigned();
      if (place < filled || place >= count) throw corrupt('an id out of place');
      while (filled < place) kinds[filled++] = ~texts++;
      kinds[filled++] = uuid;
    }
    while (filled < count) kinds[filled++] = ~texts++;
    const uuids = reader.raw();
    if (uuids.length !== uuidCount * UUID_BYTES) throw corrupt('the table of ids is not whole');
    const ends = new Int32Array(texts);
    for (let text = 0, end = 0; text < texts; text++) ends[text] = end += reader.unsigned();
    return new ReadStrings(kinds, uuids, ends, reader.text(), escaped);
  }
}

/** Makes a string when it is first asked for: most of those of properties never are. */
class ReadStrings implements StringSource {
  private readonly made: (string | undefined)[];

  constructor(
    private readonly kinds: Int32Array,
    private readonly uuids: Uint8Array,
    private readonly ends: Int32Array,
    private readonly joined: string,
    escaped: readonly number[],
  ) {
    this.made = new Array<string | undefined>(kinds.length).fill(undefined);
    for (const place of escaped) this.made[place] = JSON.parse(this.make(place)) as string;
  }

  at(place: number): string {
    return this.made[place] ?? (this.made[place] = this.make(place));
  }

  atOptional(place: number): string | undefined {
    return place === 0 ? undefined : this.at(place - 1);
  }

  private make(place: number): string {
    const kind = this.kinds[place];
    if (kind === undefined) throw corrupt(`there is no string ${place}`);
    if (kind >= 0) return uuidText(this.uuids, kind * UUID_BYTES);
    const text = ~kind;
    return this.joined.slice(text === 0 ? 0 : this.ends[text - 1], this.ends[text]);
  }
}

/** The value of each code unit as a digit of a UUID, which is lower case; -1 for all others. */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code)));

/** Whether a text is a UUID: then its bytes are written at `start`; else anything may be. */
function isUuid(text: string, bytes: Uint8Array, start: number): boolean {
  if (text.length !== UUID_CHARS) return false;
  let end = start;
  for (let at = 0; at < UUID_CHARS; at += 2) {
    if ((at === 8 || at === 13 || at === 18 || at === 23) && text.charCodeAt(at++) !== HYPHEN) return false;
    const high = VALUES[text.charCodeAt(at)] ?? -1;
    const low = VALUES[text.charCodeAt(at + 1)] ?? -1;
    if (high < 0 || low < 0) return false;
    bytes[end++] = high * 16 + low;
  }
  return true;
}

const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const HYPHEN = 45;
const codes: number[] = Array.from({ length: 36 }, () => HYPHEN);

/** One call for the whole text, which joining its digits would take twenty of. */
function uuidText(bytes: Uint8Array, start: number): string {
  if (start + UUID_BYTES > bytes.length) throw corrupt('the table of ids is too short');
  let at = 0;
  for (let i = start; i < start + UUID_BYTES; i++) {
    if (at === 8 || at === 13 || at === 18 || at === 23) at += 1;
    const byte = bytes[i]!;
    codes[at++] = DIGITS[byte >> 4]!;
    codes[at++] = DIGITS[byte & 15]!;
  }
  return String.fromCharCode.apply(undefined, codes);
}
