import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@wherefore/model';
import { Chance } from '../fuzz/chance';

/** A post that was answered with 200. */
export interface Confirmed {
  /** As the sender names it. */
  readonly id: string;
  /** Ids of the entries that it became. */
  readonly entryIds: readonly string[];
  /** Where the last of them was applied, as the answer says. */
  readonly position: string;
  readonly attempts: number;
  readonly tookMs: number;
}

const WORKERS = 8;
const HOSTS_EACH = 4;
const PAUSE_MS = { min: 30, max: 200 };
const ANSWER_MS = 4_000;
const RETRY_MS = { min: 150, max: 700 };
const KINDS = ['compute.host.down', 'compute.fan.slow'];
const ONE_BATCH_IN = 12;

/** Every compute host that the load speaks of. */
export const HOSTS: readonly string[] = Array.from({ length: WORKERS * HOSTS_EACH }, (_, i) => `compute-${i}`);

/**
 * Monitors that post events over REST. Each has hosts of its own, and posts the next event when the one before was
 * confirmed: what was not is sent again under its id, to whichever api answers.
 */
export class RestLoad {
  readonly confirmed: Confirmed[] = [];
  /** Answers that no retry mends. */
  readonly refused: string[] = [];
  /** How often there was no answer, or a 5xx. */
  failures = 0;
  /** The same by what was said. */
  readonly reasons = new Map<string, number>();
  /** Sent, and not confirmed yet. */
  readonly waiting = new Set<string>();

  constructor(
    private readonly seed: number,
    private readonly urls: readonly string[],
  ) {}

  /** Until `until` aborts; then what waits is still brought to its end, unless `giveUp` aborts. */
  async run(until: AbortSignal, giveUp: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: WORKERS }, (_, worker) => this.work(worker, until, giveUp)));
  }

  private async work(worker: number, until: AbortSignal, giveUp: AbortSignal): Promise<void> {
    const chance = new Chance(this.seed, 100 + worker);
    const hosts = HOSTS.slice(worker * HOSTS_EACH, (worker + 1) * HOSTS_EACH);
    for (let number = 0; !until.aborted; number++) {
      const count = chance.oneIn(ONE_BATCH_IN) ? 2 + chance.below(4) : 1;
      const events = Array.from({ length: count }, () => eventOf(chance, hosts));
      await this.post(`soak-${worker}-${number}`, events, chance, giveUp);
      await sleep(PAUSE_MS.min + chance.below(PAUSE_MS.max - PAUSE_MS.min));
    }
  }

  private async post(id: string, events: readonly JsonObject[], chance: Chance, giveUp: AbortSignal): Promise<void> {
    const at = performance.now();
    const body = JSON.stringify(events.length === 1 ? events[0] : events.map(driverShaped));
    this.waiting.add(id);
    for (let attempts = 1; !giveUp.aborted; attempts++) {
      const answer = await this.attempt(chance.pick(this.urls), id, body);
      if (answer?.status === 200) {
        const entryIds = events.length === 1 ? [id] : events.map((_, i) => `${id}/${i}`);
        const tookMs = Math.round(performance.now() - at);
        this.confirmed.push({ id, entryIds, position: answer.position, attempts, tookMs });
        this.waiting.delete(id);
        return;
      }
      if (answer !== undefined && answer.status < 500) {
        this.refused.push(`${id} was answered with ${answer.status}: ${answer.text.slice(0, 300)}`);
        this.waiting.delete(id);
        return;
      }
      this.failures += 1;
      const reason = answer === undefined ? 'no answer' : messageIn(answer.text);
      this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
      await sleep(RETRY_MS.min + chance.below(RETRY_MS.max - RETRY_MS.min));
    }
  }

  private async attempt(
    url: string,
    id: string,
    body: string,
  ): Promise<{ readonly status: number; readonly position: string; readonly text: string } | undefined> {
    try {
      const response = await fetch(`${url}/v1/event`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': id },
        body,
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const text = await response.text();
      return { status: response.status, position: response.headers.get('x-wherefore-position') ?? '', text };
    } catch {
      return undefined;
    }
  }
}

function eventOf(chance: Chance, hosts: readonly string[]): JsonObject {
  const hostname = chance.pick(hosts);
  return {
    time: new Date().toISOString(),
    type: chance.pick(KINDS),
    details: {
      ...{ hostname, source: 'ipmi', cause: 'link-down', severity: 'critical' },
      ...{ status: chance.oneIn(2) ? 'down' : 'up', monitor_id: 'soak', monitor_event_id: `${chance.next()}` },
    },
  };
}

/** Only events of this shape may be posted several at once. */
function driverShaped(event: JsonObject): JsonObject {
  const { status } = event['details'] as JsonObject;
  return {
    ...{ vitrage_entity_type: 'doctor', vitrage_event_type: `vitrage.custom.event.${String(status)}` },
    ...{ vitrage_sample_date: event['time']!, ...event },
  };
}

function messageIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly code: string; readonly message: string } };
    return error === undefined ? text.slice(0, 120) : `${error.code}: ${error.message}`;
  } catch {
    return text.slice(0, 120);
  }
}
