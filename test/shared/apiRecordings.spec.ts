import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { isJsonObject, type Json, type JsonObject } from '@wherefore/model';
import { startRig, type Reply, type Rig } from '../../apps/api/src/testing/rig.sim';
import { describeWithShared } from '../support/shared';

/** Request and answer of the real Vitrage; `status: null` where it closed the connection. */
interface Recording {
  readonly file: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly raw_query: string;
    readonly headers: { readonly [name: string]: string };
    readonly body: Json;
  };
  readonly response: { readonly status: number | null; readonly body: Json } | null;
}

/** The graph of Vitrage is a process that can be gone while its API is there; ours is in the server. */
const GRAPH_IS_GONE = /backend_down/;

/** Which alarms come first among those of one second is decided by their ids, which are new each time. */
const isAnyTwo = ({ request }: Recording): boolean => request.raw_query.includes('limit=2&');

/** Where we answer otherwise, and why. */
const OTHERWISE: { readonly [file: string]: string } = {
  '004_raw_v1_root_slash.json': 'failures are JSON, whatever the client accepts',
  '091_raw_webhook_add_empty.json': 'failures are JSON, whatever the client accepts',
  '143_raw_unknown_path.json': 'failures are JSON, whatever the client accepts',
  '022_lib_template_validate_bad_7.json': 'the message is that of our own parser; the code is the same',
  '038_lib_template_add_bad_7.json': 'a condition that cannot be parsed is a row in ERROR, as any other fault',
  '065_lib_topology_bad_type.json': 'an unknown graph type is refused instead of answered with null',
  '079_cli_resource_count_groupby.json': 'three resources of the static file, which is not loaded here',
  '100_raw_event_post_missing_fields.json': 'an event without an id is refused instead of lost',
  '101_raw_event_post_unknown_type.json': 'an event that nobody takes is refused instead of lost',
  '112_cli_alarm_show_deduced.json':
    'an alarm on a resource of the project is shown to it; Vitrage lists it, but hides it alone',
  '157_cli_service_list_end.json': 'the roles of one process, instead of the workers of five',
  '161_lib_template_list_final.json': 'bad_7 is kept; see 038',
};

/** Properties that we add, or leave out, on purpose. */
const ADDED = new Set(['service_state', 'disabled', 'error', 'line', 'column', 'where', 'hint']);
const LEFT_OUT = new Set(['vitrage_cached_id']);
/** Values that differ between two runs of Vitrage, or with the static datasource that is not polled here. */
const UNLIKE =
  /(^|_)(id|uuid|timestamp|date|index|href|time)$|^created_at$|^vitrage_datasource_name$|^description$|^source$|^target$/;
const isOfStaticFile = (node: JsonObject): boolean => ['switch', 'router'].includes(String(node['vitrage_type']));

function differences(theirs: Json | undefined, ours: Json | undefined, place = ''): string[] {
  if (Array.isArray(theirs) && Array.isArray(ours)) return listDifferences(theirs as Json[], ours as Json[], place);
  if (!isJsonObject(theirs) || !isJsonObject(ours)) {
    const isSame = JSON.stringify(theirs) === JSON.stringify(ours);
    return isSame || UNLIKE.test(place.split('.').at(-1)!)
      ? []
      : [`${place}: ${JSON.stringify(theirs)} is ${JSON.stringify(ours)}`];
  }
  const names = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
  return [...names].flatMap((name) => {
    if (ADDED.has(name) || LEFT_OUT.has(name)) return [];
    // Templates are loaded when the answer comes, so nobody has to wait for them.
    if (name === 'status' && theirs[name] === 'LOADING' && ours[name] === 'ACTIVE') return [];
    // What a template took back is gone; in Vitrage a trace of it stays.
    if (!(name in ours) && ['vitrage_state', 'is_marked_down'].includes(name)) return [];
    if (!(name in ours) || !(name in theirs)) return [`${place}.${name} is ${name in ours ? 'ours alone' : 'missing'}`];
    return differences(theirs[name], ours[name], `${place}.${name}`);
  });
}

/** Entities are compared by what they are called, because the order of a graph is nobody's promise. */
function listDifferences(theirs: readonly Json[], ours: readonly Json[], place: string): string[] {
  const isLinks = place.endsWith('.links');
  const wanted = theirs.filter((item) => !isJsonObject(item) || !isOfStaticFile(item));
  if (isLinks)
    return wanted.length > 0 && ours.length > 0
      ? differences(wanted[0], ours[0], `${place}[0]`).filter(
          (each) => !/relationship_type|key|_id|update_timestamp/.test(each),
        )
      : [];
  const found = wanted.length === ours.length ? [] : [`${place} has ${ours.length} items, not ${wanted.length}`];
  const unmatched = [...ours];
  return wanted.reduce<string[]>((all, item, i) => {
    const twin = isJsonObject(item)
      ? unmatched.findIndex((each) => isJsonObject(each) && nameOf(each) === nameOf(item))
      : i;
    if (twin < 0) return [...all, `${place} lacks ${nameOf(item as JsonObject)}`];
    const [mine] = isJsonObject(item) ? unmatched.splice(twin, 1) : [ours[twin]];
    return [...all, ...differences(item, mine, `${place}[${i}]`)];
  }, found);
}

