import { BrokenInvariant, ENTRY_VERSION, WhereforeError, formatPosition, type NewEntry } from '@wherefore/model';
import {
  MemoryArchive,
  MemoryEpochBook,
  MemoryHistory,
  MemoryLeaderLease,
  MemoryOutbox,
  MemorySnapshotStore,
  type Archive,
  type ArchiveWriter,
  type Clock,
  type EpochBook,
  type History,
  type LeaderLease,
  type LogEpoch,
  type NewDelivery,
  type Outbox,
  type Receiver,
  type SnapshotStore,
} from '@wherefore/ports';
import {
  LeaderRole,
  Persister,
  Processor,
  Replayer,
  type AppliedStep,
  type Machine,
  type MachineState,
} from '@wherefore/runtime';
import { plainSnapshot } from './ledgerMachine';
import { SimBroker, SimLog } from './simulatedLog';
import { SimPresence, SimPresenceBook } from './simulatedPresence';
import { SimProcess, remote, type World } from './world';

/** What the services of the cluster are made of; a test replaces one to see whether its absence is noticed. */
export interface Services {
  readonly archive: Archive & ArchiveWriter;
  readonly snapshots: SnapshotStore & { damage(position: LogEpoch['sealedAt']): void };
  readonly history: History;
  readonly leases: LeaderLease;
  readonly outbox: Outbox;
  readonly epochs: EpochBook;
}

export interface ClusterOptions<S extends MachineState> {
  readonly machine: Machine<S>;
  /** Sources wait until what they sent is in the archive, too. */
  readonly isArchivedFirst: boolean;
  /** What each source sends, batch by batch. */
  readonly batches: readonly (readonly NewEntry[])[][];
  readonly alter?: (services: Services) => Services;
}

export const RECEIVERS = ['bus', 'hook'];
/** This receiver takes nothing whose id ends so. */
export const REFUSED = { receiver: 'hook', ending: '7' };

/** A write under a lease that counted. */
export interface Deed {
  readonly what: 'outbox' | 'archive' | 'history';
  readonly epoch: number;
  readonly process: string;
}

/** Work takes no time here: nothing ever has to let the real event loop turn. */
const STILL: Clock = { nowMs: () => 0 };

type Run = (process: SimProcess, signal: AbortSignal) => Promise<void>;

/** The whole cluster on one virtual time: services, and processes that are started again when they end. */
export class Cluster<S extends MachineState> {
  readonly services: Services;
  readonly broker: SimBroker;
  readonly presences = new SimPresenceBook();
  /** Processes that run now, by the name of what they run. */
  readonly running = new Map<string, SimProcess>();
  readonly processors = new Map<string, Processor<S>>();
  readonly confirmed = new Set<string>();
  readonly received: { readonly receiver: string; readonly effectId: string; readonly atMs: number }[] = [];
  readonly downReceivers = new Set<string>();
  readonly deeds: Deed[] = [];
  /** Deliveries that ever had a row in the outbox: receiver and effect. */
  readonly stored = new Set<string>();
  readonly opened: LogEpoch[] = [];
  /** Failures that no process may have. */
  readonly defects: unknown[] = [];
  /** Where notifications began. */
  firstWatermark: LogEpoch['sealedAt'] | undefined;
  private readonly sent: number[];
  private incarnations = 0;

  constructor(
    readonly world: World,
    readonly options: ClusterOptions<S>,
  ) {
    const archive = new MemoryArchive();
    const plain: Services = {
      archive,
      snapshots: new MemorySnapshotStore(archive),
      history: new MemoryHistory(),
      leases: new MemoryLeaderLease(world.time),
      outbox: new MemoryOutbox(),
      epochs: new MemoryEpochBook(),
    };
    this.services = options.alter?.(plain) ?? plain;
    this.broker = new SimBroker(world);
    this.sent = options.batches.map(() => 0);
  }

  get isAllSent(): boolean {
    return this.sent.every((count, source) => count === this.options.batches[source]!.length);
  }

  start(): void {
    for (const name of ['processor-a', 'processor-b']) this.launch(name, this.runProcessor);
    for (const name of ['persister-a', 'persister-b']) this.launch(name, this.runPersister);
    for (const name of ['driver-a', 'driver-b']) this.launch(name, this.runDriver);
    for (const source of this.options.batches.keys()) {
      this.launch(`source-${source}`, (process, signal) => this.runSource(source, process, signal));
    }
  }

  private launch(name: string, run: Run): void {
    const process = new SimProcess(`${name}#${++this.incarnations}`, this.world);
    this.running.set(name, process);
    const control = new AbortController();
    const again = (ms: number) => this.world.time.plan(ms, () => this.launch(name, run));
    process.onEnd(() => {
      // A machine that loses its power says no good-bye to the database.
      if (!this.world.chance.oneIn(4)) this.world.time.plan(10, () => this.presences.disconnect(process));
      again(200 + this.world.chance.below(3000));
    });
    run(process, control.signal).then(
      () => undefined,
      (error: unknown) => {
        if (process.isDead) return;
        this.world.tell(`${process.name} ends: ${String(error)}`);
        if (error instanceof BrokenInvariant || !(error instanceof WhereforeError)) this.defects.push(error);
        process.crash();
      },
    );
  }

