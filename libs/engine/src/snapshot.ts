import { canonicalJson, type JsonObject } from '@wherefore/model';
import { ByteReader, ByteWriter, checksum, corrupt } from './byteCodec';
import { graphInPieces, readGraph } from './graphCodec';
import { EngineState } from './state';
import { stateHash } from './stateHash';

/** The version of the encoding that this program writes. It reads this one only. */
export const SNAPSHOT_FORMAT = 2;

const MAGIC = 'wherefore-snapshot';

/**
 * Everything that `step` reads, uncompressed: counters and small tables, templates, remembered ids,
 * the graph in columns over a dictionary of its strings, and the matches that hold, with their ages.
 * O(state).
 */
export function encodeSnapshot(state: EngineState): Uint8Array {
  const pieces = snapshotInPieces(state);
  for (;;) {
    const piece = pieces.next();
    if (piece.done) return piece.value;
  }
}

/**
 * The same in pieces of some milliseconds each, for whoever has other work to do as well. The state must not change
 * before the last of them.
 */
export function* snapshotInPieces(state: EngineState): Generator<void, Uint8Array> {
  const writer = new ByteWriter();
  writer.text(stateHash(state));
  writer.text(canonicalJson(describeSmallParts(state) as never));
  const sources = [...state.dedupe.entries()];
  writer.unsigned(sources.length);
  for (const [source, ids] of sources) {
    // As JSON: an id may hold any character, even one that has no UTF-8 form.
    writer.text(JSON.stringify([source, ...ids]));
    yield;
  }
  yield* graphInPieces(writer, state);
  const body = writer.finish();
  const snapshot = new ByteWriter();
  snapshot.text(MAGIC);
  snapshot.unsigned(SNAPSHOT_FORMAT);
  yield;
  snapshot.text(checksum(body));
  yield;
  snapshot.raw(body);
  return snapshot.finish();
}

/**
 * Reads what `encodeSnapshot` wrote. The checksum finds decay before anything is made of the bytes; from then on they
 * are believed: the digest of the graph is taken from them, and properties are read when somebody asks for them. The hash
 * of the state proves the rest. Whether graph and digest still agree, `EntityGraph.digestAnew` tells. Throws
 * `snapshot-corrupt`. O(state).
 */
export function decodeSnapshot(bytes: Uint8Array): EngineState {
  const reader = readerOfBody(bytes);
  const hash = reader.text();
  const state = new EngineState();
  try {
    const parts = JSON.parse(reader.text()) as SmallParts;
    restoreSmallParts(state, parts);
    for (let sources = reader.unsigned(); sources > 0; sources--) {
      const [source, ...ids] = JSON.parse(reader.text()) as [string, ...string[]];
      for (let at = 0; at < ids.length; at++) state.dedupe.remember(source, ids[at]!, Infinity);
    }
    readGraph(reader, state);
    state.graph.restoreDigest(parts.graphDigest);
  } catch (error) {
    throw error instanceof Error && error.name === 'WhereforeError' ? error : corrupt(String(error));
  }
  state.undo.commit();
  state.evaluator.finishStep();
  state.graph.beginStep();
  if (stateHash(state) !== hash) throw corrupt('what was read does not have the hash that was written');
  return state;
}

function readerOfBody(bytes: Uint8Array): ByteReader {
  const reader = new ByteReader(bytes);
  if (reader.text() !== MAGIC) throw corrupt('it is no snapshot');
  const format = reader.unsigned();
  if (format !== SNAPSHOT_FORMAT) throw corrupt(`its format is ${format}, this program reads ${SNAPSHOT_FORMAT}`);
  const expected = reader.text();
  const body = reader.raw();
  if (!reader.isAtEnd) throw corrupt('something follows its end');
  if (checksum(body) !== expected) throw corrupt('its bytes are not those that were written');
  return new ByteReader(body);
}

type SmallParts = ReturnType<typeof describeSmallParts>;

function describeSmallParts(state: EngineState) {
  return {
    position: { ...state.position },
    ordinal: state.ordinal,
    logTimeMs: state.logTimeMs,
    lastTickMs: state.lastTickMs,
    firstLogTimeMs: state.firstLogTimeMs,
    behaviour: state.behaviour,
    epoch: state.epoch,
    limits: { ...state.limits },
    valueTables: state.valueTables as JsonObject,
    datasources: state.datasources as JsonObject,
    fences: [...state.fences],
    refusals: state.refusals,
    refusalCount: state.refusalCount,
    suspensions: state.suspensions,
    effectsHigh: state.effectsHigh,
    effectsLow: state.effectsLow,
    graphDigest: { ...state.graph.digest },
    templates: state.shelf.list(),
    polls: state.polls.underWay(),
    pollOutcomes: state.polls.outcomes(),
  };
}

function restoreSmallParts(state: EngineState, parts: SmallParts): void {
  state.position = parts.position;
  state.ordinal = parts.ordinal;
  state.logTimeMs = parts.logTimeMs;
  state.lastTickMs = parts.lastTickMs;
  state.firstLogTimeMs = parts.firstLogTimeMs;
  state.behaviour = parts.behaviour;
  state.epoch = parts.epoch;
  state.limits = parts.limits;
  state.evaluator.useLimits(parts.limits);
  state.datasources = parts.datasources;
  for (const [lease, epoch] of parts.fences) state.fences.set(lease, epoch);
  state.refusals = [...parts.refusals];
  state.refusalCount = parts.refusalCount;
  state.suspensions = [...parts.suspensions];
  state.effectsHigh = parts.effectsHigh;
  state.effectsLow = parts.effectsLow;
  state.useValueTables(parts.valueTables);
  state.shelf.restore(parts.templates);
  state.polls.restore(parts.polls, parts.pollOutcomes);
}
