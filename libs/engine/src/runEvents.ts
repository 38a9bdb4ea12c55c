import {
  ENTRY_VERSION,
  isJsonObject,
  type JsonObject,
  type LogEntry,
  readJson,
  type NewEntry,
  type TemplateSource,
} from '@wherefore/model';

/** Time that passes between two events of a run. */
const EVENT_INTERVAL_MS = 1_000;

/**
 * Turns driver events into entries by the rules of the differential cases: the sample date is
 * replaced by a clock that starts at a given time and advances one second an event, unless the event
 * says `_keep_date`. Reads no clock, so the same input gives the same entries.
 */
export class RunClock {
  private ordinal = 0;

  constructor(private nowMs: number) {}

  templates(templates: readonly TemplateSource[]): LogEntry {
    return this.place({ kind: 'template-add', ...this.base('cli'), templates, overwrite: false });
  }

  event(event: JsonObject): LogEntry {
    this.nowMs += EVENT_INTERVAL_MS;
    const { _keep_date: keepDate, ...driverEvent } = event;
    const date = keepDate === true ? driverEvent['vitrage_sample_date'] : this.nowText();
    return this.place({
      kind: 'event',
      ...this.base('run'),
      event: { ...driverEvent, ...(date === undefined ? {} : { vitrage_sample_date: date }) },
    });
  }

  /** A line that is no driver event at all. */
  unreadable(excerpt: string, message: string): LogEntry {
    return this.place({ kind: 'rejected-input', ...this.base('run'), code: 'malformed-json', message, excerpt });
  }

  private base(source: string): Pick<NewEntry, 'id' | 'version' | 'source' | 'ingestedAtMs'> {
    return { id: `run-${this.ordinal + 1}`, version: ENTRY_VERSION, source, ingestedAtMs: this.nowMs };
  }

  private place(entry: NewEntry): LogEntry {
    this.ordinal += 1;
    return { position: { epoch: 1, offset: this.ordinal, index: 0 }, entry };
  }

  private nowText(): string {
    return `${new Date(this.nowMs).toISOString().slice(0, 19)}Z`;
  }
}

/** Reads one line of driver events; a string says what is wrong with it. */
export function parseEventLine(line: string): JsonObject | string {
  const read = readJson(line, 'the line');
  if ('code' in read) return read.message;
  return isJsonObject(read.value) ? read.value : 'the line is JSON, but not an object';
}
