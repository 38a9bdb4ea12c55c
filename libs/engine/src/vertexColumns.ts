import { prefixOf, type PropertyBag, type RowKind, Vertex, type VertexSource } from '@wherefore/graph';
import { assert, canonicalJson, type Category, type Json } from '@wherefore/model';
import type { Column, ColumnReader, Columns, ColumnsReader } from './columns';
import { sharedKind } from './repeatedRow';
import type { StringSource, StringTable } from './stringTable';

const PLACEHOLDER = 1;
const MARKED_DOWN = 2;
const DELETED = 4;
/** Its row would change nothing: a snapshot without this mark is as good, but slower to go on from. */
const AS_TOLD = 16;
/** The same in older snapshots, which do not tell of which edges a row speaks. */
const AS_TOLD_OF_OLD = 8;

/** Vertices of one kind have the same category and type, properties of the same names, and the same form of key. */
type KindText = readonly [category: Category, type: string, isKeyPlain: boolean, ...names: string[]];

/** The property of which a plain key is made, and which is then written there only. */
const KEY_PROPERTY = 'id';

/** Writes vertices to the columns: those of all vertices, and those of the properties of the kind of each. */
export class VertexWriter {
  private readonly kind: Column;
  private readonly id: Column;
  private readonly key: Column;
  private readonly flags: Column;
  private readonly born: Column;
  private readonly changed: Column;
  private readonly confirmed: Column;
  private readonly sample: TextColumn;
  private readonly datasource: TextColumn;
  private readonly row: Column;
  private readonly deduced: TextColumn;
  private readonly kindsByType = new Map<string, WrittenKind[]>();

  /** Enters these columns, in this order: make one when there is a vertex to write. */
  constructor(
    private readonly columns: Columns,
    private readonly strings: StringTable,
  ) {
    this.kind = columns.of('kind');
    this.id = columns.of('id');
    this.key = columns.of('key');
    this.flags = columns.of('flags');
    this.born = columns.of('born');
    this.changed = columns.of('changed');
    this.confirmed = columns.of('confirmed');
    this.sample = new TextColumn(columns.of('sample'), strings);
    this.datasource = new TextColumn(columns.of('datasource'), strings);
    this.row = columns.of('row');
    this.deduced = new TextColumn(columns.of('deduced'), strings);
  }

  write(vertex: Vertex): void {
    const { strings } = this;
    const { properties, asTold, bornAt } = vertex;
    const kind = this.kindOf(vertex);
    this.kind.push(kind.place);
    this.id.push(strings.place(vertex.id));
    this.key.push(strings.place(kind.isKeyPlain ? (properties[KEY_PROPERTY] as string) : vertex.key));
    this.flags.push(
      (vertex.isPlaceholder ? PLACEHOLDER : 0) |
        (vertex.isMarkedDown ? MARKED_DOWN : 0) |
        (vertex.isDeleted ? DELETED : 0) |
        (asTold !== undefined ? AS_TOLD : 0),
    );
    this.born.push(bornAt);
    this.changed.push(vertex.changedAt - bornAt);
    this.confirmed.push(vertex.confirmedAt - bornAt);
    this.sample.push(vertex.sampleTimestamp);
    this.datasource.pushOptional(vertex.datasource);
    this.row.push(strings.placeOptional(vertex.rowHash));
    this.deduced.pushOptional(vertex.vitrageState);
    if (asTold !== undefined) this.columns.of('toldKind').push(strings.place(textOfKind(asTold)));
    const { names } = kind;
    kind.values ??= names.map((name, at) =>
      kind.isKeyPlain && name === KEY_PROPERTY
        ? undefined
        : new TextColumn(this.columns.of(propertyColumn(kind.place, at)), strings),
    );
    for (let at = 0; at < names.length; at++) kind.values[at]?.pushValue(properties[names[at]!]!);
  }

  private kindOf({ category, type, key, properties }: Vertex): WrittenKind {
    const isKeyPlain = isMadeOf(key, category, type, properties[KEY_PROPERTY]);
    const names = Object.keys(properties);
    let kinds = this.kindsByType.get(type);
    if (kinds === undefined) this.kindsByType.set(type, (kinds = []));
    for (const kind of kinds) {
      if (kind.isKeyPlain === isKeyPlain && kind.category === category && areEqual(kind.names, names)) return kind;
    }
    const text: KindText = [category, type, isKeyPlain, ...names];
    const place = this.strings.place(JSON.stringify(text));
    const kind: WrittenKind = { category, isKeyPlain, names, place, values: undefined };
    kinds.push(kind);
    return kind;
  }
}

