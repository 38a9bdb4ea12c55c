/** A directed graph over 0..n-1: `from` has an effect on `to`; strict ones may also take away. */
export interface DependencyEdge {
  readonly from: number;
  readonly to: number;
  readonly strict: boolean;
}

/** What follows for each node, by index. */
export interface Strata {
  /** The node lies on a cycle; a node that depends on itself does. */
  readonly cyclic: boolean[];
  /** The most strict edges on any way to the node, those inside cycles not counted. */
  readonly stratum: number[];
  /** The node lies in a cyclic component that has a strict edge inside: no order makes it right. */
  readonly unstratified: boolean[];
}

/** Finds cycles and layers (Tarjan's components, then longest ways over them). O(nodes + edges). */
export function stratify(nodeCount: number, edges: readonly DependencyEdge[]): Strata {
  const outgoing: DependencyEdge[][] = Array.from({ length: nodeCount }, () => []);
  for (const edge of edges) outgoing[edge.from]!.push(edge);
  const { component, order } = findComponents(outgoing);

  const size = new Array<number>(order.length).fill(0);
  for (const one of component) size[one]! += 1;
  const cyclicComponents = size.map((count) => count > 1);
  const unstratifiedComponents = size.map(() => false);
  for (const { from, to, strict } of edges) {
    if (component[from] !== component[to]) continue;
    cyclicComponents[component[from]!] = true;
    if (strict) unstratifiedComponents[component[from]!] = true;
  }

  // Components are numbered sinks first, so walking down the numbers goes from causes to effects.
  const depth = new Array<number>(order.length).fill(0);
  for (let number = order.length - 1; number >= 0; number--) {
    for (const node of order[number]!) {
      for (const { to, strict } of outgoing[node]!) {
        const target = component[to]!;
        if (target !== number) depth[target] = Math.max(depth[target]!, depth[number]! + (strict ? 1 : 0));
      }
    }
  }
  return {
    cyclic: component.map((one) => cyclicComponents[one]!),
    stratum: component.map((one) => depth[one]!),
    unstratified: component.map((one) => unstratifiedComponents[one]!),
  };
}

interface Components {
  /** The component of each node. */
  readonly component: number[];
  /** The nodes of each component; every edge goes to a component of the same or a lower number. */
  readonly order: number[][];
}

/** Tarjan, with a stack of its own: chains of templates may be longer than the call stack. */
function findComponents(outgoing: readonly (readonly DependencyEdge[])[]): Components {
  const count = outgoing.length;
  const found = new Array<number>(count).fill(-1);
  const lowest = new Array<number>(count).fill(0);
  const component = new Array<number>(count).fill(-1);
  const order: number[][] = [];
  const open: number[] = [];
  let clock = 0;

  const visit = (root: number): void => {
    const frames = [{ node: root, next: 0 }];
    while (frames.length > 0) {
      const frame = frames[frames.length - 1]!;
      const { node } = frame;
      if (frame.next === 0 && found[node] === -1) {
        found[node] = lowest[node] = clock++;
        open.push(node);
      }
      const edge = outgoing[node]![frame.next++];
      if (edge) {
        if (found[edge.to] === -1) frames.push({ node: edge.to, next: 0 });
        else if (component[edge.to] === -1) lowest[node] = Math.min(lowest[node]!, found[edge.to]!);
        continue;
      }
      frames.pop();
      const parent = frames[frames.length - 1];
      if (parent) lowest[parent.node] = Math.min(lowest[parent.node]!, lowest[node]!);
      if (lowest[node] === found[node]) order.push(close(node));
    }
  };
  const close = (root: number): number[] => {
    const members = open.splice(open.lastIndexOf(root));
    for (const member of members) component[member] = order.length;
    return members;
  };
  for (let node = 0; node < count; node++) if (found[node] === -1) visit(node);
  return { component, order };
}
