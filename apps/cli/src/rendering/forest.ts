import type { GraphView } from '@wherefore/contract';
import { pushTo, type Properties } from '@wherefore/model';
import { plain } from '../terminal/text';

/** A resource within the tree that people think a cloud is. */
export interface TreeNode {
  readonly place: number;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly state: string;
  readonly operational: string;
  readonly alarms: readonly TreeAlarm[];
  readonly children: readonly TreeNode[];
  /** Resources that belong here too, but stand elsewhere in the tree: how many, by type. */
  readonly elsewhere: ReadonlyMap<string, number>;
}

export interface TreeAlarm {
  readonly name: string;
  readonly severity: string;
}

/** From the outside in; what is not listed comes after, by name. */
const TYPE_ORDER = ['openstack.cluster', 'nova.zone', 'nova.host', 'nova.instance'];

/**
 * Turns the graph of resources into trees. Each resource stands in one place: below what contains it,
 * or below what it is attached to. Where the graph has rings, one of them is cut. O(graph).
 */
export class Forest {
  readonly roots: readonly TreeNode[];
  private readonly below = new Map<number, number[]>();
  private readonly alarms = new Map<number, TreeAlarm[]>();
  private readonly placed = new Set<number>();

  constructor(private readonly graph: GraphView) {
    const hasParent = new Set<number>();
    for (const { source, target, label } of graph.edges) {
      if (this.isAlarm(source) || this.isAlarm(target)) {
        if (label === 'on') pushTo(this.alarms, target, this.alarmOf(source));
        continue;
      }
      // A volume is attached to its instance: people look for it there.
      const [parent, child] = label === 'attached' ? [target, source] : [source, target];
      pushTo(this.below, parent, child);
      hasParent.add(child);
    }
    const resources = graph.vertices.flatMap((_, place) => (this.isAlarm(place) ? [] : [place]));
    const starts = resources.filter((place) => !hasParent.has(place)).sort((a, b) => this.compare(a, b));
    const roots = starts.map((place) => this.grow(place));
    // What is left is in rings that nothing leads to.
    const rings = resources.flatMap((place) => (this.placed.has(place) ? [] : [this.grow(place)]));
    this.roots = [...roots, ...rings];
  }

  /** The trees below resources of that name or id. */
  find(nameOrId: string): TreeNode[] {
    const wanted = nameOrId.toLowerCase();
    const search = (node: TreeNode): TreeNode[] =>
      [node.name, node.id].some((text) => text.toLowerCase() === wanted) ? [node] : node.children.flatMap(search);
    return this.roots.flatMap(search);
  }

  private grow(place: number): TreeNode {
    this.placed.add(place);
    const children: TreeNode[] = [];
    const elsewhere = new Map<string, number>();
    for (const child of [...new Set(this.below.get(place) ?? [])].sort((a, b) => this.compare(a, b))) {
      if (this.placed.has(child)) elsewhere.set(this.type(child), (elsewhere.get(this.type(child)) ?? 0) + 1);
      else children.push(this.grow(child));
    }
    const vertex = this.graph.vertices[place]!;
    const isDown = vertex['is_marked_down'] === true;
    const state = [text(vertex, 'vitrage_aggregated_state') || text(vertex, 'state'), isDown ? 'marked down' : ''];
    return {
      place,
      type: this.type(place),
      name: this.name(place),
      id: text(vertex, 'id'),
      state: state.filter((part) => part !== '').join(', '),
      operational: text(vertex, 'vitrage_operational_state'),
      alarms: this.alarms.get(place) ?? [],
      children,
      elsewhere,
    };
  }

  private isAlarm(place: number): boolean {
    return this.graph.vertices[place]!['vitrage_category'] === 'ALARM';
  }

  private alarmOf(place: number): TreeAlarm {
    const vertex = this.graph.vertices[place]!;
    return { name: text(vertex, 'name'), severity: text(vertex, 'vitrage_operational_severity') };
  }

  private type(place: number): string {
    return text(this.graph.vertices[place]!, 'vitrage_type');
  }

  private name(place: number): string {
    const vertex = this.graph.vertices[place]!;
    return text(vertex, 'name') || text(vertex, 'id') || text(vertex, 'vitrage_id');
  }

  private compare(a: number, b: number): number {
    return (
      this.rank(a) - this.rank(b) || compareText(this.type(a), this.type(b)) || compareText(this.name(a), this.name(b))
    );
  }

  private rank(place: number): number {
    const at = TYPE_ORDER.indexOf(this.type(place));
    return at < 0 ? TYPE_ORDER.length : at;
  }
}

function text(vertex: Properties, name: string): string {
  const value = vertex[name];
  return typeof value === 'string' || typeof value === 'number' ? plain(String(value)) : '';
}

/** Numbers within names count as numbers: compute-2 stands before compute-10. */
function compareText(a: string, b: string): number {
  return byName.compare(a, b);
}

const byName = new Intl.Collator('en', { numeric: true });
