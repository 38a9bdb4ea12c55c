import { describeVertex, type Vertex } from '@wherefore/graph';
import { canonicalJson, compareCodeUnits, type Effect, type Properties } from '@wherefore/model';
import { differences, GraphWatch, type Picture, type SeenChange } from './graphWatch';
import type { EngineState } from './state';

/** A property that is another after the span than before it, and the number of the entry that changed it last. */
export interface SpanProperty extends SeenChange {
  readonly by: number;
}

/** An entity that is not what it was before the span. */
export interface SpanChange {
  readonly fate: 'appeared' | 'went' | 'changed';
  /** As it is after the span; as it was last, when it went. */
  readonly properties: Properties;
  /** The resource that an alarm is on. */
  readonly resource?: Properties;
  /** Number of the entry that it appeared or went with; of the last one that changed it. */
  readonly by: number;
  /** Of what changed; sorted by name. Times of update are left out. */
  readonly changes: readonly SpanProperty[];
}

/** A template that was added or deleted within the span. */
export interface SpanTemplate {
  readonly name: string;
  readonly change: 'added' | 'deleted' | 'refused' | 'suspended';
  readonly detail: string;
  readonly by: number;
}

/** What is different after a span, net: what came and went within it is left out. */
export interface SpanChanges {
  /** Sorted by category, type, id and vitrage_id. */
  readonly changes: readonly SpanChange[];
  /** In the order of the log. */
  readonly templates: readonly SpanTemplate[];
  /** How many things came and went within the span. */
  readonly passing: number;
}

/** One entity on its way through the span. */
interface Course {
  readonly before: Picture | undefined;
  after: Picture | undefined;
  properties: Properties;
  resource: Properties | undefined;
  /** The entry with which it last appeared or went. */
  turnedBy: number;
  readonly changedBy: Map<string, number>;
}

/** Adds up what steps do. */
export class ChangeReader {
  private readonly watch: GraphWatch;
  private readonly courses = new Map<string, Course>();
  private readonly templates: SpanTemplate[] = [];
  /** What the alarms are on: a cleared one has lost its edges. */
  private readonly places = new Map<string, Properties>();

  constructor(state: EngineState) {
    this.watch = new GraphWatch(state);
    for (const vertex of state.graph.vertices()) this.notePlace(vertex);
  }

  /** Takes in what the entry of that number did; right after its step. */
  accept(ordinal: number, effects: readonly Effect[]): void {
    for (const { vertex, before, after, changes } of this.watch.look()) {
      this.notePlace(vertex);
      const course = this.courses.get(vertex.id) ?? {
        before,
        after,
        properties: {},
        resource: undefined,
        turnedBy: ordinal,
        changedBy: new Map(),
      };
      this.courses.set(vertex.id, course);
      course.after = after;
      course.properties = describeVertex(vertex);
      course.resource = this.places.get(vertex.id);
      if (before === undefined || after === undefined) course.turnedBy = ordinal;
      for (const { name } of changes) course.changedBy.set(name, ordinal);
    }
    for (const effect of effects) {
      switch (effect.kind) {
        case 'template-added':
        case 'template-deleted':
        case 'template-refused':
        case 'template-suspended': {
          const change = effect.kind.slice('template-'.length) as SpanTemplate['change'];
          this.templates.push({ name: effect.name, change, detail: effect.detail, by: ordinal });
          break;
        }
        default:
          break;
      }
    }
  }

  answer(): SpanChanges {
    const changes: SpanChange[] = [];
    let passing = 0;
    for (const course of rejoined([...this.courses.values()])) {
      const change = netChange(course);
      if (change !== undefined) changes.push(change);
      else if (course.before === undefined) passing += 1;
    }
    return { changes: changes.sort(bySubject), templates: this.templates, passing };
  }

  private notePlace({ id, category, outgoing }: Vertex): void {
    if (category !== 'ALARM') return;
    const places = outgoing.flatMap(({ label, target }) => (label === 'on' ? [target] : []));
    const [place] = places.sort((a, b) => compareCodeUnits(a.id, b.id));
    if (place !== undefined) this.places.set(id, describeVertex(place));
  }
}

/** A resource that went and came again is the same to people, though it has another vitrage_id. */
function rejoined(courses: readonly Course[]): Course[] {
  const gone = new Map<string, Course>();
  for (const course of courses) {
    if (course.before !== undefined && course.after === undefined) gone.set(subjectOf(course), course);
  }
  const absorbed = new Set<Course>();
  const joined = courses.map((course) => {
    if (course.before !== undefined || course.after === undefined) return course;
    const earlier = gone.get(subjectOf(course));
    if (earlier === undefined || course.properties['vitrage_category'] !== 'RESOURCE') return course;
    absorbed.add(earlier);
    return { ...course, before: earlier.before };
  });
  return joined.filter((course) => !absorbed.has(course));
}

function subjectOf({ properties }: Course): string {
  return canonicalJson(['vitrage_category', 'vitrage_type', 'id'].map((name) => properties[name] ?? null));
}

function netChange({ before, after, properties, resource, turnedBy, changedBy }: Course): SpanChange | undefined {
  if (before === undefined && after === undefined) return undefined;
  const place = resource === undefined ? {} : { resource };
  if (before === undefined || after === undefined) {
    return { fate: after === undefined ? 'went' : 'appeared', properties, ...place, by: turnedBy, changes: [] };
  }
  const changes = differences(before, after).map((change) => ({
    ...change,
    by: changedBy.get(change.name) ?? turnedBy,
  }));
  if (changes.length === 0) return undefined;
  return { fate: 'changed', properties, ...place, by: Math.max(...changes.map(({ by }) => by)), changes };
}

function bySubject(a: SpanChange, b: SpanChange): number {
  const text = ({ properties }: SpanChange, name: string): string => String(properties[name] ?? '');
  for (const name of ['vitrage_category', 'vitrage_type', 'id', 'name', 'vitrage_id']) {
    const order = compareCodeUnits(text(a, name), text(b, name));
    if (order !== 0) return order;
  }
  return 0;
}
