/**
 * Templates made from numbers, for tests that try many: entities that hang together as in a real
 * cloud, conditions with `and`, `or` and `not`, and every kind of action.
 */

/** What a template may speak of: an id, and what the entity must be like. */
const ENTITIES: { readonly [id: string]: { readonly [property: string]: string } } = {
  zone: { type: 'nova.zone' },
  host: { type: 'nova.host' },
  host2: { type: 'nova.host' },
  downHost: { type: 'nova.host', vitrage_operational_state: 'ERROR' },
  unknownHost: { type: 'nova.host', vitrage_aggregated_state: 'N/A' },
  markedHost: { type: 'nova.host', is_marked_down: 'true' },
  badHost: { type: 'nova.host', vitrage_state: 'SUBOPTIMAL' },
  instance: { type: 'nova.instance' },
  instance2: { type: 'nova.instance' },
  p2Instance: { type: 'nova.instance', project_id: 'p2' },
  errorInstance: { type: 'nova.instance', vitrage_aggregated_state: 'ERROR' },
  network: { type: 'neutron.network' },
  port: { type: 'neutron.port' },
  volume: { type: 'cinder.volume' },
  cpu: { category: 'ALARM', type: 'nagios', name: 'cpu' },
  disk: { category: 'ALARM', type: 'nagios', 'name.regex': '(disk|cpu).*' },
  worst: { category: 'ALARM', type: 'nagios', severity: 'CRITICAL' },
  trigger: { category: 'ALARM', type: 'zabbix', 'name.regex': '^link' },
  alert: { category: 'ALARM', type: 'prometheus' },
  deduced1: { category: 'ALARM', type: 'vitrage', name: 'd1' },
  deduced2: { category: 'ALARM', type: 'vitrage', name: 'd2' },
  deduced3: { category: 'ALARM', type: 'vitrage', 'name.regex': 'd[34]' },
  severe: { category: 'ALARM', type: 'vitrage', vitrage_operational_severity: 'CRITICAL' },
  any: { category: 'ALARM' },
};

const RESOURCES = ['host', 'host2', 'instance', 'instance2', 'p2Instance', 'port', 'volume'];
/** What other scenarios deduce, apart from alarms: the more of it is read, the less can be ordered. */
const READERS = ['downHost', 'unknownHost', 'markedHost', 'badHost', 'errorInstance', 'severe', 'any'];
const ALARMS = ['cpu', 'disk', 'worst', 'trigger', 'alert', 'deduced1', 'deduced2', 'deduced3', 'severe', 'any'];
const HOSTS = ['host', 'host2', 'downHost', 'unknownHost', 'markedHost', 'badHost'];
const INSTANCES = ['instance', 'instance2', 'p2Instance', 'errorInstance'];

interface Relation {
  readonly from: string;
  readonly label: string;
  readonly to: string;
}

const RELATIONS: readonly Relation[] = [
  ...HOSTS.flatMap((to) => [{ from: 'zone', label: 'contains', to }]),
  ...HOSTS.flatMap((from) => INSTANCES.map((to) => ({ from, label: 'contains', to }))),
  ...INSTANCES.flatMap((to) => [
    { from: 'port', label: 'attached', to },
    { from: 'volume', label: 'attached', to },
  ]),
  { from: 'network', label: 'contains', to: 'port' },
  ...ALARMS.flatMap((from) => [...RESOURCES, ...READERS.slice(0, 5)].map((to) => ({ from, label: 'on', to }))),
  ...ALARMS.flatMap((from) => ALARMS.filter((to) => to !== from).map((to) => ({ from, label: 'causes', to }))),
];

const STARTS = ['host', 'instance', 'host', 'instance', 'port', 'volume', 'p2Instance', 'markedHost', 'errorInstance'];

/** One scenario as numbers; any numbers make one. */
export interface ScenarioDraft {
  /** Which entity to begin with. */
  readonly start: number;
  /** Each edge grows out of what is there; its form says whether it is asked for, denied, or one of two. */
  readonly edges: readonly { readonly pick: number; readonly form: 'and' | 'not' | 'or' | 'not-both' }[];
  readonly actions: readonly { readonly kind: number; readonly pick: number; readonly value: number }[];
}

