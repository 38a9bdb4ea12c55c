import { type JsonObject, type Rejection, isJsonObject, readJson } from '@wherefore/model';
import type { NotificationEnvelope } from '../openstack/notification';
import { kindOf, malformed } from '../reading/properties';
import { microsecondsOf } from './recordedTime';

/** A line of recorded notifications. */
export interface RecordedMessage {
  /** When it was received, in microseconds since 1970; absent when the line does not tell. */
  readonly atUs?: number;
  /** The message, or why there is none. */
  readonly message: NotificationEnvelope | Rejection;
}

const HINT = 'A line is {"received_at", "exchange", "routing_key", "body"}; body is the AMQP body as text.';

/**
 * Reads a line of recorded notifications: one JSON object with `received_at`, `exchange`, `routing_key`
 * and `body`, and whatever else the recorder noted. What it cannot read is a Rejection (`malformed-json`,
 * `malformed-event`, `impossible-timestamp`); the time is told all the same if it can be. Never throws.
 */
export function readRecordedMessage(line: string): RecordedMessage {
  const read = readJson(line, 'line');
  if ('code' in read) return { message: hinted(read) };
  const content = read.value;
  if (!isJsonObject(content)) return { message: hinted(malformed('line', 'The line is not a JSON object.')) };
  const atUs = microsecondsOf(content['received_at']);
  if (atUs === undefined) return { message: impossibleTime(content) };
  return { atUs, message: envelopeOf(content) };
}

function envelopeOf(content: JsonObject): NotificationEnvelope | Rejection {
  const { body, exchange, routing_key, received_at } = content;
  if (typeof body !== 'string') return hinted(malformed('body', `body is ${kindOf(body)}, not a text.`));
  if (content['body_encoding'] === 'base64') {
    // Recorders fall back to it for what is no text, and a message is text.
    return { code: 'malformed-json', message: 'body is not UTF-8.', where: 'body', hint: HINT };
  }
  return {
    exchange: typeof exchange === 'string' ? exchange : '',
    routing_key: typeof routing_key === 'string' ? routing_key : '',
    body,
    received_at: String(received_at),
  };
}

function impossibleTime(content: JsonObject): Rejection {
  const given = content['received_at'];
  const shown = typeof given === 'string' ? `"${given.slice(0, 100)}"` : kindOf(given);
  return {
    code: 'impossible-timestamp',
    message: `received_at is ${shown}, which is no time.`,
    where: 'received_at',
    hint: 'Write it as 2026-11-21T23:54:40.578086Z.',
  };
}

function hinted(rejection: Rejection): Rejection {
  return { ...rejection, hint: HINT };
}
