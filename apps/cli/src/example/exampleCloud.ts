import { type EventEntry, incarnationId, type NewEntry } from '@wherefore/model';
import { toEntityEvent } from '@wherefore/datasources';
import { busEntries } from './bus';
import { monitoringEntries, templateEntry, tenantEntries, tickEntries } from './ownEvents';
import { storyPolls } from './polls';
import { loadRecording, type Recording } from './recording';
import { BEGIN_CLOCK, clockOffsetMs, clockParts, END_CLOCK, FAILURE_CLOCK } from './storyClock';

/** The Unix time in milliseconds at which the day before the day of `nowMs` had this local time. */
export type LocalYesterday = (nowMs: number, hours: number, minutes: number, seconds: number) => number;

/** A command worth trying, and what it shows. */
export interface Suggestion {
  readonly command: string;
  readonly shows: string;
}

/** The example, ready to be appended to a store of its own. */
export interface ExampleCloud {
  /** In order; none is later than now. */
  readonly entries: readonly NewEntry[];
  readonly beginsAtMs: number;
  /** When the host died. */
  readonly failureAtMs: number;
  readonly endsAtMs: number;
  readonly suggestions: readonly Suggestion[];
}

/** What the example is built from. Everything but the time has a default. */
export interface ExampleOptions {
  readonly nowMs: number;
  readonly recording?: Recording;
  readonly localYesterday?: LocalYesterday;
}

/** The alarm of the example that is on nothing else: the first to ask about. */
const ASKED_ALARM = 'Application degraded';
/** The monitored alarm at the end of a chain; its id is in the suggested request. */
const PROBE_ALARM = 'Cache unreachable';

/**
 * Builds the example cloud as it would have been seen yesterday. Pure but for reading the recording when
 * none is given: the same options give the same entries, and only times differ from day to day, not ids.
 */
export function buildExample(options: ExampleOptions): ExampleCloud {
  const { nowMs, recording = loadRecording(), localYesterday = localYesterdayOf } = options;
  const failureAtMs = localYesterday(nowMs, ...clockParts(FAILURE_CLOCK));
  const { messages, answers, tenants, monitoring } = recording;
  const alarms = monitoringEntries(monitoring, failureAtMs);
  const entries: NewEntry[] = [
    templateEntry(recording, failureAtMs),
    ...tickEntries(failureAtMs),
    ...busEntries(messages, failureAtMs),
    ...storyPolls(answers, failureAtMs),
    ...tenantEntries(tenants, failureAtMs),
    ...alarms,
  ];
  return {
    // Array sorting is stable: of one millisecond, the order above holds.
    entries: entries.filter((entry) => entry.ingestedAtMs <= nowMs).sort((a, b) => a.ingestedAtMs - b.ingestedAtMs),
    beginsAtMs: failureAtMs + clockOffsetMs(BEGIN_CLOCK),
    failureAtMs,
    endsAtMs: failureAtMs + clockOffsetMs(END_CLOCK),
    suggestions: suggestions(alarms, failureAtMs),
  };
}

/** Whether a store whose failure is at `failureAtMs` must be made anew: the failure is not yesterday's. */
export function isStale(
  failureAtMs: number,
  nowMs: number,
  localYesterday: LocalYesterday = localYesterdayOf,
): boolean {
  return failureAtMs !== localYesterday(nowMs, ...clockParts(FAILURE_CLOCK));
}

/** By the zone of this machine. Days of 23 and 25 hours are days too. */
export const localYesterdayOf: LocalYesterday = (nowMs, hours, minutes, seconds) => {
  const now = new Date(nowMs);
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1, hours, minutes, seconds).getTime();
};

function suggestions(alarms: readonly EventEntry[], failureAtMs: number): Suggestion[] {
  const at = '--at "yesterday 17:26"';
  // The end of 17:26, as the commands read it.
  const instant = new Date(failureAtMs + clockOffsetMs('17:27:00') - 1).toISOString();
  const url = `http://127.0.0.1:8999/v1/rca?alarm_id=${alarmId(alarms, PROBE_ALARM)}&at=${instant}`;
  return [
    { command: `npx wherefore why "${ASKED_ALARM}" ${at}`, shows: 'what took the application down' },
    { command: `npx wherefore alarms ${at}`, shows: 'everything that was wrong then' },
    { command: `npx wherefore resources --type nova.instance ${at}`, shows: 'the servers and their states' },
    { command: `npx wherefore topology ${at}`, shows: 'the cloud as it hung together' },
    { command: 'npx wherefore alarms', shows: 'what is still wrong now' },
    { command: `curl -s "${url}"`, shows: `the causes and effects of "${PROBE_ALARM}", for machines` },
  ];
}

/** The id of a monitored alarm: it follows from the entry that raised it, and is the same every day. */
function alarmId(alarms: readonly EventEntry[], name: string): string {
  for (const { id, event } of alarms) {
    const meaning = toEntityEvent(event);
    if (!('code' in meaning) && meaning.entity.properties['name'] === name)
      return incarnationId(meaning.entity.key, id);
  }
  throw new Error(`The example has no alarm "${name}".`);
}
