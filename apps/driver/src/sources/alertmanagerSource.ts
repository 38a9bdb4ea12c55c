import { fromAlerts } from '@wherefore/datasources';
import { type Json, readJson, WhereforeError } from '@wherefore/model';
import type { HttpClient } from '@wherefore/openstack';
import type { Clock } from '@wherefore/ports';
import type { Page, PollSource } from './pollSource';

export interface AlertmanagerAccess {
  readonly http: Pick<HttpClient, 'ask'>;
  /** Such as `http://alertmanager:9093`. */
  readonly url: string;
  /** Sent with each request: an `Authorization`, if one is wanted. */
  readonly headers: { readonly [name: string]: string };
  /** Which resource an alert is on: the content of the file that `datasources.prometheus` names. */
  readonly mapping: Json | undefined;
  readonly clock: Clock;
}

/** What fires in an Alertmanager. */
export class AlertmanagerSource implements PollSource {
  readonly name = 'alertmanager';
  readonly datasources = ['prometheus'];

  constructor(private readonly access: AlertmanagerAccess) {}

  async *read(signal: AbortSignal): AsyncGenerator<Page> {
    const { http, url, headers, clock, mapping } = this.access;
    const address = `${url}/api/v2/alerts`;
    const answer = await http.ask(
      { method: 'GET', url: address, headers: { Accept: 'application/json', ...headers } },
      signal,
    );
    if (answer.status !== 200) throw refused(address, answer.status);
    const atMs = clock.nowMs();
    const body = readJson(answer.body, 'answer');
    if ('code' in body) throw unusable(address, body.message);
    const poll = fromAlerts(body.value, new Date(atMs).toISOString(), mapping);
    if ('code' in poll) throw unusable(address, poll.message);
    yield { polls: [poll], atMs };
  }
}

function refused(address: string, status: number): WhereforeError {
  const message = `GET ${address} was answered with status ${status}`;
  if (status >= 500 || status === 429) {
    return new WhereforeError('source-unavailable', message, { hint: 'It is tried again.', retryable: true });
  }
  return new WhereforeError('source-refused', message, { hint: 'Check driver.alertmanager.url and its credentials.' });
}

function unusable(address: string, why: string): WhereforeError {
  return new WhereforeError('source-unusable', `GET ${address} was answered with something else: ${why}`, {
    hint: 'Is it an Alertmanager, of version 0.16 or later?',
  });
}
