import {
  canonicalJson,
  comparePositions,
  formatPosition,
  type Json,
  type LogEntry,
  type Position,
} from '@wherefore/model';
import type { History, NewDelivery, PostedReport } from '@wherefore/ports';
import type { Heard } from './ears';
import type { Confirmed } from './restLoad';
import type { Applied, Truth } from './truth';

/** What did not hold, each in a sentence that names the culprit. Empty when all is well. */
export type Faults = string[];

/** Faults of one kind that are written out. */
const TOLD_MAX = 10;

function few(faults: Faults): Faults {
  if (faults.length <= TOLD_MAX) return faults;
  return [...faults.slice(0, TOLD_MAX), `… and ${faults.length - TOLD_MAX} more like these`];
}

/** Entries by the id that their source gave. */
export function byId(entries: readonly Applied[]): Map<string, Applied[]> {
  const found = new Map<string, Applied[]>();
  for (const each of entries) {
    const { id } = each.entry;
    const known = found.get(id);
    if (known) known.push(each);
    else found.set(id, [each]);
  }
  return found;
}

const COUNTING = new Set(['applied', 'unchanged']);

/** An entry that was promised is there, and counts once. */
function onceFaults(id: string, found: readonly Applied[] | undefined, promise: string): Faults {
  if (found === undefined) return [`${promise}, and is not in the archive`];
  const outcomes = found.map(({ position, outcome }) => `${outcome.kind} at ${formatPosition(position)}`);
  const [first, ...others] = found;
  const isOnce = COUNTING.has(first!.outcome.kind) && others.every(({ outcome }) => outcome.kind === 'duplicate');
  return isOnce ? [] : [`${id} did not count once: it was ${outcomes.join(', then ')}`];
}

/** Every confirmed event is in the archive, counts once, and is where its answer said; a monitor's are in its order. */
export function confirmedFaults(ids: ReadonlyMap<string, readonly Applied[]>, confirmed: readonly Confirmed[]): Faults {
  const faults: Faults = [];
  const last = new Map<string, { readonly id: string; readonly position: Position }>();
  for (const { id, entryIds, position } of confirmed) {
    for (const entryId of entryIds) {
      faults.push(...onceFaults(entryId, ids.get(entryId), `the event ${entryId} was confirmed (${position})`));
    }
    const found = ids.get(entryIds.at(-1)!);
    if (found === undefined) continue;
    if (!found.some((each) => formatPosition(each.position) === position)) {
      const places = found.map((each) => formatPosition(each.position)).join(', ');
      faults.push(`the answer to ${id} said that it is at ${position}, and it is at ${places}`);
    }
    const worker = id.slice(0, id.lastIndexOf('-'));
    const before = last.get(worker);
    if (before && comparePositions(before.position, found[0]!.position) >= 0) {
      faults.push(`${id} was posted after ${before.id} was confirmed, and comes before it`);
    }
    last.set(worker, { id, position: found[0]!.position });
  }
  return few(faults);
}

/** Every message that the broker took for the listeners is in the archive, counts once, and in the order of the bus. */
export function messageFaults(ids: ReadonlyMap<string, readonly Applied[]>, kept: readonly string[]): Faults {
  const faults: Faults = [];
  let before: { readonly id: string; readonly position: Position } | undefined;
  for (const id of kept) {
    const found = ids.get(id);
    faults.push(...onceFaults(id, found, `the message ${id} was taken by the broker`));
    if (found === undefined) continue;
    const { position } = found[0]!;
    if (before && comparePositions(before.position, position) >= 0) {
      faults.push(`the message ${id} was sent after ${before.id}, and comes before it`);
    }
    before = { id, position };
  }
  return few(faults);
}