function nameOf(item: JsonObject): string {
  const own = item['id'] === item['vitrage_id'] || 'is_admin_webhook' in item ? '' : item['id'];
  return (
    ['vitrage_type', 'name', 'hostname', 'resource_name', 'version', 'file path', 'url']
      .map((key) => String(item[key] ?? ''))
      .join(' ') + String(own ?? '')
  );
}

/** Ids differ from run to run: theirs become ours in the requests that follow. */
function learn(theirs: Json | undefined, ours: Json, ids: Map<string, string>): void {
  const items = (answer: Json | undefined): JsonObject[] => {
    const nodes = isJsonObject(answer) ? (answer['nodes'] ?? answer['children'] ?? [answer]) : answer;
    const list = Array.isArray(nodes) ? (nodes as Json[]).filter(isJsonObject) : [];
    return [...list, ...list.flatMap((each) => (each['children'] === undefined ? [] : items(each['children'])))];
  };
  const mine = new Map(items(ours).map((item) => [nameOf(item), item]));
  for (const item of items(theirs)) {
    for (const key of 'is_admin_webhook' in item ? ['id'] : ['vitrage_id', 'uuid']) {
      const [from, to] = [item[key], mine.get(nameOf(item))?.[key]];
      if (typeof from === 'string' && typeof to === 'string' && from !== '') ids.set(from, to);
    }
  }
}

/** Their ids as ours, wherever a text speaks of one. */
function translated(text: string, ids: ReadonlyMap<string, string>): string {
  return [...ids].reduce((all, [from, to]) => all.replaceAll(from, to), text);
}

function ours(body: Json, ids: ReadonlyMap<string, string>): Json {
  return JSON.parse(translated(JSON.stringify(body), ids)) as Json;
}

describeWithShared('the answers of Vitrage', (sharedDir) => {
  const folder = path.join(sharedDir, 'data/api-recordings');
  const recordings = readdirSync(folder)
    .filter((file) => /^\d+_.*\.json$/.test(file))
    .sort()
    .map((file): Recording => ({
      file,
      ...(JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Omit<Recording, 'file'>),
    }));
  const found = new Map<string, string[]>();
  let rig: Rig;

  beforeAll(async () => {
    rig = await startRig(
      {
        auth: { mode: 'noauth', adminBy: 'user-name' },
        datasources: { prometheus: path.join(folder, 'setup/prometheus_conf.yaml') },
      },
      Date.parse('2026-11-21T23:37:35Z'),
    );
    const lines = readFileSync(path.join(folder, 'setup/topology.ndjson'), 'utf8').trim().split('\n');
    await rig.send('POST', '/v1/event/', `[${lines.join(',')}]`);
    const ids = new Map<string, string>();
    for (const recording of recordings) {
      if (GRAPH_IS_GONE.test(recording.file)) continue;
      rig.clock.pass(500);
      await rig.server.node.tick();
      const { response } = recording;
      const reply = await repeat(recording, ids);
      learn(response?.body, reply.body, ids);
      if (reply.status >= 500) found.set(recording.file, [`status ${reply.status}`]);
      if (response === null || response === undefined || response.status === null) continue;
      const statuses = reply.status === response.status ? [] : [`status ${reply.status}, not ${response.status}`];
      const unlike = isAnyTwo(recording) ? [] : differences(ours(response.body, ids), reply.body);
      found.set(recording.file, [...statuses, ...unlike]);
    }
  }, 180_000);
  afterAll(() => rig.close());

  function repeat({ request }: Recording, ids: ReadonlyMap<string, string>): Promise<Reply> {
    const url = translated(request.path + (request.raw_query === '' ? '' : `?${request.raw_query}`), ids);
    const identity = Object.entries(request.headers).filter(([name]) => /^x-(user|project|roles)/i.test(name));
    const client = { 'user-agent': request.headers['User-Agent']!, 'accept': request.headers['Accept']! };
    const headers = { ...client, ...Object.fromEntries(identity) };
    if (request.method === 'GET') return rig.get(url, headers);
    return rig.send(request.method, url, translated(JSON.stringify(request.body ?? null), ids), headers);
  }

  it('are ours too, but where we know better', () => {
    const unlike = [...found].filter(([file, each]) => each.length > 0 && !(file in OTHERWISE));
    expect(Object.fromEntries(unlike)).toEqual({});
    expect(found.size).toBeGreaterThan(80);
  });

  it('differ wherever it says that they do', () => {
    const alike = Object.keys(OTHERWISE).filter((file) => found.has(file) && found.get(file)!.length === 0);
    expect(alike).toEqual([]);
  });
});
