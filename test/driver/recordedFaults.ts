import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fromRestAnswer, toEntityEvent } from '@wherefore/datasources';
import type { EngineState } from '@wherefore/engine';
import type { EntityEvent, Json } from '@wherefore/model';

/** A list that a service gave. */
export interface GivenAnswer {
  readonly name: string;
  readonly at: string;
  readonly body: Json;
}

/** The good answers of one moment of a recording, of one microversion each. */
export function recordedMoment(folder: string, moment: string): readonly GivenAnswer[] {
  const read = (name: string) =>
    JSON.parse(readFileSync(path.join(folder, 'api', moment, `${name}.json`), 'utf8')) as Json;
  const index = read('index') as unknown as readonly { name: string; at: string; status: number }[];
  return index
    .filter(({ name, status }) => status === 200 && !name.endsWith('-v2.1'))
    .map(({ name, at }) => ({ name, at, body: read(name) }));
}

/** What of the answers is not in the state, and what the state has besides of the same datasources. */
export function recordedFaults(state: EngineState, answers: readonly GivenAnswer[]): readonly string[] {
  return answers.flatMap((answer) => faultsOfOne(state, answer));
}

function faultsOfOne(state: EngineState, { name, at, body }: GivenAnswer): readonly string[] {
  const read = fromRestAnswer(name, body, at);
  if ('code' in read) return read.code === 'unknown-datasource' ? [] : [`${name}: ${read.message}`];
  return read.polls.flatMap(({ datasource, rows }) => {
    const wrong = rows.flatMap(({ key, event }) => {
      const { entity, action } = toEntityEvent(event) as EntityEvent;
      const held = state.graph.liveVertexByKey(key)?.properties;
      if (action === 'delete-entity') return held === undefined ? [] : [`${key} is there`];
      if (held === undefined) return [`${key} is missing`];
      return Object.entries(entity.properties).flatMap(([property, value]) => {
        // Where a source has no time of its own, it is that of the poll.
        const isTimeOfPoll = property === 'update_timestamp' && value === event['vitrage_sample_date'];
        if (isTimeOfPoll || JSON.stringify(held[property] ?? null) === JSON.stringify(value)) return [];
        return [`${key} ${property} is ${JSON.stringify(held[property])}, answered ${JSON.stringify(value)}`];
      });
    });
    // A zone stays until it is deleted, as in Vitrage.
    if (datasource === 'nova.zone') return wrong;
    const keys = new Set(rows.map(({ key }) => key));
    const left = [...state.graph.vertices()].filter(
      (vertex) => vertex.datasource === datasource && !keys.has(vertex.key),
    );
    return [...wrong, ...left.map(({ key }) => `${key} is left over`)];
  });
}