interface WrittenKind {
  readonly category: Category;
  readonly isKeyPlain: boolean;
  readonly names: readonly string[];
  readonly place: number;
  /** Those of its properties, from its first vertex on; that of the key has none. */
  values: (TextColumn | undefined)[] | undefined;
}

/** A column of places of texts, which often is the same text many times in a row. */
class TextColumn {
  private last: unknown = undefined;
  private lastNumber = 0;

  constructor(
    private readonly column: Column,
    private readonly strings: StringTable,
  ) {}

  push(text: string): void {
    if (text !== this.last) this.lastNumber = this.strings.place(text);
    this.last = text;
    this.column.push(this.lastNumber);
  }

  pushOptional(text: string | undefined): void {
    if (text === undefined) this.column.push(0);
    else {
      if (text !== this.last) this.lastNumber = this.strings.place(text) + 1;
      this.last = text;
      this.column.push(this.lastNumber);
    }
  }

  /** A string is its place doubled; anything else is its JSON, marked by the odd number. */
  pushValue(value: Json): void {
    if (value !== this.last) {
      const { strings } = this;
      this.lastNumber =
        typeof value === 'string' ? strings.place(value) * 2 : strings.place(canonicalJson(value)) * 2 + 1;
    }
    this.last = value;
    this.column.push(this.lastNumber);
  }
}

/** Whether a key is category, type and id, without making that text. */
function isMadeOf(key: string, category: Category, type: string, id: Json | undefined): id is string {
  if (typeof id !== 'string') return false;
  const typeAt = category.length + 1;
  const idAt = typeAt + type.length + 1;
  return (
    key.length === idAt + id.length &&
    key.endsWith(id) &&
    key.startsWith(category) &&
    key[typeAt - 1] === ':' &&
    key.startsWith(type, typeAt) &&
    key[idAt - 1] === ':'
  );
}

function areEqual(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  for (let at = 0; at < some.length; at++) if (some[at] !== others[at]) return false;
  return true;
}

const kindTexts = new WeakMap<RowKind, string>();

/** A row kind as JSON: one text for the many vertices that refer to it. */
function textOfKind(kind: RowKind): string {
  let text = kindTexts.get(kind);
  if (text === undefined) kindTexts.set(kind, (text = JSON.stringify(kind)));
  return text;
}

function propertyColumn(kind: number, at: number): string {
  return `${kind}/${at}`;
}

/**
 * Reads vertices one after another, without their properties: those of a kind are read when one of its vertices is
 * first asked for them.
 */
export class VertexReader implements Pick<VertexSource, 'bagAt'> {
  private readonly kinds: ColumnReader;
  private readonly ids: ColumnReader;
  private readonly keys: ColumnReader;
  private readonly flags: ColumnReader;
  private readonly born: ColumnReader;
  private readonly changed: ColumnReader;
  private readonly confirmed: ColumnReader;
  private readonly samples: ColumnReader;
  private readonly datasources: ColumnReader;
  private readonly rows: ColumnReader;
  private readonly deduced: ColumnReader;
  private readonly told: ColumnReader;
  private readonly toldOfOld: ColumnReader;
  private readonly knownKinds = new Map<number, Kind>();
  private readonly rowKinds = new Map<number, RowKind>();
  /** The kind of each vertex that was read, and its place among those of that kind. */
  private readonly kindOf: Kind[] = [];
  private readonly placeInKind: number[] = [];
  /** State or severity of the vertex that was read last, as its source said it. */
  own: string | undefined;
  /** `prefixOf` its key. */
  keyPrefix = '';

  constructor(
    private readonly columns: ColumnsReader,
    private readonly strings: StringSource,
  ) {
    this.kinds = columns.of('kind');
    this.ids = columns.of('id');
    this.keys = columns.of('key');
    this.flags = columns.of('flags');
    this.born = columns.of('born');
    this.changed = columns.of('changed');
    this.confirmed = columns.of('confirmed');
    this.samples = columns.of('sample');
    this.datasources = columns.of('datasource');
    this.rows = columns.of('row');
    this.deduced = columns.of('deduced');
    this.told = columns.of('toldKind');
    this.toldOfOld = columns.of('told');
  }