/** The archive is the stream, entry by entry. */
export function copyFaults(stream: readonly LogEntry[], archived: readonly LogEntry[]): Faults {
  const name = ({ position, entry }: LogEntry): string => `${formatPosition(position)} ${entry.source}/${entry.id}`;
  const place = stream.findIndex((each, i) => archived[i] === undefined || name(each) !== name(archived[i]));
  const differs = stream.findIndex(
    (each, i) =>
      archived[i] !== undefined &&
      canonicalJson(each.entry as unknown as Json) !== canonicalJson(archived[i].entry as unknown as Json),
  );
  const faults: Faults = [];
  if (place >= 0) {
    const there = archived[place] === undefined ? 'nothing' : name(archived[place]);
    faults.push(`the stream has ${name(stream[place]!)} as entry ${place + 1}, and the archive ${there}`);
  } else if (archived.length > stream.length) {
    faults.push(`the archive has ${name(archived[stream.length]!)}, and the stream ends before`);
  } else if (differs >= 0)
    faults.push(`the archive has ${name(stream[differs]!)} with another content than the stream`);
  return faults;
}

/** Leases hand over upwards: no entry of an earlier epoch counts after one of a later. */
export function fenceFaults(entries: readonly Applied[]): Faults {
  const latest = new Map<string, { readonly epoch: number; readonly position: Position }>();
  const faults: Faults = [];
  for (const { position, entry, outcome } of entries) {
    const { fence } = entry;
    if (fence === undefined || outcome.kind === 'stale-epoch' || outcome.kind === 'duplicate') continue;
    const before = latest.get(fence.lease);
    if (before && fence.epoch < before.epoch) {
      faults.push(
        `${entry.id} at ${formatPosition(position)} counts under epoch ${fence.epoch} of ${fence.lease}, after one of ` +
          `epoch ${before.epoch} at ${formatPosition(before.position)}`,
      );
    } else latest.set(fence.lease, { epoch: fence.epoch, position });
  }
  return few(faults);
}

/** What was refused or failed; a leader that woke up is no fault. */
export function refusalFaults(entries: readonly Applied[]): Faults {
  const isFault = ({ outcome }: Applied): boolean => outcome.kind === 'rejected' || outcome.kind === 'failed';
  return few(
    entries.filter(isFault).map(({ position, entry, outcome }) => {
      return `${entry.id} at ${formatPosition(position)} was ${outcome.kind}: ${JSON.stringify(outcome).slice(0, 300)}`;
    }),
  );
}

/** The history is what the replay comes to, row by row. */
export async function historyFaults(kept: History, replayed: History): Promise<Faults> {
  const faults: Faults = [];
  const ALL = 10_000_000;
  const compare = (what: string, here: readonly unknown[], there: readonly unknown[]): void => {
    const texts = [here, there].map((rows) => rows.map((row) => canonicalJson(row as Json)));
    const [ours, right] = texts as [string[], string[]];
    const place = Array.from({ length: Math.max(ours.length, right.length) }, (_, i) => i).find(
      (i) => ours[i] !== right[i],
    );
    if (place === undefined) return;
    faults.push(
      `${what} ${place + 1} of ${ours.length} in the history is\n    ${ours[place] ?? 'nothing'}\n` +
        `  and in a replay, of ${right.length},\n    ${right[place] ?? 'nothing'}`,
    );
  };
  const alarms = await replayed.alarmsBetween(0, 1e15, ALL);
  compare('alarm', await kept.alarmsBetween(0, 1e15, ALL), alarms);
  compare('change', await kept.changesBetween(0, 1e15, ALL), await replayed.changesBetween(0, 1e15, ALL));
  compare('refusal', await kept.refusals(ALL), await replayed.refusals(ALL));
  const causes = alarms.slice(0, 200);
  for (const { vitrageId } of causes) {
    compare(`cause of ${vitrageId},`, await kept.causesOf([vitrageId]), await replayed.causesOf([vitrageId]));
  }
  return few(faults);
}

