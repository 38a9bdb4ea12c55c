import type { GraphView } from '@wherefore/contract';
import type { Properties } from '@wherefore/model';
import { drawForest } from '../commands/topology';
import { recordingTerminal } from '../terminal/recordingTerminal.sim';
import { Forest } from './forest';

const answeredAt = { at: '', knownAt: '', position: '', ordinal: 0, warnings: [] };

function vertex(type: string, id: string, more: Properties = {}): Properties {
  return { vitrage_id: id, vitrage_category: 'RESOURCE', vitrage_type: type, id, name: id, ...more };
}

function graph(
  vertices: readonly Properties[],
  edges: readonly [from: string, label: string, to: string][],
): GraphView {
  const place = (id: string): number => vertices.findIndex((each) => each['vitrage_id'] === id);
  const drawn = edges.map(([from, label, to]) => ({
    source: place(from),
    target: place(to),
    label,
    updateTimestamp: '',
  }));
  return { answeredAt, vertices, edges: drawn };
}

function lines(view: GraphView, depth = Infinity): string[] {
  return drawForest(new Forest(view).roots, recordingTerminal().terminal, depth);
}

const cloud = graph(
  [
    vertex('neutron.port', 'port'),
    vertex('nova.instance', 'vm-10'),
    vertex('nova.instance', 'vm-2', { vitrage_aggregated_state: 'ERROR', is_marked_down: true }),
    vertex('nova.host', 'host'),
    vertex('nova.zone', 'zone'),
    vertex('openstack.cluster', 'cluster'),
    vertex('neutron.network', 'net'),
    {
      vitrage_id: 'a',
      vitrage_category: 'ALARM',
      vitrage_type: 'nagios',
      name: 'Down',
      vitrage_operational_severity: 'CRITICAL',
    },
  ],
  [
    ['cluster', 'contains', 'zone'],
    ['zone', 'contains', 'host'],
    ['host', 'contains', 'vm-10'],
    ['host', 'contains', 'vm-2'],
    ['port', 'attached', 'vm-2'],
    ['net', 'contains', 'port'],
    ['a', 'on', 'vm-2'],
  ],
);

describe('the topology as a tree', () => {
  it('goes from the cluster down, with states and alarms, each resource in one place', () => {
    expect(lines(cloud)).toEqual([
      'openstack.cluster cluster',
      '└─ nova.zone zone',
      '   └─ nova.host host',
      '      ├─ nova.instance vm-2  ERROR, marked down  ● Down',
      '      │  └─ neutron.port port',
      '      └─ nova.instance vm-10',
      'neutron.network net  (also 1 neutron.port, shown elsewhere)',
    ]);
  });

  it('counts what lies deeper than asked', () => {
    expect(lines(cloud, 2).slice(0, 2)).toEqual(['openstack.cluster cluster', '└─ nova.zone zone  … 4 below']);
  });

  it('finds the trees below a name, whatever its case', () => {
    const [host] = new Forest(cloud).find('HOST');
    expect(host?.children.map(({ name }) => name)).toEqual(['vm-2', 'vm-10']);
    expect(new Forest(cloud).find('nothing')).toEqual([]);
  });

  it('shows resources in a ring once', () => {
    const ring = graph(
      [vertex('switch', 'a'), vertex('switch', 'b')],
      [
        ['a', 'connects', 'b'],
        ['b', 'connects', 'a'],
      ],
    );
    expect(lines(ring)).toEqual(['switch a', '└─ switch b  (also 1 switch, shown elsewhere)']);
  });
});