  next(): Vertex {
    const { strings } = this;
    const kind = this.kindAt(this.kinds.next());
    const id = strings.at(this.ids.next());
    const key = kind.prefix + strings.at(this.keys.next());
    const flags = this.flags.next();
    const sample = strings.at(this.samples.next());
    const bornAt = this.born.next();
    const vertex = new Vertex(id, key, kind.category, kind.type, (flags & PLACEHOLDER) !== 0, sample, bornAt);
    vertex.changedAt = bornAt + this.changed.next();
    vertex.confirmedAt = bornAt + this.confirmed.next();
    vertex.datasource = strings.atOptional(this.datasources.next());
    vertex.rowHash = strings.atOptional(this.rows.next());
    vertex.vitrageState = strings.atOptional(this.deduced.next());
    vertex.isMarkedDown = (flags & MARKED_DOWN) !== 0;
    vertex.isDeleted = (flags & DELETED) !== 0;
    if ((flags & AS_TOLD) !== 0) vertex.asTold = this.rowKindAt(this.told.next());
    else if ((flags & AS_TOLD_OF_OLD) !== 0) vertex.asTold = this.oldRowKindAt(this.toldOfOld.next());
    this.own = kind.nextOwn();
    this.keyPrefix = kind.keyPrefix ?? prefixOf(key);
    this.kindOf.push(kind);
    this.placeInKind.push(kind.count++);
    if (kind.hasKeyProperty) kind.keyValues.push(key);
    return vertex;
  }

  /** The properties of a vertex, by its place among those that were read. */
  bagAt(place: number): PropertyBag {
    return this.kindOf[place]!.bagAt(this.placeInKind[place]!);
  }

  private kindAt(place: number): Kind {
    let kind = this.knownKinds.get(place);
    if (kind === undefined) {
      const [category, type, isKeyPlain, ...names] = JSON.parse(this.strings.at(place)) as KindText;
      kind = new Kind(category, type, isKeyPlain, names, this.strings, (at) =>
        this.columns.of(propertyColumn(place, at)),
      );
      this.knownKinds.set(place, kind);
    }
    return kind;
  }

  private oldRowKindAt(place: number): RowKind {
    const datasource = this.strings.at(Math.floor(place / 2));
    return sharedKind({ datasource, isUpdate: place % 2 === 1, isStamped: false, edgeTypes: undefined });
  }

  private rowKindAt(place: number): RowKind {
    let kind = this.rowKinds.get(place);
    if (kind === undefined) {
      kind = sharedKind(JSON.parse(this.strings.at(place)) as RowKind);
      this.rowKinds.set(place, kind);
    }
    return kind;
  }
}

/** What the vertices of one kind share, and the properties of each, by its place among them. */
class Kind {
  readonly prefix: string;
  /** `prefixOf` all its keys, where that is known without a look at them: they are put together when they are used. */
  readonly keyPrefix: string | undefined;
  /** Its key tells one of its properties. */
  readonly hasKeyProperty: boolean;
  readonly keyValues: string[] = [];
  /** Vertices read so far. */
  count = 0;
  private readonly own: ColumnReader | undefined;
  private read: (Float64Array | undefined)[] | undefined;

  constructor(
    readonly category: Category,
    readonly type: string,
    isKeyPlain: boolean,
    private readonly names: readonly string[],
    private readonly strings: StringSource,
    private readonly columnAt: (at: number) => ColumnReader,
  ) {
    this.prefix = isKeyPlain ? `${category}:${type}:` : '';
    this.keyPrefix = isKeyPlain && !type.includes(':') ? this.prefix : undefined;
    this.hasKeyProperty = isKeyPlain;
    const own = names.indexOf(category === 'RESOURCE' ? 'state' : 'severity');
    this.own = own < 0 ? undefined : columnAt(own).again();
  }

  nextOwn(): string | undefined {
    const place = this.own?.next();
    return place === undefined || place % 2 === 1 ? undefined : this.strings.at(place / 2);
  }

  bagAt(place: number): PropertyBag {
    const { names } = this;
    const bag: PropertyBag = {};
    this.read ??= names.map((name, at) =>
      this.hasKeyProperty && name === KEY_PROPERTY ? undefined : this.columnAt(at).rest(),
    );
    for (let at = 0; at < names.length; at++) {
      const column = this.read[at];
      bag[names[at]!] =
        column === undefined ? this.keyValues[place]!.slice(this.prefix.length) : this.valueAt(column[place]);
    }
    return bag;
  }

  private valueAt(place: number | undefined): Exclude<Json, null> {
    // The bytes were found to be whole before any of them was read.
    assert(place !== undefined, 'a property is not in the snapshot that it was read from');
    if (place % 2 === 0) return this.strings.at(place / 2);
    return JSON.parse(this.strings.at((place - 1) / 2)) as Exclude<Json, null>;
  }
}
