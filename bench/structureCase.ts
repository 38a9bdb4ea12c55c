import { UndoLog, EntityGraph } from '@wherefore/graph';
import { MultiDirectedGraph } from 'graphology';
import { expectEqual, type Figure, measure, rateFigures, Rounds } from './measure';

const HOSTS = 480;
const INSTANCES = 20;
const ROUNDS = { least: 9, most: 25, seconds: 8 };

const NO_TABLES = { lookup: () => ({ value: 'N/A', operational: 'N/A', priority: 0 }) };

function properties(name: string): { name: string; severity: string; state: string } {
  return { name, severity: 'WARNING', state: 'Active' };
}

/**
 * The pattern of a deduction on both structures: walk from a host to its instances, put an alarm
 * with two edges on each, take it away again. Ours keeps indexes, digest and undo log besides.
 */
export function structureCase(): Figure[] {
  const count = HOSTS * INSTANCES;
  return [
    ...rateFigures('graph: alarms put and taken, own structure', count, secondsOf(oursOnce), null),
    ...rateFigures('graph: the same on graphology, bare', count, secondsOf(graphologyOnce), null),
  ];
}

/** One structure after the other, so that neither collects the garbage of the other. */
function secondsOf(once: () => number): number[] {
  const seconds: number[] = [];
  const rounds = new Rounds(ROUNDS);
  while (rounds.next()) seconds.push(once());
  return seconds;
}

function oursOnce(): number {
  const undo = new UndoLog();
  const graph = new EntityGraph(undo, NO_TABLES);
  const add = (id: string, type: string, category: 'ALARM' | 'RESOURCE') => {
    const key = `${category}:${type}:${id}`;
    const vertex = graph.addVertex({ id, key, category, type, isPlaceholder: false, sampleTimestamp: 't', ordinal: 1 });
    graph.fillProperties(vertex, properties(id));
    return vertex;
  };
  for (let host = 0; host < HOSTS; host++) {
    const container = add(`host-${host}`, 'nova.host', 'RESOURCE');
    for (let i = 0; i < INSTANCES; i++) {
      graph.addEdge(container, add(`vm-${host}-${i}`, 'nova.instance', 'RESOURCE'), 'contains', 1, 't');
    }
  }
  let walked = 0;
  const seconds = measure(() => {
    for (let host = 0; host < HOSTS; host++) {
      graph.beginStep();
      const container = graph.vertexById(`host-${host}`)!;
      const cause = add(`cause-${host}`, 'nagios', 'ALARM');
      const raised = container.outgoing.map(({ target }) => {
        walked += 1;
        const alarm = add(`alarm-${target.id}`, 'vitrage', 'ALARM');
        graph.addEdge(alarm, target, 'on', 1, 't');
        graph.addEdge(cause, alarm, 'causes', 1, 't');
        return alarm;
      });
      for (const alarm of raised) graph.deleteVertex(alarm, 0, 2);
      graph.purge(1);
      undo.commit();
    }
  });
  expectEqual('alarms walked', walked, HOSTS * INSTANCES);
  return seconds;
}

function graphologyOnce(): number {
  const graph = new MultiDirectedGraph();
  for (let host = 0; host < HOSTS; host++) {
    graph.addNode(`host-${host}`, properties(`host-${host}`));
    for (let i = 0; i < INSTANCES; i++) {
      graph.addNode(`vm-${host}-${i}`, properties(`vm-${host}-${i}`));
      graph.addEdgeWithKey(`host-${host}>vm-${host}-${i}`, `host-${host}`, `vm-${host}-${i}`, { label: 'contains' });
    }
  }
  let walked = 0;
  const seconds = measure(() => {
    for (let host = 0; host < HOSTS; host++) {
      const cause = `cause-${host}`;
      graph.addNode(cause, properties(cause));
      const instances = graph.mapOutEdges(`host-${host}`, (_edge, _attributes, _source, target) => target);
      for (const instance of instances) {
        walked += 1;
        graph.addNode(`alarm-${instance}`, properties(instance));
        graph.addEdgeWithKey(`on-${instance}`, `alarm-${instance}`, instance, { label: 'on' });
        graph.addEdgeWithKey(`causes-${instance}`, cause, `alarm-${instance}`, { label: 'causes' });
      }
      for (const instance of instances) graph.dropNode(`alarm-${instance}`);
    }
  });
  expectEqual('alarms walked', walked, HOSTS * INSTANCES);
  return seconds;
}
