import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { JsonObject, TemplateSource } from '@wherefore/model';

/** A message of the bus, trimmed; times as recorded. */
export interface RecordedMessage {
  readonly received_at: string;
  readonly exchange: string;
  readonly routing_key: string;
  readonly message: JsonObject;
}

/** One answer of an API at one moment of the story. */
export interface RecordedAnswer {
  readonly moment: string;
  readonly name: string;
  /** When it was asked. */
  readonly at: string;
  readonly body: JsonObject;
}

/** A project and its servers. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly servers: readonly { readonly id: string; readonly name: string }[];
}

/** An event of our own making, at a time on the story's clock. */
export interface MonitoringEvent {
  readonly clock: string;
  readonly event: JsonObject;
}

/** Everything that the example is made of. */
export interface Recording {
  readonly messages: readonly RecordedMessage[];
  readonly answers: readonly RecordedAnswer[];
  readonly tenants: readonly Tenant[];
  readonly monitoring: readonly MonitoringEvent[];
  readonly templates: readonly TemplateSource[];
}

const FOLDER = join('examples', 'cloud');
const LIBRARY = join('templates', 'openstack');

/** Templates of the library that the story needs; those about its own monitoring and tenants lie beside it. */
const LIBRARY_TEMPLATES = [
  ...['compute_service_down', 'host_down', 'instance_down', 'instance_in_error', 'network_agent_down', 'port_down'],
  ...['volume_at_risk'],
];

/** The folder `examples/cloud` of this installation. Throws when it is not there. */
export function exampleFolder(): string {
  for (let folder = __dirname; dirname(folder) !== folder; folder = dirname(folder)) {
    const candidate = join(folder, FOLDER);
    if (statSync(join(candidate, 'recording'), { throwIfNoEntry: false })?.isDirectory()) return candidate;
  }
  throw new Error(`The folder ${FOLDER} is missing: the example cloud needs it.`);
}

/** Reads the example from its folder. */
export function loadRecording(folder: string = exampleFolder()): Recording {
  const own = join(folder, 'templates');
  const library = join(folder, '..', '..', LIBRARY);
  const templates = [
    ...LIBRARY_TEMPLATES.map((name) => join(library, `${name}.yaml`)),
    ...readdirSync(own).map((file) => join(own, file)),
  ];
  return {
    messages: readLines<RecordedMessage>(join(folder, 'recording', 'notifications.ndjson')),
    answers: readLines<RecordedAnswer>(join(folder, 'recording', 'answers.ndjson')),
    tenants: readLines<Tenant>(join(folder, 'recording', 'tenants.ndjson')),
    monitoring: readLines<MonitoringEvent>(join(folder, 'monitoring.ndjson')),
    templates: templates
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => ({ path: basename(file), text: readFileSync(file, 'utf8') }))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

/** The files are part of the program: their shape is tested, not checked each time. */
function readLines<T>(file: string): T[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}
