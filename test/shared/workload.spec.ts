import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  decodeSnapshot,
  encodeSnapshot,
  initialState,
  parseEventLine,
  reportState,
  RunClock,
  type StateReport,
  stateHash,
  step,
} from '@wherefore/engine';
import type { JsonObject, TemplateSource } from '@wherefore/model';
import { describeWithShared } from '../support/shared';

type Counts = { readonly [name: string]: number };

interface ExpectedState {
  readonly vertices_by_type: Counts;
  readonly edges_by_label: Counts;
  readonly resource_states: Counts;
  readonly alarms: Counts;
  readonly marked_down: number;
}

const START_MS = Date.parse('2026-11-21T00:00:00Z');
const SEQUENCE = ['topology', 'alarms_raise', 'alarms_clear', 'alarms_raise', 'down_raise', 'down_clear'];
const SNAPSHOT_BYTES_PER_ENTITY_MAX = 150;

/** Vitrage's own bookkeeping of what is deleted is left out: what is live is compared. */
function live(counts: Counts): Counts {
  return Object.fromEntries(
    Object.entries(counts)
      .filter(([name]) => !name.endsWith(' (deleted)'))
      .sort(),
  );
}

function expectState(report: StateReport, expected: ExpectedState): void {
  const { vertices_by_type, edges_by_label, resource_states, alarms, marked_down } = report;
  expect({ vertices_by_type, edges_by_label, resource_states, alarms, marked_down }).toEqual({
    vertices_by_type: live(expected.vertices_by_type),
    edges_by_label: live(expected.edges_by_label),
    resource_states: live(expected.resource_states),
    alarms: live(expected.alarms),
    marked_down: expected.marked_down,
  });
}

describeWithShared('workload', (sharedDir) => {
  const root = join(sharedDir, 'data', 'workload');
  const { sizes } = JSON.parse(readFileSync(join(root, 'expected.json'), 'utf8')) as {
    sizes: { [size: string]: { [state: string]: ExpectedState } };
  };
  const template = (path: string): TemplateSource => ({
    path,
    text: readFileSync(join(root, 'templates', path), 'utf8'),
  });

  /** An engine of its own, and a way to feed it files. */
  function engine(size: string, templates: readonly string[]) {
    const state = initialState();
    const clock = new RunClock(START_MS);
    expect(step(state, clock.templates(templates.map(template))).outcome).toEqual({ kind: 'applied' });
    const feed = (file: string): StateReport => {
      for (const line of readFileSync(join(root, size, `${file}.ndjson`), 'utf8').split('\n')) {
        if (line === '') continue;
        const { outcome } = step(state, clock.event(parseEventLine(line) as JsonObject));
        if (outcome.kind !== 'applied') throw new Error(`${line}: ${JSON.stringify(outcome)}`);
      }
      return reportState(state);
    };
    return { state, feed };
  }

  describe.each(['1k', '10k'])('at %s', (size) => {
    const [withErrors, ...others] = Object.keys(sizes[size]!).filter((key) => key.startsWith('state_after'));

    it('reaches the topology with all three templates', () => {
      const { feed } = engine(size, ['host_high_cpu_v3.yaml', 'host_down_v2.yaml', 'instance_error_v3.yaml']);
      expect(withErrors).toBe('state_after_topology_with_instance_error_template');
      expectState(feed('topology'), sizes[size]![withErrors!]!);
    }, 60_000);

    it('reaches every state of the sequence, and its snapshot stays small', () => {
      const { state, feed } = engine(size, ['host_high_cpu_v3.yaml', 'host_down_v2.yaml']);
      expect(others).toHaveLength(SEQUENCE.length);
      SEQUENCE.forEach((file, at) => {
        const report = feed(file);
        expectState(report, sizes[size]![others[at]!]!);
        const bytes = encodeSnapshot(state);
        expect(stateHash(decodeSnapshot(bytes))).toBe(stateHash(state));
        // Entities that are marked deleted are in it, and in the count.
        const marked = [...state.graph.graves()].filter(({ element }) => 'key' in element).length;
        const perEntity = gzipSync(bytes).length / (report.vertices + marked);
        expect(perEntity).toBeLessThan(SNAPSHOT_BYTES_PER_ENTITY_MAX);
      });
    }, 60_000);
  });
});
