import { WhereforeError, comparePositions, type Position } from '@wherefore/model';
import type { SnapshotHeader } from '@wherefore/ports';
import type { Machine, MachineState } from './machine';
import { Replayer, type ReplaySource } from './replayer';
import { snapshotFormatVersion, unpackSnapshot } from './snapshotCodec';

/**
 * What a replay found at a snapshot.
 * - `match`: the same hash, and the bytes are whole.
 * - `mismatch`: the same versions, another hash. The proof failed: a defect, or a damaged log.
 * - `other-version`: another hash, but the snapshot was made by another behaviour or format; it proves nothing.
 * - `damaged`: the same hash, but its bytes are not what was saved. It is passed over when needed.
 * - `other-content`: the same hash, but its content is not what that hash says. A restore would not notice.
 * - `not-in-log`: no entry has that position.
 */
export type Verdict = 'match' | 'mismatch' | 'other-version' | 'damaged' | 'other-content' | 'not-in-log';

export interface SnapshotCheck {
  readonly position: Position;
  readonly ordinal: number;
  readonly recordedHash: string;
  /** Of the replayed state; empty when it never stood there. */
  readonly replayedHash: string;
  readonly verdict: Verdict;
}

export interface VerifyReport {
  readonly from: Position;
  readonly to: Position;
  /** How many entries were replayed. */
  readonly replayed: number;
  /** Hash of the state at `to`. */
  readonly stateHash: string;
  readonly checks: readonly SnapshotCheck[];
  /** False when any check is a `mismatch` or `other-content`, or a snapshot is not in the log. */
  readonly isSound: boolean;
}

export interface VerifyOptions {
  /** Replay from the newest usable snapshot at or before this; from the first entry when absent. */
  readonly from?: Position;
  readonly signal?: AbortSignal;
  readonly onProgress?: (ordinal: number) => void;
}

/**
 * Replays the archive and compares the state with every snapshot on the way: the proof that the same
 * entries still give the same state. Each snapshot is restored, too, and its digest computed anew from what it holds.
 * Cost: every entry once, every snapshot restored once.
 */
export async function verifyReplay<S extends MachineState>(
  machine: Machine<S>,
  source: Pick<ReplaySource, 'archive' | 'snapshots'>,
  { from, signal, onProgress = () => undefined }: VerifyOptions = {},
): Promise<VerifyReport> {
  const replayer = new Replayer(machine, source);
  const state = from ? await replayer.stateAtOrBefore(from) : machine.initialState();
  const start = state.position;
  // In this order: a snapshot taken by a live server meanwhile is not one beyond the archive.
  const headers = await source.snapshots.list();
  const to = await source.archive.cursor();
  const checks: SnapshotCheck[] = [];
  let replayed = 0;
  for (const header of headers) {
    if (comparePositions(header.position, start) < 0) continue;
    if (comparePositions(header.position, to) > 0) {
      checks.push(notInLog(header));
      continue;
    }
    replayed += (await replayer.advance(state, { position: header.position }, signal)).replayed;
    onProgress(state.ordinal);
    checks.push(await check(machine, source, state, header));
  }
  replayed += (await replayer.advance(state, { position: to }, signal)).replayed;
  const isSound = checks.every(({ verdict }) => !UNSOUND.has(verdict));
  return { from: start, to, replayed, stateHash: machine.stateHash(state), checks, isSound };
}

/** What no store may come to, whatever happened to its disk. */
export const UNSOUND: ReadonlySet<Verdict> = new Set<Verdict>(['mismatch', 'other-content', 'not-in-log']);

async function check<S extends MachineState>(
  machine: Machine<S>,
  source: Pick<ReplaySource, 'snapshots'>,
  state: S,
  header: SnapshotHeader,
): Promise<SnapshotCheck> {
  const { position, ordinal, stateHash: recordedHash } = header;
  if (comparePositions(state.position, position) !== 0) return notInLog(header);
  const replayedHash = machine.stateHash(state);
  const isSameVersion = header.formatVersion === snapshotFormatVersion(machine) && header.behaviour === state.behaviour;
  const isSameHash = replayedHash === recordedHash;
  const verdict = isSameHash
    ? await judgeContent(machine, source, header)
    : isSameVersion
      ? 'mismatch'
      : 'other-version';
  return { position, ordinal, recordedHash, replayedHash, verdict };
}

/** What a snapshot of the right hash holds. Of a format that is not read, the hash is all there is to be judged. */
async function judgeContent<S extends MachineState>(
  machine: Machine<S>,
  { snapshots }: Pick<ReplaySource, 'snapshots'>,
  header: SnapshotHeader,
): Promise<'match' | 'damaged' | 'other-content'> {
  try {
    const bytes = await snapshots.load(header.position);
    if (header.formatVersion !== snapshotFormatVersion(machine)) return 'match';
    return machine.isAsHashed(await unpackSnapshot(machine, { header, bytes })) ? 'match' : 'other-content';
  } catch (error) {
    return isPruned(error) ? 'match' : 'damaged';
  }
}

function notInLog({ position, ordinal, stateHash: recordedHash }: SnapshotHeader): SnapshotCheck {
  return { position, ordinal, recordedHash, replayedHash: '', verdict: 'not-in-log' };
}

/** Damage makes a snapshot not whole; pruning, meanwhile, says nothing against it. */
function isPruned(error: unknown): boolean {
  if (!(error instanceof WhereforeError)) throw error;
  if (error.code === 'snapshot-corrupt') return false;
  if (error.code === 'snapshot-missing') return true;
  throw error;
}
