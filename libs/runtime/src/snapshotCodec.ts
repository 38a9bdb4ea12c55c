import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import { WhereforeError, assert, formatPosition } from '@wherefore/model';
import type { SnapshotHeader } from '@wherefore/ports';
import type { Machine, MachineState } from './machine';
import { WorkSlice, steadyClock } from './workSlice';

/** How an encoded state is packed: 1 is brotli. */
const PACKING = 1;

/** What the bytes of a snapshot are: the machine's encoding in the hundreds, then how it is packed. */
export function snapshotFormatVersion(machine: { readonly snapshotFormat: number }): number {
  return machine.snapshotFormat * 100 + PACKING;
}

/**
 * Measured on 17 MB of entities and edges: quality 2 makes 4.4 MB in 108 ms and opens it in 44 ms;
 * gzip 1 makes 4.9 MB in 128 ms; brotli 4 makes 4.0 MB in 317 ms.
 */
const BROTLI_QUALITY = 2;

/** Whoever holds the state still wants it back soon; whoever else is in the process can wait so long. */
const ENCODED_AT_ONCE_MS = 50;

/** Where nobody waits for the state, the machine is left to others: a third of a core goes into it. */
const RESTS_TO_WORK = 2;

/** A state is two to three times as long as its snapshot. Room that turns out not to be needed is never touched. */
const STATE_TO_SNAPSHOT = 4;
const DECOMPRESSED_AT_ONCE_MIN = 1 << 14;
const DECOMPRESSED_AT_ONCE_MAX = 1 << 26;

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

/** A snapshot ready to be saved. */
export interface PackedSnapshot {
  readonly header: SnapshotHeader;
  readonly bytes: Uint8Array;
  /** What encoding it took of a core, about; other threads compress. Absent where nobody measured. */
  readonly encodingCpuMs?: number;
}

export interface PackOptions {
  /** Told when the state may change again. */
  readonly encoded?: () => void;
  /** Whether somebody waits for the state, or for a core: else it takes three times as long. Default: yes. */
  readonly isUrgent?: () => boolean;
}

/**
 * Encodes and compresses a state, and lets the event loop go on every 50 ms, or every 10 where nothing is urgent. The
 * state must not change while it is encoded.
 */
export async function packSnapshot<S extends MachineState>(
  machine: Machine<S>,
  state: S,
  createdAtMs: number,
  { encoded = () => undefined, isUrgent = () => true }: PackOptions = {},
): Promise<PackedSnapshot> {
  const { position, ordinal, logTimeMs, behaviour } = state;
  const stateHash = machine.stateHash(state);
  const { bytes: plain, cpuMs: encodingCpuMs } = await encode(machine, state, isUrgent);
  assert(state.ordinal === ordinal, 'a state was changed while it was encoded');
  encoded();
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
  };
  const compressed = await compress(plain, { params });
  // A buffer of its own, so that it can be handed to another thread without a copy.
  const bytes = Uint8Array.from(compressed);
  const formatVersion = snapshotFormatVersion(machine);
  const byteCount = bytes.length;
  const header = { position, ordinal, logTimeMs, stateHash, behaviour, formatVersion, byteCount, createdAtMs };
  return { header, bytes, encodingCpuMs };
}

async function encode<S extends MachineState>(
  machine: Machine<S>,
  state: S,
  isUrgent: () => boolean,
): Promise<{ readonly bytes: Uint8Array; readonly cpuMs: number }> {
  const pieces = machine.snapshotInPieces(state);
  const slice = new WorkSlice();
  let cpuMs = 0;
  // Where the cores are full a slice lasts far longer than it is worked on; what other threads do meanwhile counts as well, but no more than it lasts.
  const count = sliceCpu();
  count();
  for (;;) {
    const piece = pieces.next();
    if (piece.done) return { bytes: piece.value, cpuMs: cpuMs + count() };
    if (!slice.isOver) continue;
    const urgent = isUrgent();
    if (urgent && slice.lastedMs < ENCODED_AT_ONCE_MS) continue;
    cpuMs += count();
    await slice.rest(urgent ? 0 : slice.lastedMs * RESTS_TO_WORK);
    count();
  }
}

/** Milliseconds of cpu since it was last asked, at most as many as passed. */
function sliceCpu(): () => number {
  let [atMs, cpuMs] = [0, 0];
  return () => {
    const { user, system } = process.cpuUsage();
    const before = [atMs, cpuMs] as const;
    [atMs, cpuMs] = [steadyClock.nowMs(), (user + system) / 1000];
    return Math.min(atMs - before[0], cpuMs - before[1]);
  };
}

/**
 * The state in a snapshot, checked against the header's hash.
 * Rejects `store-newer` for a format that is newer than this program's, `snapshot-missing` for one that
 * it no longer reads, `snapshot-corrupt` for anything else.
 */
export async function unpackSnapshot<S extends MachineState>(
  machine: Machine<S>,
  { header, bytes }: PackedSnapshot,
): Promise<S> {
  const place = formatPosition(header.position);
  const readable = snapshotFormatVersion(machine);
  if (header.formatVersion !== readable) {
    const code = header.formatVersion > readable ? 'store-newer' : 'snapshot-missing';
    throw new WhereforeError(code, `the snapshot at ${place} has format ${header.formatVersion}`, {
      hint: `This program reads format ${readable}; another snapshot is used, or the log from its beginning.`,
    });
  }
  const encoded = await decompress(bytes, { chunkSize: decompressedAtOnce(bytes) }).catch((cause: unknown) => {
    throw new WhereforeError('snapshot-corrupt', `the snapshot at ${place} cannot be decompressed`, { cause });
  });
  const state = machine.decodeSnapshot(encoded);
  const hash = machine.stateHash(state);
  if (hash !== header.stateHash) {
    throw new WhereforeError(
      'snapshot-corrupt',
      `the snapshot at ${place} decodes to hash ${hash}, not ${header.stateHash}`,
      {
        hint: 'An older snapshot is used instead; run verify to find out since when.',
      },
    );
  }
  return state;
}

/** In one piece, if it is not huge: each goes to another thread and back, and all of them are put together in the end. */
function decompressedAtOnce(bytes: Uint8Array): number {
  return Math.min(Math.max(bytes.length * STATE_TO_SNAPSHOT, DECOMPRESSED_AT_ONCE_MIN), DECOMPRESSED_AT_ONCE_MAX);
}