  private readonly runProcessor: Run = async (process, signal) => {
    const { machine } = this.options;
    const warn = (error: WhereforeError) => this.world.tell(`${process.name} warns: ${error.message}`);
    const archive = remote(process, 'database', this.services.archive);
    const outbox = this.recordedOutbox(process);
    const snapshots = remote(process, 'database', this.services.snapshots);
    const log = this.logOf(process);
    const leases = remote(process, 'database', this.services.leases);
    const processor: Processor<S> = new Processor<S>(
      {
        ...{ log, archive, snapshots, leases, outbox, machine, timer: process.timer, workClock: STILL },
        receivers: { find: async (name) => this.receiver(process, name) },
        derive: newsOf,
        epochs: { log, archiveWriter: this.recordedArchive(process) },
        takeSnapshot: async (nowMs) => plainSnapshot(machine, processor.follower!.state, nowMs),
        stateAtOrBefore: this.starting(archive, snapshots),
      },
      {
        ...this.leaderOptions(process),
        warn,
        ticks: { everyMs: 1000, retryMs: 300 },
        notifier: { idleMs: 400, keptRowsMax: 12, batchRowsMax: 6 },
        desk: {
          ...{ attemptsMax: 10_000, rowsMax: 6, lookEveryMs: 1000 },
          windowOf: (receiver) => (receiver === 'bus' ? 1 : 3),
          backoff: { firstMs: 100, maxMs: 800, random: () => this.world.chance.next() / 2 ** 32 },
        },
        snapshots: { everyEntries: 30, everyMs: 5000, apartMs: 0, lateMs: this.world.chance.oneIn(2) ? 0 : 3000 },
        epochs: { checkEveryMs: 400, settleMs: 800 },
      },
    );
    this.processors.set(process.name, processor);
    process.onEnd(() => this.processors.delete(process.name));
    await processor.run(signal);
  };

  private readonly runPersister: Run = async (process, signal) => {
    const archive = remote(process, 'database', this.services.archive);
    const snapshots = remote(process, 'database', this.services.snapshots);
    const log = this.logOf(process);
    const persister = new Persister<S>(
      {
        ...{ log, archive, snapshots, machine: this.options.machine, timer: process.timer, workClock: STILL },
        archiveWriter: this.recordedArchive(process),
        history: this.recordedHistory(process),
        leases: remote(process, 'database', this.services.leases),
        outbox: this.recordedOutbox(process),
        pack: async (state, nowMs) => plainSnapshot(this.options.machine, state, nowMs),
        epochs: log,
        stateAtOrBefore: this.starting(archive, snapshots),
      },
      {
        ...this.leaderOptions(process),
        warn: (error) => this.world.tell(`${process.name} warns: ${error.message}`),
        stuck: (error) => this.defects.push(error),
        archiver: { batchEntriesMax: 10, bufferedEntriesMax: 30 },
        snapshots: { everyEntries: 20, everyMs: 5000, apartMs: 0 },
      },
    );
    await persister.run(signal);
  };

  /** Polls under a lease: each entry carries its fence. */
  private readonly runDriver: Run = async (process, signal) => {
    const log = this.logOf(process);
    const leases = remote(process, 'database', this.services.leases);
    const role = new LeaderRole(leases, process.timer, { ...this.leaderOptions(process), lease: 'driver/nova' });
    await role.run(async ({ epoch, fence, signal: over }) => {
      for (let number = 1; !over.aborted; number++) {
        const id = `poll ${epoch}.${number} of ${process.name}`;
        await log.append([
          { kind: 'tick', id, version: ENTRY_VERSION, source: 'driver', ingestedAtMs: 0, atMs: 0, fence },
        ]);
        await process.timer.sleep(900, over);
      }
    }, signal);
  };

  /** Sends each batch until it is confirmed, and only then the next; a new run goes on where the last one was. */
  private async runSource(source: number, process: SimProcess, signal: AbortSignal): Promise<void> {
    const log = this.logOf(process);
    const batches = this.options.batches[source]!;
    while (this.sent[source]! < batches.length && !signal.aborted) {
      const batch = batches[this.sent[source]!]!;
      try {
        await log.append(batch);
        for (const { source: from, id } of batch) this.confirmed.add(`${from}/${id}`);
        this.sent[source]! += 1;
        await process.timer.sleep(this.world.chance.below(500), signal);
      } catch (error) {
        if (!(error instanceof WhereforeError)) throw error;
        await process.timer.sleep(200, signal);
      }
    }
  }

