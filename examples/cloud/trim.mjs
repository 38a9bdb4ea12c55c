#!/usr/bin/env node
/**
 * Makes `recording/` from the full recording:
 *
 *     node examples/cloud/trim.mjs ../shared/data/openstack
 *
 * Keeps the messages and answers that the story needs, and of each the fields that Wherefore's
 * datasources read: no tokens, no users, no addresses of services. The only rearrangement is the stack,
 * see `stackParts`. Times are left as they were recorded. The same input gives the same bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  isStackMessage,
  KEPT_ANSWERS,
  readableMessage,
  STORY,
  STACK_STORY,
  trimmedRow,
  trimPayload,
} from './trimming.mjs';

const source = process.argv[2];
if (source === undefined) {
  console.error('usage: node examples/cloud/trim.mjs FOLDER_OF_THE_FULL_RECORDING');
  process.exit(2);
}
const target = join(dirname(fileURLToPath(import.meta.url)), 'recording');

const stack = stackParts();
write('notifications.ndjson', notifications());
write('answers.ndjson', answers());
write('tenants.ndjson', tenants());

/** The messages of the story, and those of the stack, in the order in which they arrived. */
function notifications() {
  const kept = [];
  for (const line of readFileSync(join(source, 'notifications.ndjson'), 'utf8').split('\n')) {
    if (line === '') continue;
    const { received_at: at, exchange, routing_key, body } = JSON.parse(line);
    const isStory = at >= STORY.from && at < STORY.to;
    if (!isStory && !(at >= STACK_STORY.from && at < STACK_STORY.to)) continue;
    const message = JSON.parse(JSON.parse(body)['oslo.message']);
    if (!readableMessage(message) || (!isStory && !isStackMessage(message, stack.ids))) continue;
    const { message_id, publisher_id, event_type, timestamp, payload } = message;
    const trimmed = { message_id, publisher_id, event_type, timestamp, payload: trimPayload(event_type, payload) };
    kept.push({ received_at: at, exchange, routing_key, message: trimmed });
  }
  return kept;
}

/**
 * One line for each API answer of each moment. `quiet` is put together: what services and agents said at
 * 02-day2, when all was well, with everything else as it was just after the failure, since nothing else
 * changed between; the errors of the moment before were cleared away by then.
 */
function answers() {
  const lines = [];
  const moments = { empty: '00-empty', steady: '01-steady', day2: '02-day2', errors: '03-errors' };
  for (const [moment, folder] of Object.entries(moments)) lines.push(...momentOf(moment, folder, []));
  const services = ['nova-services', 'nova-availability-zones', 'neutron-agents'];
  lines.push(...momentOf('quiet', '02-day2', stack.rows).filter(({ name }) => services.includes(name)));
  lines.push(...momentOf('quiet', '04-host-down', stack.rows).filter(({ name }) => !services.includes(name)));
  const later = { 'host-down': '04-host-down', 'forced-down': '05-forced-down' };
  Object.assign(later, { evacuated: '06-evacuated', recovered: '07-recovered' });
  for (const [moment, folder] of Object.entries(later)) lines.push(...momentOf(moment, folder, stack.rows));
  return lines;
}

function momentOf(moment, folder, more) {
  const index = readJson('api', folder, 'index.json');
  return Object.entries(KEPT_ANSWERS).flatMap(([name, list]) => {
    const entry = index.find((answer) => answer.name === name);
    const added = more.filter((row) => row.name === name).map(({ row }) => row);
    // The stacks were asked with a wrong query until the stack came: there were none.
    const isRefused = name === 'heat-stacks';
    const rows = isRefused ? [] : readJson('api', folder, `${name}.json`)[list];
    const body = { [list]: [...added, ...rows.map((row) => trimmedRow(name, row)).filter((row) => row !== undefined)] };
    return [{ moment, name, at: entry.at, body }];
  });
}

/**
 * The stack `shopstack` with its server, port, volume and network. It was created four minutes after the
 * failure, on the host that had failed and come back. We tell its creation before the failure, so that
 * the failure meets an application; so its rows, as they were when it was complete, go into every
 * answer from then on.
 */
function stackParts() {
  const folder = '08-heat';
  const { stacks } = readJson('api', folder, 'heat-stacks.json');
  const own = stacks.find((row) => row.stack_name === 'shopstack');
  const { resources } = readJson('api', folder, 'heat-resources-shopstack.json');
  const ids = new Set([own.id, ...resources.map((resource) => resource.physical_resource_id)]);
  const rows = [{ name: 'heat-stacks', row: trimmedRow('heat-stacks', { ...own, resources }) }];
  for (const [name, list] of Object.entries(KEPT_ANSWERS)) {
    if (name === 'heat-stacks' || name.startsWith('nova-a') || name === 'nova-services') continue;
    for (const row of readJson('api', folder, `${name}.json`)[list]) {
      if (ids.has(row.id)) rows.push({ name, row: trimmedRow(name, row) });
    }
  }
  return { ids, rows };
}

/** Who owns which servers: projects are no entities of Nova's, so they are ours to describe. */
function tenants() {
  const { projects } = readJson('api', '04-host-down', 'keystone-projects.json');
  const recorded = readJson('api', '04-host-down', 'nova-servers.json').servers;
  const added = stack.rows.filter(({ name }) => name === 'nova-servers').map(({ row }) => row);
  const servers = [...recorded, ...added].map(({ id, name, tenant_id }) => ({ id, name, tenant_id }));
  return ['shop', 'bank', 'lab'].map((name) => {
    const { id } = projects.find((project) => project.name === name);
    const own = servers.filter((server) => server.tenant_id === id).sort((a, b) => (a.name < b.name ? -1 : 1));
    return { id, name, servers: own.map((server) => ({ id: server.id, name: server.name })) };
  });
}

function readJson(...path) {
  return JSON.parse(readFileSync(join(source, ...path), 'utf8'));
}

function write(name, lines) {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  writeFileSync(join(target, name), text);
  console.log(`${name}: ${lines.length} lines, ${text.length} bytes`);
}
