import type { OpenAPIObject } from '@nestjs/swagger';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** The shape of a value, as OpenAPI describes it. */
export type SchemaObject = Exclude<Schemas[string], { $ref: string }>;

const text: SchemaObject = { type: 'string' };
const count: SchemaObject = { type: 'integer', minimum: 0 };
/** Properties of an entity: a few that are always there, and whatever its source tells. */
const entity: SchemaObject = {
  type: 'object',
  required: ['vitrage_id', 'vitrage_category', 'vitrage_type'],
  properties: {
    vitrage_id: text,
    vitrage_category: { type: 'string', enum: ['RESOURCE', 'ALARM'] },
    vitrage_type: text,
    name: text,
  },
  additionalProperties: true,
};
const link: SchemaObject = {
  type: 'object',
  required: ['source', 'target', 'relationship_type', 'key'],
  properties: { source: count, target: count, relationship_type: text, key: text },
  additionalProperties: true,
};

function object(properties: { readonly [name: string]: SchemaObject }, more: SchemaObject = {}): SchemaObject {
  return { type: 'object', required: Object.keys(properties), properties: { ...properties }, ...more };
}

function list(items: SchemaObject): SchemaObject {
  return { type: 'array', items };
}

/** `node-link` as networkx writes it: links name their ends by place. */
function nodeLink(more: { readonly [name: string]: SchemaObject }): SchemaObject {
  const flag: SchemaObject = { type: 'boolean' };
  return object({
    directed: flag,
    multigraph: flag,
    graph: { type: 'object' },
    nodes: list(entity),
    links: list(link),
    ...more,
  });
}

const answeredAt = object({
  at: text,
  knownAt: text,
  position: text,
  ordinal: count,
  warnings: list(text),
});

function ours(properties: { readonly [name: string]: SchemaObject }): SchemaObject {
  return object({ answeredAt, ...properties });
}

const anything: SchemaObject = { type: 'object', additionalProperties: true };
const templateRow = object(
  { 'uuid': text, 'name': text, 'status': text, 'status details': text, 'date': text },
  { additionalProperties: true },
);
const webhook = object({
  id: text,
  project_id: text,
  is_admin_webhook: { type: 'boolean' },
  created_at: text,
  url: text,
  regex_filter: text,
  headers: text,
});
const templates: SchemaObject = {
  type: 'array',
  minItems: 1,
  description: 'Each [path, template]; the path may be null, the template an object or YAML text.',
  items: { type: 'array', items: {} },
};
const parameters: SchemaObject = { type: 'object', nullable: true, additionalProperties: { type: 'string' } };
const templateType: SchemaObject = { type: 'string', nullable: true };
const query: SchemaObject = {
  type: 'string',
  nullable: true,
  description: 'JSON as text: {"==": {"vitrage_type": "nova.host"}}, with == != < <= > >=, and, or.',
};
const allTenants: SchemaObject = { type: 'boolean', default: false };

/** What endpoints answer. */
export const ANSWERS = {
  entity,
  entities: list(entity),
  topology: {
    description: 'A node-link graph; a tree of nodes with children where graph_type is tree.',
    anyOf: [nodeLink({ raw: { type: 'boolean' } }), anything],
  },
  rca: nodeLink({ inspected_index: count }),
  severities: object({ 'SEVERE': count, 'CRITICAL': count, 'WARNING': count, 'OK': count, 'N/A': count }),
  counts: { type: 'object', additionalProperties: count },
  templateRows: list(templateRow),
  versions: list(object({ version: text, status: text })),
  validations: object({
    results: list(object({ 'file path': text, 'status': text, 'status code': count }, { additionalProperties: true })),
  }),
  nothing: { nullable: true, description: 'null' },
  webhook,
  webhooks: list(webhook),
  success: object({ SUCCESS: text }),
  services: list(object({ name: text, hostname: text, process: count, created: text })),
  status: object({ reason: text }),
  anything,
  why: ours({ asked: anything, roots: list(anything), affected: list(anything) }),
  alarms: ours({ alarms: list(anything) }),
  resources: ours({ resources: list(anything) }),
  graph: ours({ vertices: list(entity), edges: list(anything) }),
  templates: ours({ templates: list(anything) }),
  summary: ours({ stateHash: text, vertices: count, edges: count, alarms: count, templates: count }),
  diff: object({
    from: answeredAt,
    to: answeredAt,
    appeared: list(anything),
    gone: list(anything),
    changed: list(anything),
  }),
  log: object({ at: text, from: text, to: text, entries: list(anything), omittedBefore: count, omittedAfter: count }),
  rejected: object({ rejected: list(anything) }),
  snapshots: object({ snapshots: list(anything) }),
  readiness: object({ status: text }, { properties: { status: text, offsetsBehind: count } }),
  metrics: text,
  processes: object({ at: text, shape: text, processes: list(anything), troubles: list(text), notes: list(text) }),
  failure: object(
    { code: { type: 'integer' }, title: text, description: text },
    { properties: { code: { type: 'integer' }, title: text, description: text, error: anything } },
  ),
} satisfies { readonly [name: string]: SchemaObject };

/** What endpoints take. */
export const BODIES = {
  topology: {
    type: 'object',
    properties: {
      graph_type: { type: 'string', enum: ['graph', 'tree'], default: 'graph' },
      depth: { type: 'integer', minimum: 0, nullable: true },
      query,
      root: { type: 'string', nullable: true },
      all_tenants: allTenants,
    },
  },
  resources: {
    type: 'object',
    properties: { resource_type: { type: 'string', nullable: true }, query, all_tenants: allTenants },
  },
  resourceCount: {
    type: 'object',
    properties: {
      resource_type: { type: 'string', nullable: true },
      query,
      all_tenants: allTenants,
      group_by: { type: 'string', default: 'vitrage_type' },
    },
  },
  alarmCount: { type: 'object', properties: { all_tenants: allTenants } },
  event: {
    description: 'An event, a body of Alertmanager, or driver-shaped events, one or a list.',
    anyOf: [
      {
        type: 'object',
        properties: { type: { type: 'string' }, time: { type: 'string' }, details: anything },
      },
      { type: 'array', items: anything },
    ],
  },
  templatesToAdd: {
    type: 'object',
    required: ['templates'],
    properties: { templates, template_type: templateType, params: parameters, overwrite: { type: 'boolean' } },
  },
  templatesToValidate: {
    type: 'object',
    required: ['templates'],
    properties: { templates, template_type: templateType, params: parameters },
  },
  templatesToDelete: {
    type: 'object',
    properties: { id: { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }] } },
  },
  webhook: {
    type: 'object',
    required: ['url'],
    properties: {
      url: { type: 'string', format: 'uri', maxLength: 256 },
      regex_filter: { type: 'string', nullable: true, description: 'A dictionary as text: property to pattern.' },
      headers: { type: 'string', nullable: true, description: 'A dictionary as text.' },
    },
  },
} satisfies { readonly [name: string]: SchemaObject };