  private leaderOptions(process: SimProcess) {
    return {
      ...{ holder: process.name, ttlMs: 1600, retryEveryMs: 400, steady: this.world.time },
      presence: new SimPresence(process, this.presences),
    };
  }

  private logOf(process: SimProcess): SimLog {
    const archive = remote(process, 'database', this.services.archive);
    const epochs = remote(process, 'database', this.recordedEpochs());
    return new SimLog(process, this.broker, archive, epochs, this.options.isArchivedFirst);
  }

  private starting(archive: Archive, snapshots: SnapshotStore) {
    const { machine } = this.options;
    const replayer = new Replayer<S>(machine, { archive, snapshots }, undefined, async (_, { header, bytes }) => {
      const state = machine.decodeSnapshot(bytes);
      if (machine.stateHash(state) === header.stateHash) return state;
      throw new WhereforeError('snapshot-corrupt', 'it decodes to another hash');
    });
    return (position: LogEpoch['sealedAt']) => replayer.stateAtOrBefore(position);
  }

  private recordedOutbox(process: SimProcess): Outbox {
    const { outbox } = this.services;
    const recorded = overlaid(outbox, {
      advance: async (advance: Parameters<Outbox['advance']>[0]) => {
        const result = await outbox.advance(advance);
        if (result.kind !== 'advanced') return result;
        this.deeds.push({ what: 'outbox', epoch: advance.epoch, process: process.name });
        this.firstWatermark ??= advance.position;
        for (const { effectId, receiver } of advance.deliveries) this.stored.add(receiver + effectId);
        return result;
      },
    });
    return remote(process, 'database', recorded);
  }

  private recordedArchive(process: SimProcess): ArchiveWriter {
    const { archive } = this.services;
    const recorded: ArchiveWriter = {
      append: async (batch) => {
        const result = await archive.append(batch);
        if (result.kind === 'written') this.deeds.push({ what: 'archive', epoch: batch.epoch, process: process.name });
        return result;
      },
      forget: (position, epoch) => archive.forget(position, epoch),
    };
    return remote(process, 'database', recorded);
  }

  private recordedHistory(process: SimProcess): History {
    const { history } = this.services;
    const recorded = overlaid(history, {
      apply: async (batch: Parameters<History['apply']>[0]) => {
        const result = await history.apply(batch);
        if (result.kind === 'applied') this.deeds.push({ what: 'history', epoch: batch.epoch, process: process.name });
        return result;
      },
    });
    return remote(process, 'database', recorded);
  }

  private recordedEpochs(): EpochBook {
    const { epochs } = this.services;
    return {
      current: () => epochs.current(),
      open: async (next) => {
        const isOpened = await epochs.open(next);
        if (isOpened) this.opened.push(next);
        return isOpened;
      },
    };
  }

  /** A receiver takes a delivery, and the answer may be lost on its way, or too late for a process that is gone. */
  private receiver(process: SimProcess, name: string): Receiver {
    const { world } = this;
    return {
      send: (delivery, signal) =>
        new Promise((resolve, reject) => {
          const abort = () => reject(signal.reason);
          const answer = (run: () => void) =>
            world.time.plan(world.delayMs(), () =>
              process.arrive(() => {
                signal.removeEventListener('abort', abort);
                run();
              }),
            );
          signal.addEventListener('abort', abort, { once: true });
          world.time.plan(world.delayMs(), () => {
            if (this.downReceivers.has(name)) return answer(() => resolve({ kind: 'failed', reason: 'down' }));
            if (name === REFUSED.receiver && delivery.effectId.endsWith(REFUSED.ending)) {
              return answer(() => resolve({ kind: 'refused', reason: 'not that one' }));
            }
            world.tell(`${name} is told of ${delivery.effectId} by ${process.name}`);
            this.received.push({ receiver: name, effectId: delivery.effectId, atMs: world.time.nowMs() });
            const isLost = world.weather.lostOneIn > 0 && world.chance.oneIn(world.weather.lostOneIn);
            return answer(() => resolve(isLost ? { kind: 'failed', reason: 'no answer' } : { kind: 'delivered' }));
          });
        }),
    };
  }
}

/** Everybody is told of every alarm. */
export function newsOf({ entry, effects }: Pick<AppliedStep, 'entry' | 'effects'>): NewDelivery[] {
  return effects
    .filter(({ kind }) => kind === 'alarm-raised' || kind === 'alarm-cleared')
    .flatMap(({ kind, entityId }) =>
      RECEIVERS.map((receiver) => ({
        effectId: `${formatPosition(entry.position)}/${kind}/${entityId}`,
        receiver,
        body: { kind, entityId },
      })),
    );
}

/** The port with some of its methods replaced. The others are the port's own, and change the port. */
export function overlaid<T extends object>(port: T, methods: Partial<T>): T {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(name in methods ? methods : target, name);
      return typeof member === 'function' ? (member as () => unknown).bind(target) : member;
    },
  });
}