/** Everybody who said a hash of a place said that of the replay. */
export function hashFaults(reports: readonly PostedReport['report'][], hashes: ReadonlyMap<string, string>): Faults {
  return few(
    reports.flatMap(({ role, pid, position, stateHash }) => {
      const place = formatPosition(position!);
      const right = hashes.get(place);
      if (right === stateHash) return [];
      if (right === undefined) return [`${role} ${pid} stood at ${place}, where the archive has no entry`];
      return [`${role} ${pid} had the hash ${stateHash} at ${place}, and a replay has ${right}`];
    }),
  );
}

/** Somebody who was told: what it is called here, its name among receivers, and what it heard. */
export interface Told {
  readonly called: string;
  readonly receiver: string;
  readonly heard: readonly Heard[];
  /** What keeps its order: deliveries about the same. */
  readonly subjectOf: (row: NewDelivery) => string;
}

/** A webhook hears of each alarm in order. */
export function alarmOf({ body }: NewDelivery): string {
  const { payload } = body as { readonly payload: { readonly [name: string]: Json } };
  return String(payload['vitrage_id']);
}

/** Everything that was to be told was told, first in order, and nothing else; what came again bore its id. */
export function toldFaults({ called: receiver, receiver: name, heard, subjectOf }: Told, truth: Truth): Faults {
  const { news, earlier } = truth;
  const due = news.filter((row) => row.receiver === name);
  const known = new Map(due.map((row) => [row.effectId, row]));
  const firsts: string[] = [];
  const taken = new Set<string>();
  const faults: Faults = [];
  for (const { effectId, body, isTaken } of heard) {
    const row = known.get(effectId);
    if (row === undefined) {
      if (!earlier.has(effectId)) faults.push(`${receiver} was told of ${effectId}, which did not happen`);
      continue;
    }
    if (!saysTheSame(body, row)) faults.push(`${receiver} was told something else of ${effectId}: ${body}`);
    if (!isTaken || taken.has(effectId)) continue;
    taken.add(effectId);
    firsts.push(effectId);
  }
  const missing = due.filter(({ effectId }) => !taken.has(effectId));
  faults.push(...few(missing.map(({ effectId }) => `${receiver} was never told of ${effectId}`)));
  if (missing.length > 0) return few(faults);
  faults.push(...orderFaults(receiver, due, firsts, subjectOf));
  return few(faults);
}

function orderFaults(
  receiver: string,
  due: readonly NewDelivery[],
  firsts: readonly string[],
  subjectOf: Told['subjectOf'],
): Faults {
  const subjects = new Map(due.map((row) => [row.effectId, subjectOf(row)]));
  const waiting = new Map<string, NewDelivery[]>([...subjects.values()].map((subject) => [subject, []]));
  for (const row of due) waiting.get(subjectOf(row))!.push(row);
  return firsts.flatMap((effectId) => {
    const next = waiting.get(subjects.get(effectId)!)!.shift()!;
    return next.effectId === effectId ? [] : [`${receiver} heard of ${effectId} where ${next.effectId} was due`];
  });
}

/** The bodies of webhooks carry the row's, and its id; those of the bus an envelope of oslo. */
function saysTheSame(text: string, { body, effectId }: NewDelivery): boolean {
  const came = JSON.parse(text) as { readonly [name: string]: Json };
  const envelope = came['oslo.message'];
  if (typeof envelope !== 'string') {
    return (
      canonicalJson(came) === canonicalJson({ ...(body as { readonly [name: string]: Json }), effect_id: effectId })
    );
  }
  const { event_type: eventType, payload, effect_id: id } = JSON.parse(envelope) as { readonly [name: string]: Json };
  const due = body as { readonly [name: string]: Json };
  return (
    id === effectId && eventType === due['eventType'] && canonicalJson(payload!) === canonicalJson(due['payload']!)
  );
}

/** How many calls came again with an id that had been taken. */
export function repetitions(heard: readonly Heard[]): number {
  const taken = new Set<string>();
  let count = 0;
  for (const { effectId, isTaken } of heard) {
    if (taken.has(effectId)) count += 1;
    if (isTaken) taken.add(effectId);
  }
  return count;
}
