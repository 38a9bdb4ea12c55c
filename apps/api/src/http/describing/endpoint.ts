import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ANSWERS, BODIES, type SchemaObject } from './schemas';

const flag: SchemaObject = { type: 'boolean' };
const text: SchemaObject = { type: 'string' };
const texts: SchemaObject = { type: 'array', items: { type: 'string' } };
const amount: SchemaObject = { type: 'integer', minimum: 0, maximum: 999_999_999 };

/** Parameters of query strings; one name means the same everywhere. */
const PARAMETERS = {
  at: { schema: text, description: 'What was known then: ISO 8601, Unix milliseconds, or a position such as 1.42.0.' },
  all_tenants: { schema: flag, description: 'Of all tenants, for those who may.' },
  limit: { schema: amount, description: 'At most so many; 0 is all.' },
  sort_by: { schema: texts, description: 'Properties, the first one counting most.' },
  sort_dirs: { schema: { type: 'array', items: { type: 'string', enum: ['asc', 'desc'] } }, description: 'One each.' },
  filter_by: { schema: texts, description: 'Properties that must contain the text in filter_vals.' },
  filter_vals: { schema: texts, description: 'One for each filter_by.' },
  marker: {
    schema: text,
    description: 'vitrage_id of the last alarm of the page before, or the first of the one after.',
  },
  next_page: { schema: flag, description: 'false for the page before the marker.' },
  vitrage_id: { schema: text, description: 'Only alarms on the resource of that id; all for every one.' },
  start: { schema: text, description: 'Alarms that were active at or after that time.' },
  end: { schema: text, description: 'Alarms that were active at or before that time; needs start.' },
  alarm_id: { schema: text, description: 'vitrage_id of an alarm.', required: true },
  alarm: { schema: text, description: 'Name, name@resource, or id.', required: true },
  on: { schema: text, description: 'Name or id of the resource that the alarm is on.' },
  match: { schema: text, description: 'Only alarms of that name, name@resource, or id.' },
  from: { schema: text, description: 'The earlier moment.', required: true },
  to: { schema: text, description: 'The later moment; now when absent.' },
  about: { schema: text, description: 'Only what has that id, name or vitrage_id, and alarms on it.' },
  around: { schema: text, description: 'So long before and after, as 5m.' },
  ticks: { schema: flag, description: 'Ticks, too.' },
  type: { schema: text, description: 'Only resources of that type.' },
  id: { schema: text, description: 'Only the resource of that id.' },
  resource_type: { schema: text, description: 'Only resources of that type.' },
  query: { schema: text, description: 'Vitrage’s query, JSON as text.' },
} as const satisfies {
  readonly [name: string]: { readonly schema: SchemaObject; readonly description: string; readonly required?: boolean };
};

/** What is known of an endpoint beside its path. */
export interface EndpointDescription {
  readonly tag: 'alarms' | 'resources' | 'templates' | 'events' | 'webhooks' | 'why' | 'server';
  readonly summary: string;
  readonly query?: readonly (keyof typeof PARAMETERS)[];
  readonly body?: keyof typeof BODIES;
  readonly answer: keyof typeof ANSWERS;
  /** Takes `Idempotency-Key`. */
  readonly isIdempotent?: boolean;
  /** Answers of no JSON, too. */
  readonly isText?: boolean;
  /** Has `{id}` in its path. */
  readonly id?: string;
}

/** Describes an endpoint for `/openapi.json`. */
export function Endpoint(about: EndpointDescription): MethodDecorator {
  const failure = { schema: ANSWERS.failure };
  return applyDecorators(
    ApiTags(about.tag),
    ApiOperation({ summary: about.summary }),
    ...(about.id === undefined ? [] : [ApiParam({ name: 'id', description: about.id, schema: text })]),
    ...(about.query ?? []).map((name) => ApiQuery({ name, required: false, ...PARAMETERS[name] })),
    ...(about.body === undefined ? [] : [ApiBody({ schema: BODIES[about.body], required: false })]),
    ...(about.isIdempotent === true
      ? [ApiHeader({ name: 'Idempotency-Key', required: false, schema: { type: 'string', maxLength: 255 } })]
      : []),
    ApiResponse({ status: 200, description: 'The answer.', schema: ANSWERS[about.answer] }),
    ApiResponse({ status: '4XX', description: 'What is wrong with the request.', ...failure }),
    ApiResponse({ status: '5XX', description: 'The server cannot answer now.', ...failure }),
  );
}
