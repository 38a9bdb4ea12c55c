import { type ByteReader, type ByteWriter, corrupt } from './byteCodec';

/** Strings by place. */
export interface StringSource {
  at(place: number): string;
  /** 0 stands for nothing, everything else is a place plus one. */
  atOptional(place: number): string | undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ALL = 0xffff_ffff;

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
    const uuidBytes: number[] = [];
    const texts: string[] = [];
    const escaped: number[] = [];
    for (const [text, place] of this.places) {
      if (text.length === 36 && UUID.test(text)) {
        uuids.push(place);
        const digits = text.replaceAll('-', '');
        for (let i = 0; i < 32; i += 2) uuidBytes.push(parseInt(digits.slice(i, i + 2), 16));
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
    writer.raw(Uint8Array.from(uuidBytes));
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
    if (uuids.length !== uuidCount * 16) throw corrupt('the table of ids is not whole');
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
    if (kind >= 0) return uuidText(this.uuids, kind * 16);
    const text = ~kind;
    return this.joined.slice(text === 0 ? 0 : this.ends[text - 1], this.ends[text]);
  }
}

const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const HYPHEN = 45;
const codes: number[] = Array.from({ length: 36 }, () => HYPHEN);

/** One call for the whole text, which joining its digits would take twenty of. */
function uuidText(bytes: Uint8Array, start: number): string {
  if (start + 16 > bytes.length) throw corrupt('the table of ids is too short');
  let at = 0;
  for (let i = start; i < start + 16; i++) {
    if (at === 8 || at === 13 || at === 18 || at === 23) at += 1;
    const byte = bytes[i]!;
    codes[at++] = DIGITS[byte >> 4]!;
    codes[at++] = DIGITS[byte & 15]!;
  }
  return String.fromCharCode.apply(undefined, codes);
}
