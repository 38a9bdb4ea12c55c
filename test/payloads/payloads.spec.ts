import { readdirSync } from 'node:fs';
import path from 'node:path';
import { toEntityEvent } from '@wherefore/datasources';
import { initialState, step } from '@wherefore/engine';
import type { EntityGraph } from '@wherefore/graph';
import { ENTRY_VERSION, type EntityEvent, type JsonObject, type NewEntry } from '@wherefore/model';
import { Chance } from '../fuzz/chance';
import { describeWithShared } from '../support/shared';
import { DRIVER_CASES, type Meaning, type PayloadCase, SAMPLED_AT, TRANSFORMER_CASES } from './payloadCases';
import { allows, Specification } from './specification';

const SEED = Number(process.env['SEED'] ?? 20_261_122);
const RUNS = Number(process.env['RUNS'] ?? 40);

/** Specifications of what is no source here, each with the reason. */
const NO_SOURCES: { readonly [file: string]: string } = {
  driver_consistency_update_dynamic: 'processes of Vitrage tell one another what is outdated: here polls and ticks do',
};

type Kind = 'driver' | 'transformer';

/** One payload: the first file, with the fields that the others pin. */
function payloadOf(sharedDir: string, kind: Kind, { files }: PayloadCase, chance: Chance): JsonObject {
  const parts = files.map((file) => new Specification(sharedDir, kind, file).generate(chance));
  return Object.assign({}, ...parts) as JsonObject;
}

function converted(event: JsonObject): EntityEvent {
  const answer = toEntityEvent(event);
  if ('code' in answer) throw new Error(`${answer.message} ${JSON.stringify(event).slice(0, 500)}`);
  return answer;
}

function edgesOf({ neighbours }: EntityEvent): string[] {
  return neighbours.map(({ entity, label, direction }) =>
    direction === 'to-neighbour' ? `-${label}-> ${entity.key}` : `<-${label}- ${entity.key}`,
  );
}

/** Applies an event to a cloud in which whatever it looks up is there. */
function applied(event: JsonObject, meaning: Meaning): EntityGraph {
  const state = initialState();
  let offset = 0;
  const take = (driverEvent: JsonObject) => {
    offset += 1;
    const base = { id: `e${offset}`, source: 'test', ingestedAtMs: Date.parse(SAMPLED_AT) };
    const entry: NewEntry = { kind: 'event', ...base, version: ENTRY_VERSION, event: driverEvent };
    const { outcome } = step(state, { position: { epoch: 1, offset, index: 0 }, entry });
    expect(outcome.kind).toBe('applied');
  };
  if (meaning.on !== undefined) {
    const id = meaning.on['id'] ?? meaning.on['name']!;
    take({
      ...{ vitrage_entity_type: 'nova.host', vitrage_datasource_action: 'snapshot', vitrage_sample_date: SAMPLED_AT },
      ...{ host: id, zone: 'z' },
    });
  }
  take(event);
  return state.graph;
}

function expectInGraph(graph: EntityGraph, { key, edges, on, properties, isDeletion }: Meaning): void {
  const vertex = graph.liveVertexByKey(key);
  if (isDeletion === true) {
    expect(vertex).toBeUndefined();
    return;
  }
  expect(vertex?.properties).toMatchObject(properties);
  const found = [
    ...vertex!.outgoing.map(({ label, target }) => `-${label}-> ${target.key}`),
    ...vertex!.incoming.map(({ label, source }) => `<-${label}- ${source.key}`),
  ];
  const looked = on === undefined ? [] : [`-on-> RESOURCE:nova.host:${on['id'] ?? on['name']!}`];
  expect(found.sort()).toEqual([...new Set([...edges, ...looked])].sort());
}

function check(sharedDir: string, kind: Kind, payloadCase: PayloadCase): void {
  for (let index = 0; index < RUNS; index++) {
    const payload = payloadOf(sharedDir, kind, payloadCase, new Chance(SEED, index));
    try {
      const events = payloadCase.events(payload);
      if ('code' in events) throw new Error(events.message);
      const refusal = payloadCase.refusal?.(payload);
      if (refusal !== undefined) {
        expect(events.map(toEntityEvent)).toEqual([expect.objectContaining(refusal)]);
        continue;
      }
      const meanings = payloadCase.meanings(payload);
      expect(events.length).toBe(meanings.length);
      events.forEach((event, place) => {
        const meaning = meanings[place]!;
        const entityEvent = converted(event);
        expect(entityEvent.entity.key).toBe(meaning.key);
        expect(entityEvent.entity.category).toBe(meaning.key.split(':')[0]);
        expect(entityEvent.action === 'delete-entity').toBe(meaning.isDeletion === true);
        expect(edgesOf(entityEvent)).toEqual(meaning.edges);
        const wheres = meaning.on === undefined || meaning.isDeletion === true ? [] : [meaning.on];
        expect(entityEvent.lookups.map(({ where }) => where)).toEqual(wheres);
        expectInGraph(applied(event, meaning), meaning);
      });
    } catch (error) {
      throw new Error(`seed ${SEED}, run ${index}: ${JSON.stringify(payload)}\n${String(error)}`, { cause: error });
    }
  }
}

describeWithShared("payloads that Vitrage's specifications allow", (sharedDir) => {
  const named = (cases: readonly PayloadCase[]) => cases.map((each) => [each.files.join(' with '), each] as const);

  it.each(named(DRIVER_CASES))('of %s mean what they mean to Vitrage, and are applied', (_, payloadCase) => {
    check(sharedDir, 'driver', payloadCase);
  });

  it.each(named(TRANSFORMER_CASES))(
    'of %s, as transformers take them, mean what they mean to Vitrage, and are applied',
    (_, payloadCase) => {
      check(sharedDir, 'transformer', payloadCase);
    },
  );

  it.each(Object.keys(NO_SOURCES))('of %s are refused: that is no source', (file) => {
    const payload = new Specification(sharedDir, 'driver', file).generate(new Chance(SEED));
    expect(toEntityEvent(payload)).toMatchObject({ code: 'unknown-datasource', where: 'vitrage_entity_type' });
  });

  it.each(['driver', 'transformer'] as const)('are tried for every file of %s', (kind) => {
    const files = readdirSync(path.join(sharedDir, 'data/vitrage/mock_configurations', kind));
    const cases = kind === 'driver' ? DRIVER_CASES : TRANSFORMER_CASES;
    const tried = new Set(cases.flatMap((each) => each.files as readonly string[]));
    if (kind === 'driver') for (const file of Object.keys(NO_SOURCES)) tried.add(file);
    expect([...tried].sort()).toEqual(files.map((file) => file.replace('.json', '')).sort());
  });

  it('are allowed by them', () => {
    for (const kind of ['driver', 'transformer'] as const) {
      for (const file of readdirSync(path.join(sharedDir, 'data/vitrage/mock_configurations', kind))) {
        const specification = new Specification(sharedDir, kind, file.replace('.json', ''));
        for (let index = 0; index < 10; index++) {
          const payload = specification.generate(new Chance(SEED, index));
          expect([file, allows(specification.literal, payload)]).toEqual([file, true]);
        }
      }
    }
  });
});
