import { TickClock } from '@wherefore/datasources';
import { digestText, ENTRY_VERSION, type NewEntry, type TemplateSource, WhereforeError } from '@wherefore/model';
import { KnownEntries } from './knownEntries';
import type { StoreUnderImport } from './storeUnderImport';
import type { Timeline } from './timeline';

const BATCH_ENTRIES = 1_000;

/** How far an import has come. */
export interface ImportProgress {
  /** Messages and answers. */
  readonly read: number;
  readonly total: number;
  /** Log time; 0 before the first entry. */
  readonly logTimeMs: number;
}

export interface ImporterOptions {
  readonly templates: readonly TemplateSource[];
  readonly onProgress: (progress: ImportProgress) => void;
  /** Told how much of the store has been read to know what it holds. */
  readonly onLearning: (entries: number) => void;
  /** Ends the import between two batches. */
  readonly signal: AbortSignal;
}

/** Brings the entries of a timeline into a store, each once, at the times they bear. */
export class Importer {
  /** Entries that the store held already. */
  known = 0;
  /** Entries appended, ticks included. */
  appended = 0;
  private readonly startMs: number;
  private readonly ticks: TickClock;
  private readonly batch: NewEntry[] = [];
  private hasBegun = false;
  /** Whether an entry has been met that is to be added, and may be. */
  private isInTime = false;
  private entriesKnown: KnownEntries | undefined;

  constructor(
    private readonly timeline: Timeline,
    private readonly target: StoreUnderImport,
    private readonly options: ImporterOptions,
  ) {
    this.startMs = target.state.logTimeMs;
    this.ticks = new TickClock(target.state.lastTickMs);
  }

  /**
   * Reads the timeline to its end. Rejects `before-log-time`, with nothing appended, when the first entry
   * that the store does not hold lies before its log time: time in a store only moves on.
   */
  async run(): Promise<void> {
    const { signal, onProgress } = this.options;
    for (const group of this.timeline.groups()) {
      for (const entry of group) await this.take(entry);
      // Nothing is appended until it is certain that time has not passed the inputs.
      if (this.batch.length < BATCH_ENTRIES || !this.isInTime) continue;
      await this.flush();
      const { messages, answers } = this.timeline.counts;
      onProgress({ read: messages + answers, total: this.timeline.total, logTimeMs: this.target.state.logTimeMs });
      if (signal.aborted) return;
    }
    await this.begin(this.startMs);
    await this.flush();
  }

  private async take(entry: NewEntry): Promise<void> {
    if (await this.isKnown(entry)) {
      this.known += 1;
      return;
    }
    const { ingestedAtMs } = entry;
    // A poll may have been asked for before the last entry came, but it counts from when it was answered.
    const mayWait = entry.kind === 'poll-started' || entry.kind === 'rejected-input';
    if (ingestedAtMs < this.startMs && !mayWait) throw beforeLogTime(ingestedAtMs, this.startMs);
    if (ingestedAtMs >= this.startMs) this.isInTime = true;
    const atMs = Math.max(ingestedAtMs, this.startMs);
    await this.begin(atMs);
    this.push(atMs === ingestedAtMs ? entry : { ...entry, ingestedAtMs: atMs });
  }

  /** What stands before the first entry: templates, and what could not be read and has no time. */
  private async begin(atMs: number): Promise<void> {
    if (this.hasBegun) return;
    this.hasBegun = true;
    const { templates } = this.options;
    const entries = [
      ...(templates.length === 0 ? [] : [templateEntry(templates, atMs)]),
      ...this.timeline.timeless(atMs),
    ];
    for (const entry of entries) {
      if (await this.isKnown(entry)) this.known += 1;
      else this.push(entry);
    }
  }

  private push(entry: NewEntry): void {
    const tick = this.ticks.before(entry.ingestedAtMs);
    if (tick !== undefined) this.batch.push(tick);
    this.batch.push(entry);
  }

  private async flush(): Promise<void> {
    while (this.batch.length > 0) {
      const entries = this.batch.splice(0, BATCH_ENTRIES);
      await this.target.append(entries);
      this.appended += entries.length;
    }
  }

  /** What lies after everything that the store has is new, and need not be looked up. */
  private async isKnown(entry: NewEntry): Promise<boolean> {
    if (this.entriesKnown === undefined) {
      if (this.startMs === 0 || entry.ingestedAtMs > this.startMs) return false;
      this.entriesKnown = await KnownEntries.of(this.target.store.archive, this.options.onLearning);
    }
    return this.entriesKnown.has(entry);
  }
}

function templateEntry(templates: readonly TemplateSource[], ingestedAtMs: number): NewEntry {
  const id = `templates/${digestText(JSON.stringify(templates))}`;
  return {
    kind: 'template-add',
    id,
    version: ENTRY_VERSION,
    source: 'import',
    ingestedAtMs,
    templates,
    overwrite: true,
  };
}

function beforeLogTime(atMs: number, logTimeMs: number): WhereforeError {
  const [at, logTime] = [atMs, logTimeMs].map((ms) => new Date(ms).toISOString()) as [string, string];
  return new WhereforeError(
    'before-log-time',
    `the input begins at ${at}, but the store has come to ${logTime} already`,
    {
      hint: 'Time in a store only moves on, and nothing was appended: import into a store of its own.',
      data: { at, logTime },
    },
  );
}
