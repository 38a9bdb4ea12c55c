import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  driverEvents,
  eventEntries,
  fromNotification,
  fromRestAnswer,
  pollEntries,
  REST_ANSWERS,
} from '@wherefore/datasources';
import {
  BOUNDARY_LIMITS,
  ENTRY_VERSION,
  type JsonObject,
  type NewEntry,
  oversize,
  readJson,
  type Rejection,
  refusedInput,
  type TemplateSource,
} from '@wherefore/model';

/** One input as it comes to Wherefore: bytes, and what is known beside them. */
export interface Input {
  readonly way: 'notification' | 'answer' | 'post';
  /** Which recorded one. */
  readonly name: string;
  readonly bytes: Buffer;
  /** The time that goes with an answer. */
  readonly at: string;
  readonly atMs: number;
}

/** What became of an input. */
export interface Reading {
  readonly entries: readonly NewEntry[];
  readonly ignored?: string;
  /** Refused as a whole. */
  readonly refused?: Rejection;
}

/** The whole way from bytes to entries, of each way in. `id` names polls and what has no id of its own. */
export function readInput(input: Input, id: string, atMs: number): Reading {
  switch (input.way) {
    case 'notification':
      return readMessage(input, id, atMs);
    case 'answer':
      return readAnswer(input, id, atMs);
    case 'post':
      return readPost(input, id, atMs);
  }
}

function readMessage({ bytes }: Input, id: string, atMs: number): Reading {
  const answer = fromNotification({ exchange: 'x', routing_key: 'notifications.info', body: bytes, received_at: '' });
  if ('code' in answer) return refusedWhole(answer, bytes, id, atMs);
  if ('ignored' in answer) return { entries: [], ignored: answer.ignored };
  return { entries: eventEntries(answer, atMs) };
}

function readAnswer({ name, bytes, at }: Input, id: string, atMs: number): Reading {
  const answerName = name.slice(name.indexOf('/') + 1);
  const body = readJson(bytes, answerName);
  if ('code' in body) return refusedWhole(body, bytes, id, atMs);
  const answer = fromRestAnswer(answerName, body.value, at);
  if ('code' in answer) return refusedWhole(answer, bytes, id, atMs);
  if (answer.polls.length === 0) return { entries: [], ignored: `${answerName} is a poll of nothing` };
  return { entries: answer.polls.flatMap((poll) => pollEntries(poll, `${id}/${poll.datasource}`, atMs)) };
}

/** As `POST /v1/event` does: what a driver-shaped event means is for the engine to say. */
function readPost({ bytes }: Input, id: string, atMs: number): Reading {
  if (bytes.length > BOUNDARY_LIMITS.bodyBytesMax) {
    const tooLarge = { code: 'entry-too-large', message: 'the body is too large', where: 'body', hint: 'Send less.' };
    return refusedWhole(tooLarge as Rejection, bytes, id, atMs);
  }
  const body = readJson(bytes, 'the body');
  if ('code' in body) return refusedWhole(body, bytes, id, atMs);
  const nowText = `${new Date(atMs).toISOString().slice(0, 19)}Z`;
  const posted = driverEvents(body.value, { userAgent: '', nowText, datasources: PROMETHEUS_RULES });
  if ('code' in posted) return refusedWhole(posted, bytes, id, atMs);
  const base = { version: ENTRY_VERSION, source: 'api', ingestedAtMs: atMs } as const;
  const entries = posted.events.map((event, index): NewEntry => ({
    ...base,
    kind: 'event',
    id: `${id}/${index}`,
    event,
  }));
  // The log takes all of a post, or nothing.
  const fault = entries.map((entry) => oversize(entry, JSON.stringify(entry))).find((each) => each !== undefined);
  return fault === undefined ? { entries } : refusedWhole(fault, bytes, id, atMs);
}

const PROMETHEUS_RULES: JsonObject = {
  prometheus: { alerts: [{ key: { job: 'node' }, resource: { id: 'instance' } }] },
};

function refusedWhole(refused: Rejection, bytes: Buffer, id: string, ingestedAtMs: number): Reading {
  return { entries: [refusedInput(refused, bytes, { id: `${id}/refused`, source: 'fuzz', ingestedAtMs })], refused };
}

