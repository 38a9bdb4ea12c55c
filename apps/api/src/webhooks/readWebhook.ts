import { WhereforeError, type Json, type JsonObject } from '@wherefore/model';
import { compileFilter } from '@wherefore/notifying';
import type { Webhook } from '@wherefore/ports';
import { dictionaryOf, writeDictionary } from './pythonLiteral';

/** As wide as Vitrage's columns. */
const LENGTHS_MAX = { url: 256, headers: 1024, regex_filter: 512 };

/** What a client says about a webhook. */
export type WebhookWish = Pick<Webhook, 'url' | 'headers' | 'filter'>;

/** Reads `{url, headers, regex_filter}`. Throws `bad-request`, with what is wrong and how to mend it. */
export function readWebhook(body: JsonObject): WebhookWish {
  return {
    url: readUrl(body['url']),
    headers: readHeaders(body['headers'] ?? ''),
    filter: readFilter(body['regex_filter'] ?? ''),
  };
}

function readUrl(value: Json | undefined): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  const isGood = url !== undefined && /^https?:$/.test(url.protocol) && url.host !== '';
  if (!isGood || (value as string).length > LENGTHS_MAX.url) {
    throw bad(`Invalid URL: url is ${JSON.stringify(value ?? null).slice(0, 80)}`, {
      hint: `Give an http or https address of at most ${LENGTHS_MAX.url} characters.`,
    });
  }
  return value as string;
}

function readHeaders(value: Json): WebhookWish['headers'] {
  const headers = readMembers('headers', value, 'Headers in invalid format');
  for (const [name, text] of Object.entries(headers)) {
    // Whatever else a header is, it is one line of what HTTP can carry.
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) {
      throw bad(`Headers in invalid format: "${name}" is no header`, { hint: 'Names are tokens, values one line.' });
    }
  }
  return headers;
}

function readFilter(value: Json): WebhookWish['filter'] {
  const filter = readMembers('regex_filter', value, 'Invalid RegEx');
  for (const [name, pattern] of Object.entries(filter)) {
    try {
      compileFilter(pattern);
    } catch (cause) {
      throw bad(`Invalid RegEx: that of ${name} cannot be read: ${(cause as Error).message}`, {
        hint: 'Patterns are in the syntax of RE2: without look-around and back-references.',
      });
    }
  }
  return filter;
}

function readMembers(
  name: keyof typeof LENGTHS_MAX,
  value: Json,
  message: string,
): { readonly [name: string]: string } {
  if (value === '') return {};
  let members: { readonly [name: string]: string };
  try {
    members = dictionaryOf(value);
  } catch (cause) {
    throw bad(`${message}: ${name} is no dictionary: ${(cause as Error).message}`, {
      hint: `Send ${name} as text, for instance "{\\"name\\": \\"value\\"}".`,
    });
  }
  if (writeDictionary(members).length > LENGTHS_MAX[name]) {
    throw bad(`${message}: ${name} is too long`, { hint: `At most ${LENGTHS_MAX[name]} characters.` });
  }
  return members;
}

function bad(message: string, details: { readonly hint: string }): WhereforeError {
  return new WhereforeError('bad-request', message, details);
}
