import { readFileSync } from 'node:fs';
import type { ReadingOptions } from '@wherefore/datasources';
import type { Config, Metrics, ProcessContext, RoleStatus, RunningRole } from '@wherefore/host';
import { isJsonObject, type Json, WhereforeError } from '@wherefore/model';
import { parse } from 'yaml';
import { Listener, type ListenerState } from './listener';
import type { BusSettings } from './transport/busSettings';

/** Takes in the notifications of a cloud. Of several on one queue one is at work, and the others stand by. */
export async function startListener({ id, config, ports, log, timer, metrics }: ProcessContext): Promise<RunningRole> {
  if (ports.kind !== 'distributed') {
    throw new WhereforeError('invalid-config', 'a listener needs broker.urls and database.host');
  }
  const listener = await Listener.start({
    settings: busSettings(config, id),
    reading: readingOptions(config),
    log: ports.log,
    polls: ports.polls,
    timer,
    journal: log,
  });
  measure(metrics, () => listener.state);
  return { ended: listener.ended, status: () => statusOf(listener.state), stop: () => listener.stop() };
}

/** The bus as the configuration describes it; without addresses of its own, on the broker of the log. */
export function busSettings({ listener, broker }: Config, name: string): BusSettings {
  const { urls, bindingCheckSeconds, handOverSeconds, healthPort: _, ...settings } = listener;
  return {
    ...settings,
    broker: { urls: urls.length > 0 ? urls : broker.urls, heartbeatSeconds: broker.heartbeatSeconds, name },
    bindingCheckMs: bindingCheckSeconds * 1000,
    handOverMs: handOverSeconds * 1000,
  };
}

/** Whose ports are resources is said once, for what is polled as for what is announced. */
function readingOptions({ datasources: { prometheus }, openstack: { portOwners } }: Config): ReadingOptions {
  return prometheus === undefined
    ? { portOwners }
    : { portOwners, datasources: { prometheus: readMapping(prometheus) } };
}

function readMapping(file: string): Json {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new WhereforeError('file-unreadable', `${file} cannot be read`, {
      hint: 'Check datasources.prometheus, and the permissions of the file.',
      cause,
    });
  }
  const content = parse(text, { schema: 'failsafe' }) as Json;
  if (isJsonObject(content)) return content;
  throw new WhereforeError('invalid-config', `${file} is no mapping`);
}

function statusOf({ isActive, trouble, missing }: ListenerState): RoleStatus {
  if (trouble !== undefined) return { unready: trouble.message };
  const notes = isActive ? ['at work'] : ['standing by, or nothing was announced yet'];
  if (missing.size > 0) notes.push(`not bound: ${[...missing.keys()].join(', ')}`);
  return { note: notes.join('; ') };
}

const COUNTERS = {
  messages: 'Messages of the bus that were kept and acknowledged.',
  ignored: 'Messages that tell of no entity.',
  entries: 'Entries that messages became.',
  rejected: 'Messages of which something could not be read: dead letters.',
  redelivered: 'Messages that had been delivered before.',
  gaps: 'Times that messages may have been lost, and all datasources were to be polled.',
} as const;

function measure({ prometheus, registry }: Metrics, state: () => ListenerState): void {
  for (const [name, help] of Object.entries(COUNTERS) as [keyof typeof COUNTERS, string][]) {
    new prometheus.Counter({
      name: `wherefore_listener_${name}_total`,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(state()[name]);
      },
    });
  }
  new prometheus.Gauge({
    name: 'wherefore_listener_active',
    help: '1 while this listener is given the messages of the queue.',
    registers: [registry],
    collect() {
      this.set(state().isActive ? 1 : 0);
    },
  });
}