/** Everything that was recorded, in the order in which it happened. */
export function recordedInputs(sharedDir: string): Input[] {
  const folder = path.join(sharedDir, 'data/openstack');
  const inputs: Input[] = [];
  for (const line of readFileSync(path.join(folder, 'notifications.ndjson'), 'utf8').split('\n')) {
    if (line === '') continue;
    const { seq, body, received_at: at } = JSON.parse(line) as { seq: number; body: string; received_at: string };
    inputs.push({ way: 'notification', name: `${seq}`, bytes: Buffer.from(body), at, atMs: Date.parse(at) });
  }
  for (const moment of readdirSync(path.join(folder, 'api')).sort()) {
    inputs.push(...answersOf(path.join(folder, 'api', moment), moment));
  }
  return inputs.sort((a, b) => a.atMs - b.atMs);
}

interface IndexRow {
  readonly name: string;
  readonly status: number;
  readonly at: string;
}

function answersOf(folder: string, moment: string): Input[] {
  const index = JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8')) as IndexRow[];
  return index
    .filter(({ name, status }) => status === 200 && REST_ANSWERS.includes(name))
    .map(({ name, at }) => {
      const bytes = readFileSync(path.join(folder, `${name}.json`));
      return { way: 'answer', name: `${moment}/${name}`, bytes, at, atMs: Date.parse(at) };
    });
}

/** Driver-shaped events and bodies of monitors, as they are posted. */
export function postedInputs(root: string, atMs: number): Input[] {
  const file = path.join(root, 'examples/cloud/monitoring.ndjson');
  const bodies = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.stringify((JSON.parse(line) as { event: JsonObject }).event));
  bodies.push(...POSTS.map((body) => JSON.stringify(body)));
  return bodies.map((body, index) => {
    return { way: 'post', name: `post ${index}`, bytes: Buffer.from(body), at: '', atMs };
  });
}

const ON_HOST = { resource_type: 'nova.host', resource_name: 'compute-01' };

const POSTS: readonly JsonObject[] = [
  {
    time: '2026-11-22T00:00:00Z',
    type: 'compute.host.down',
    details: { hostname: 'compute-01', status: 'down', source: 'ipmi', cause: 'link', severity: 'critical' },
  },
  {
    type: 'prometheus.alarm',
    details: {
      alerts: ['1', '2'].map((host) => ({
        status: 'firing',
        labels: { alertname: 'HighCpu', severity: 'critical', job: 'node', instance: `compute-0${host}` },
        startsAt: '2026-11-22T00:00:00.90694368Z',
        endsAt: '0001-01-01T00:00:00Z',
      })),
    },
  },
  {
    type: 'zabbix.alarm.problem',
    details: { ...ON_HOST, description: 'load', triggerid: 7, value: '1', status: '0', priority: '4' },
  },
  {
    type: 'collectd.alarm.warning',
    details: {
      ...ON_HOST,
      host: 'compute-01',
      plugin: 'ovs',
      message: 'down',
      severity: 'WARNING',
      time: '1482409029.06',
    },
  },
  {
    type: 'kapacitor.alarm.critical',
    details: { ...ON_HOST, id: 'mem', message: 'mem', priority: 'critical', time: '2026-11-22T00:00:00Z' },
  },
  {
    vitrage_entity_type: 'static',
    static_id: 's1',
    type: 'switch',
    id: 12345,
    name: 'switch-1',
    state: 'available',
    metadata: { rack: 'B4', nested: { a: [1, 2] } },
    relationships: [
      { source: 's1', relationship_type: 'attached', target: { static_id: 'h', type: 'nova.host', id: 'compute-01' } },
    ],
  },
  {
    vitrage_entity_type: 'aodh',
    alarm_id: 'a-1',
    name: 'cpu',
    severity: 'low',
    state: 'alarm',
    resource_id: 'compute-01',
    vitrage_id: 'x',
  },
  {
    vitrage_entity_type: 'nova.zone',
    zoneName: 'az-1',
    zoneState: { available: true },
    hosts: { 'compute-01': { 'nova-compute': { available: true, active: true } } },
  },
];

/** The templates of the example cloud. */
export function exampleTemplates(root: string): TemplateSource[] {
  const folder = path.join(root, 'examples/cloud/templates');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => ({ path: file, text: readFileSync(path.join(folder, file), 'utf8') }));
}