/** Text of a template of version 3. Its condition may still be refused by the validator. */
export function templateText(name: string, drafts: readonly ScenarioDraft[]): string {
  const used = new Set<string>();
  const scenarios = drafts.map((draft) => scenarioText(draft, used));
  const entities = [...used].map((id) => {
    const lines = Object.entries(ENTITIES[id]!).map(([property, value]) => `    ${property}: ${quote(value)}`);
    return [`  ${id}:`, ...lines].join('\n');
  });
  return [
    'metadata:',
    '  version: 3',
    `  name: ${name}`,
    '  type: standard',
    'entities:',
    ...entities,
    'scenarios:',
    ...scenarios,
    '',
  ].join('\n');
}

function scenarioText(draft: ScenarioDraft, used: Set<string>): string {
  const start = STARTS[draft.start % STARTS.length]!;
  const positive = new Set([start]);
  const denied = new Set<string>();
  let condition = start;
  for (const { pick, form } of draft.edges) {
    const taken = form === 'and' || form === 'or' ? denied : new Set<string>();
    // Mostly what no scenario deduces, and never that behind a `not`: else hardly any set could be ordered.
    const isPlain = form === 'not' || form === 'not-both' || pick % 4 !== 0;
    const open = RELATIONS.filter(
      ({ from, to }) =>
        positive.has(from) !== positive.has(to) &&
        !taken.has(from) &&
        !taken.has(to) &&
        !(isPlain && [from, to].some((id) => !positive.has(id) && isDeducible(id))),
    );
    if (open.length === 0) continue;
    const inner = RELATIONS.filter(({ from, to }) => positive.has(from) && positive.has(to));
    const choices = form === 'and' && inner.length > 0 && pick % 5 === 0 ? inner : open;
    const first = choices[pick % choices.length]!;
    const other = open[(pick * 7 + 3) % open.length]!;
    const bound = [first.from, first.to].filter((id) => !positive.has(id));
    switch (form) {
      case 'and':
        condition += ` AND ${edgeText(first)}`;
        for (const id of bound) positive.add(id);
        break;
      case 'or':
        condition = `(${condition}) AND (${edgeText(first)} OR ${edgeText(other)})`;
        break;
      case 'not':
        condition += ` AND NOT ${edgeText(first)}`;
        for (const id of bound) denied.add(id);
        break;
      case 'not-both':
        condition += ` AND NOT (${edgeText(first)} AND ${edgeText(other)})`;
        for (const id of [...bound, other.from, other.to]) if (!positive.has(id)) denied.add(id);
        break;
    }
    for (const id of [first.from, first.to, other.from, other.to]) used.add(id);
  }
  used.add(start);
  const actions = draft.actions.map((action) => actionText(action, [...positive]));
  return [`  - condition: ${quote(condition)}`, '    actions:', ...actions].join('\n');
}

function isDeducible(id: string): boolean {
  return READERS.includes(id) || id.startsWith('deduced');
}

function edgeText({ from, label, to }: Relation): string {
  return `${from} [${label}] ${to}`;
}

const SEVERITIES = ['WARNING', 'SEVERE', 'CRITICAL'];

function actionText({ kind, pick, value }: ScenarioDraft['actions'][number], positive: readonly string[]): string {
  const target = positive[pick % positive.length]!;
  const alarms = positive.filter((id) => ALARMS.includes(id));
  const resources = positive.filter((id) => !ALARMS.includes(id));
  const resource = resources[pick % resources.length]!;
  const alarm = alarms[value % alarms.length];
  switch (kind % 6) {
    case 0:
      return act('set_state', { target: resource, state: value % 2 === 0 ? 'SUBOPTIMAL' : 'ERROR' });
    case 1:
      return act('mark_down', { target: resource });
    case 2: {
      const other = alarms[(value + 1) % alarms.length];
      if (alarm !== undefined && other !== undefined && alarm !== other) {
        return act('add_causal_relationship', { source: alarm, target: other });
      }
      return act('raise_alarm', { target, alarm_name: 'd1', severity: 'WARNING' });
    }
    default: {
      const severity =
        alarm !== undefined && value % 7 === 6 ? `get_attr(${alarm},severity)` : SEVERITIES[value % SEVERITIES.length]!;
      const name = value % 11 === 10 ? `get_attr(${target},name)` : `d${(value % 4) + 1}`;
      const cause = alarm !== undefined && value % 3 !== 0 ? { causing_alarm: alarm } : {};
      return act('raise_alarm', { target: value % 5 === 4 ? target : resource, alarm_name: name, severity, ...cause });
    }
  }
}

function act(kind: string, members: { readonly [name: string]: string }): string {
  const lines = Object.entries(members).map(([name, value]) => `          ${name}: ${quote(value)}`);
  return [`      - ${kind}:`, ...lines].join('\n');
}

function quote(text: string): string {
  return JSON.stringify(text);
}
