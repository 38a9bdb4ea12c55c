import type { UndoLog } from '@wherefore/graph';
import {
  addToDigest,
  canonicalJson,
  compareCodeUnits,
  type Digest,
  type Effect,
  incarnationId,
  type JsonObject,
  Mixer,
  type Rejection,
  subtractFromDigest,
  type TemplateAddEntry,
  type TemplateDeleteEntry,
} from '@wherefore/model';
import {
  compileTemplates,
  type LoadedTemplate,
  loadTemplates,
  type LoadOutcome,
  type Scenario,
} from '@wherefore/templates';

/** A template as it is listed. */
export interface TemplateRow {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** A template in ERROR is shown with its fault, and deduces nothing. */
  readonly status: 'ACTIVE' | 'ERROR';
  readonly statusDetails: string;
  readonly content: JsonObject;
  /** Log time. */
  readonly addedAtMs: number;
  /** Number of the entry that added it. */
  readonly addedAt: number;
  /** There exactly when the template is valid. */
  readonly loaded?: LoadedTemplate;
}

/** When an entry is applied. */
interface ShelfMoment {
  readonly ordinal: number;
  readonly nowMs: number;
}

const mixer = new Mixer();

/** The templates that are loaded, and the scenarios they compile to. */
export class TemplateShelf {
  private rows: readonly TemplateRow[] = [];
  private compiled: readonly Scenario[] = [];
  private effects: Effect[] = [];

  constructor(
    private readonly undo: UndoLog,
    private readonly sum: Digest,
  ) {}

  get scenarios(): readonly Scenario[] {
    return this.compiled;
  }

  /** Oldest first. */
  list(): readonly TemplateRow[] {
    return this.rows;
  }

  /** By id, or else by name. */
  find(idOrName: string): TemplateRow | undefined {
    return this.rows.find((row) => row.id === idOrName) ?? this.rows.find((row) => row.name === idOrName);
  }

  /** The valid templates: what a new one is validated against. */
  loaded(): LoadedTemplate[] {
    return this.rows.flatMap((row) => (row.loaded === undefined ? [] : [row.loaded]));
  }

  /** Adds templates; refuses the entry when none of them leaves a row. O(size of all templates). */
  add(entry: TemplateAddEntry, { ordinal, nowMs }: ShelfMoment): Rejection | undefined {
    const overwrite = entry.overwrite === true;
    // Rows in ERROR hold their names too.
    const { outcomes } = loadTemplates(entry.templates, this.loaded(), { overwrite });
    let rows = [...this.rows];
    let isAdded = false;
    outcomes.forEach((outcome, place) => {
      const row = newRow(outcome, incarnationId(`TEMPLATE:${place}`, entry.id), ordinal, nowMs);
      const taken = row !== undefined && rows.some((other) => other.name === row.name);
      if (row === undefined || (taken && !overwrite)) {
        this.tell('template-refused', nameOf(outcome), nameOf(outcome), messageOf(outcome, taken));
        return;
      }
      rows = [...rows.filter((other) => other.name !== row.name), row];
      isAdded = true;
      this.tell(row.status === 'ACTIVE' ? 'template-added' : 'template-refused', row.id, row.name, row.statusDetails);
    });
    if (!isAdded) {
      const message = outcomes.map((outcome) => `${nameOf(outcome)}: ${messageOf(outcome, true)}`).join('; ');
      return { code: 'invalid-template', message, where: 'templates', hint: 'See "wherefore templates validate".' };
    }
    this.replace(rows);
    return undefined;
  }

  /** Deletes templates by id or name; refuses the entry when none of them exists. */
  delete(entry: TemplateDeleteEntry): Rejection | undefined {
    const gone = new Set(entry.templates.map((idOrName) => this.find(idOrName)).filter((row) => row !== undefined));
    if (gone.size === 0) {
      return {
        code: 'unknown-template',
        message: `no template is called ${entry.templates.join(', ')}`,
        where: 'templates',
        hint: 'See "wherefore templates list".',
      };
    }
    for (const row of gone) this.tell('template-deleted', row.id, row.name, '');
    this.replace(this.rows.filter((row) => !gone.has(row)));
    return undefined;
  }

  /** What the entry did to the templates; forgets it. */
  takeEffects(): Effect[] {
    const { effects } = this;
    this.effects = [];
    return effects;
  }

  forgetPending(): void {
    this.effects = [];
  }

  /** Puts the rows of a snapshot on the empty shelf. */
  restore(rows: readonly TemplateRow[]): void {
    this.replace(rows);
  }

  private tell(
    kind: 'template-added' | 'template-refused' | 'template-deleted',
    id: string,
    name: string,
    detail: string,
  ): void {
    this.effects.push({ kind, entityId: id, name, detail });
  }

  private replace(rows: readonly TemplateRow[]): void {
    const before = { rows: this.rows, compiled: this.compiled };
    this.undo.push(() => {
      this.rows = before.rows;
      this.compiled = before.compiled;
    });
    for (const row of before.rows) this.digest(row, subtractFromDigest);
    for (const row of rows) this.digest(row, addToDigest);
    this.rows = [...rows].sort((a, b) => a.addedAt - b.addedAt || compareCodeUnits(a.name, b.name));
    this.compiled = compileTemplates(this.loaded()).scenarios;
  }

  private digest(row: TemplateRow, into: (sum: Digest, high: number, low: number) => void): void {
    mixer.start(51).string(row.id).string(row.name).string(row.status).string(canonicalJson(row.content));
    mixer.number(row.addedAt).number(row.addedAtMs).finish();
    into(this.sum, mixer.high, mixer.low);
  }
}

function newRow(outcome: LoadOutcome, id: string, addedAt: number, addedAtMs: number): TemplateRow | undefined {
  if (outcome.kind === 'loaded') {
    const { template } = outcome;
    const { name, type, content } = template;
    const statusDetails = outcome.validation.message;
    return { id, name, type, status: 'ACTIVE', statusDetails, content, addedAtMs, addedAt, loaded: template };
  }
  if (outcome.reason !== 'invalid' || outcome.name === '') return undefined;
  const { name, type, message, content } = outcome;
  return { id, name, type, status: 'ERROR', statusDetails: message, content: content ?? {}, addedAtMs, addedAt };
}

function nameOf(outcome: LoadOutcome): string {
  return (outcome.kind === 'loaded' ? outcome.template.name : outcome.name) || '(no name)';
}

function messageOf(outcome: LoadOutcome, isNameTaken: boolean): string {
  if (outcome.kind === 'refused') {
    return outcome.reason === 'unknown-type' ? 'Unknown template type' : outcome.message;
  }
  return isNameTaken ? 'Duplicate template name' : outcome.validation.message;
}
