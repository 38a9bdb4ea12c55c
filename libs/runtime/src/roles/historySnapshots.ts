import { BrokenInvariant, WhereforeError, type Position } from '@wherefore/model';
import type { Clock, SnapshotStore } from '@wherefore/ports';
import type { AppliedStep } from '../follower';
import type { MachineState } from '../machine';
import { Snapshotter, type SnapshotPolicy } from '../snapshotter';
import type { PackedSnapshot, PackOptions } from '../snapshotCodec';
import type { Warn } from './waiting';

/** Packs a state. It stays as it is until `encoded` is called, or the promise settles. */
export type PackState<S> = (state: S, createdAtMs: number, options: PackOptions) => Promise<PackedSnapshot>;

export interface HistorySnapshotParts<S extends MachineState> {
  readonly snapshots: SnapshotStore;
  readonly pack: PackState<S>;
  readonly clock: Clock;
  /** Places from which roles will start: pruning keeps a snapshot for each. */
  readonly cursors: () => Promise<readonly Position[]>;
  /** Whether somebody waits for the history, so that it should not stand still for long. */
  readonly isUrgent: () => boolean;
  readonly warn: Warn;
}

/** A log that is as busy as can be would have one taken all the time; a restart has to get over what came since. */
export const SNAPSHOTS_APART_MS = 2000;

interface Asked {
  readonly createdAtMs: number;
  readonly resolve: (packed: PackedSnapshot) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Snapshots of the state that the history is made from: it is there anyway, is of what is archived, and nobody waits
 * for it. Where one is wanted the history stands still after the entry at hand, until its state is encoded.
 *
 * A history that is being built anew is behind the newest snapshot: it takes none until it has caught up with it.
 */
export class HistorySnapshots<S extends MachineState> {
  private readonly snapshotter: Snapshotter;
  private asked: Asked | undefined;

  constructor(
    private readonly state: S,
    private readonly parts: HistorySnapshotParts<S>,
    policy: Pick<SnapshotPolicy, 'everyEntries' | 'everyMs' | 'apartMs'> = {},
  ) {
    const { snapshots, clock, cursors, warn } = parts;
    const take = (createdAtMs: number) =>
      new Promise<PackedSnapshot>((resolve, reject) => (this.asked = { createdAtMs, resolve, reject }));
    this.snapshotter = new Snapshotter(take, snapshots, clock, {
      ...{ apartMs: SNAPSHOTS_APART_MS, ...policy, cursors },
      warn: (error) => error instanceof WhereforeError && warn(error),
    });
  }

  /** The listener to subscribe with. Gives a promise while the state is encoded. */
  readonly accept = (step: AppliedStep): void | Promise<void> => {
    this.snapshotter.accept(step);
    const { asked } = this;
    if (asked === undefined) return;
    this.asked = undefined;
    const { resolve, reject } = asked;
    return new Promise((encoded, fail) => {
      const failed = (error: unknown): void => {
        reject(error);
        // What it comes to is no state to go on from.
        if (error instanceof BrokenInvariant) fail(error);
      };
      const { pack, isUrgent } = this.parts;
      pack(this.state, asked.createdAtMs, { encoded, isUrgent }).then(resolve, failed).finally(encoded);
    });
  };
}
