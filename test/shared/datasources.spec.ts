import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import type { EntityEvent, Json, JsonObject } from '@wherefore/model';
import {
  DEFAULT_VALUE_TABLES,
  compileValueTables,
  fromNotification,
  fromRestAnswer,
  type NotificationEnvelope,
  parseValueTable,
  REST_ANSWERS,
  toEntityEvent,
  type ValueTable,
  VITRAGE_VALUE_TABLES,
} from '@wherefore/datasources';
import { describeWithShared } from '../support/shared';

type Bag = Record<string, Json>;
type World = Map<string, Bag>;

const readJson = (file: string): Json => JSON.parse(readFileSync(file, 'utf8')) as Json;

function readLines(file: string): JsonObject[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JsonObject);
}

function eventFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ndjson'))
    .map((name) => path.join(folder, name))
    .sort();
}

function converted(event: JsonObject): EntityEvent {
  const answer = toEntityEvent(event);
  if ('code' in answer) throw new Error(`${JSON.stringify(answer)} from ${JSON.stringify(event).slice(0, 500)}`);
  return answer;
}

/** A graph in ten lines: enough to see what the events add up to. */
function apply(world: World, event: EntityEvent): void {
  const { key } = event.entity;
  if (event.action === 'delete-entity') {
    world.delete(key);
    return;
  }
  const bag = world.get(key) ?? {};
  world.set(key, bag);
  for (const [name, value] of Object.entries(event.entity.properties)) {
    if (value === null) delete bag[name];
    else bag[name] = value;
  }
}

describeWithShared('the events of the differential cases and of the workload', (sharedDir) => {
  const data = path.join(sharedDir, 'data');

  it.each(['differential', 'workload'])('all of %s convert without rejection', (folder) => {
    for (const file of eventFiles(path.join(data, folder))) {
      for (const event of readLines(file)) {
        const answer = converted(event);
        expect(answer.sampleTimestamp).toBe(event['vitrage_sample_date']);
        // Nobody vouches for what a static file says of another datasource's entity.
        expect([event['vitrage_entity_type'], '']).toContain(answer.datasource);
      }
    }
  });

  it('give every resource that Vitrage ends up with, in the state that Vitrage gives it, in all topologies', () => {
    const tables = compileValueTables(DEFAULT_VALUE_TABLES);
    for (const name of readdirSync(path.join(data, 'differential'))) {
      const folder = path.join(data, 'differential', name);
      if (!statSync(folder).isDirectory()) continue;
      const world: World = new Map();
      for (const event of readLines(path.join(folder, '01-topology.ndjson'))) {
        const answer = converted(event);
        for (const { entity } of answer.neighbours) if (!entity.isPlaceholder) apply(world, { ...answer, entity });
        if (!answer.entity.isPlaceholder) apply(world, answer);
      }
      const steps = readJson(path.join(folder, 'expected.json')) as unknown as { resources: Bag[] }[];
      for (const resource of steps[0]!.resources) {
        const bag = world.get(`RESOURCE:${String(resource['type'])}:${String(resource['id'])}`);
        expect(bag).toBeDefined();
        const state = tables.lookup(String(resource['type']), bag?.['state'] as string);
        // Where a template sets the state, these events alone do not decide it.
        if (resource['aggregated_state'] === state.value) expect(state.operational).toBe(resource['operational_state']);
        else expect(['ERROR', 'SUBOPTIMAL']).toContain(resource['aggregated_state']);
      }
    }
  });
});

describeWithShared('the recorded messages of an OpenStack', (sharedDir) => {
  const folder = path.join(sharedDir, 'data/openstack');
  const messages = readLines(path.join(folder, 'notifications.ndjson')) as unknown as NotificationEnvelope[];
  const entityKeys = (world: World, type: string) =>
    [...world.keys()].filter((key) => key.startsWith(`RESOURCE:${type}:`));

  function worldAfter(isWanted: (event: JsonObject) => boolean, until: string): World {
    const world: World = new Map();
    for (const message of messages) {
      if (message.received_at > until) break;
      const answer = fromNotification(message);
      if (!('events' in answer)) continue;
      for (const event of answer.events) if (isWanted(event)) apply(world, converted(event));
    }
    return world;
  }

  it('are each converted, ignored with a reason, or rejected, and all that are converted make entity events', () => {
    const count = { converted: 0, ignored: 0, rejected: 0 };
    for (const message of messages) {
      const answer = fromNotification(message);
      if ('code' in answer) count.rejected += 1;
      else if ('ignored' in answer) {
        expect(answer.ignored).not.toBe('');
        count.ignored += 1;
      } else {
        expect(answer.id).toMatch(/^[0-9a-f-]{36}$/);
        expect(answer.events.length).toBeGreaterThan(0);
        for (const event of answer.events) converted(event);
        count.converted += 1;
      }
    }
    expect(count.converted + count.ignored + count.rejected).toBe(messages.length);
    expect(count.rejected).toBe(0);
    expect(messages.length).toBe(2434);
    expect(count.converted).toBeGreaterThan(1200);
  });

  it('keep entries small: no event is larger than 2 kB', () => {
    for (const message of messages) {
      const answer = fromNotification(message);
      if ('events' in answer)
        for (const event of answer.events) expect(JSON.stringify(event).length).toBeLessThan(2048);
    }
  });

  it('lead to the same servers in both of the formats of Nova', () => {
    const until = '2027';
    const isServer = (event: JsonObject) => event['vitrage_entity_type'] === 'nova.instance';
    const versioned = worldAfter((event) => isServer(event) && 'nova_object.data' in event, until);
    const legacy = worldAfter((event) => isServer(event) && 'instance_id' in event, until);
    const both = worldAfter(isServer, until);
    expect(versioned.size).toBeGreaterThan(5);
    for (const world of [legacy, both]) expect([...world.keys()].sort()).toEqual([...versioned.keys()].sort());
    for (const [key, bag] of versioned) {
      for (const name of ['id', 'name', 'state', 'project_id', 'host_id']) {
        expect([key, name, legacy.get(key)![name]]).toEqual([key, name, bag[name]]);
        expect([key, name, both.get(key)![name]]).toEqual([key, name, bag[name]]);
      }
    }
  });

  const moments = readdirSync(path.join(folder, 'api')).sort();

  it.each(moments)('agree with what the APIs answered at %s, where both know an entity', (moment) => {
    const index = readJson(path.join(folder, 'api', moment, 'index.json')) as JsonObject[];
    const isTold = ['nova-servers', 'neutron-ports', 'neutron-networks', 'cinder-volumes'];
    for (const call of index) {
      const name = String(call['name']);
      if (call['status'] !== 200 || !isTold.includes(name)) continue;
      const read = fromRestAnswer(name, readJson(path.join(folder, 'api', moment, `${name}.json`)), String(call['at']));
      if ('code' in read) throw new Error(JSON.stringify(read));
      const answer = read.polls[0]!;
      const told = worldAfter((event) => event['vitrage_entity_type'] === answer.datasource, String(call['at']));
      for (const row of answer.rows) {
        const polled = converted(row.event).entity.properties;
        const bag = told.get(row.key);
        expect([row.key, bag !== undefined]).toEqual([row.key, true]);
        for (const property of ['id', 'name', 'state', 'project_id', 'host_id', 'attachments', 'ip_addresses']) {
          const value = polled[property] ?? undefined;
          // That a port goes up or down, or moves in a live migration, is announced nowhere.
          if (answer.datasource === 'neutron.port' && (property === 'state' || property === 'host_id')) continue;
          // With the storage service down, the API marks a volume as detaching, and nobody is left to tell.
          if (moment === '11-storage-down' && polled['state'] === 'detaching') continue;
          expect([row.key, property, bag?.[property]]).toEqual([row.key, property, value]);
        }
      }
      const polledKeys = answer.rows.map((row) => row.key).sort();
      expect(entityKeys(told, answer.datasource).sort()).toEqual(polledKeys);
    }
  });

  it.each(moments)('can be read of all APIs as polls at %s', (moment) => {
    const at = '2026-11-22T00:00:00.5Z';
    for (const name of REST_ANSWERS) {
      const file = path.join(folder, 'api', moment, `${name}.json`);
      if (!existsSync(file)) continue;
      const answer = fromRestAnswer(name, readJson(file), at);
      if ('code' in answer) {
        expect(['heat-stacks', 'aodh-alarms']).toContain(name);
        continue;
      }
      for (const { datasource, rows, rejected } of answer.polls) {
        expect(rejected).toEqual([]);
        for (const row of rows) {
          const event = converted(row.event);
          expect([event.entity.key, event.datasource]).toEqual([row.key, datasource]);
        }
      }
    }
  });

  it('tell of a dead host only in the poll of the services, and of one forced down in a notification as well', () => {
    const stateAt = (moment: string) => {
      const body = readJson(path.join(folder, 'api', moment, 'nova-services.json'));
      const answer = fromRestAnswer('nova-services', body, '2026-11-22T00:00:00Z');
      if ('code' in answer) throw new Error(answer.message);
      const row = answer.polls[0]!.rows.find(({ key }) => key === 'RESOURCE:nova.host:compute-03')!;
      const { service_state, forced_down, disabled, state } = converted(row.event).entity.properties;
      return { service_state, forced_down, disabled, state };
    };
    expect(stateAt('01-steady')).toEqual({ service_state: 'up', forced_down: false, disabled: false });
    expect(stateAt('04-host-down')).toEqual({ service_state: 'down', forced_down: false, disabled: false });
    expect(stateAt('05-forced-down')).toEqual({ service_state: 'down', forced_down: true, disabled: true });
    const told = worldAfter((event) => event['vitrage_entity_type'] === 'nova.host', '2026-11-22T00:00:12Z');
    expect(told.get('RESOURCE:nova.host:compute-03')).toMatchObject({ service_state: 'down', forced_down: true });
  });

  it('make rows that stay equal from poll to poll while nothing that matters changes', () => {
    const rowsAt = (moment: string, name: string) => {
      const answer = fromRestAnswer(
        name,
        readJson(path.join(folder, 'api', moment, `${name}.json`)),
        '2026-11-22T00:00:00Z',
      );
      return 'code' in answer
        ? []
        : answer.polls[0]!.rows.filter(({ key }) => key.endsWith('compute-01') || key.endsWith('az-1'));
    };
    for (const name of ['nova-services', 'nova-availability-zones']) {
      expect(rowsAt('04-host-down', name).length).toBe(1);
      expect(rowsAt('04-host-down', name)).toEqual(rowsAt('05-forced-down', name));
    }
  });
});

describeWithShared("Vitrage's value tables", (sharedDir) => {
  const folder = path.join(sharedDir, 'data/vitrage/etc/datasources_values');

  it.each(readdirSync(folder))(
    '%s keeps every priority and operational value in the tables that come with Wherefore',
    (file) => {
      const type = file.replace(/\.yaml$/, '');
      const table = parseValueTable(
        parse(readFileSync(path.join(folder, file), 'utf8'), { schema: 'failsafe' }) as JsonObject,
      );
      if ('code' in table) throw new Error(JSON.stringify(table));
      expect(DEFAULT_VALUE_TABLES[type]?.category).toBe(table.category);
      const ours = compileValueTables(DEFAULT_VALUE_TABLES);
      const vitrages = compileValueTables(VITRAGE_VALUE_TABLES);
      for (const { priority, names } of table.values) {
        for (const { name, operational } of names) {
          const meaning = { value: name.toUpperCase(), operational, priority };
          expect([ours.lookup(type, name), vitrages.lookup(type, name)]).toEqual([meaning, meaning]);
        }
      }
      const namesOf = ({ values }: ValueTable) =>
        values.flatMap(({ names }) => names.map(({ name }) => name.toUpperCase())).sort();
      expect(namesOf(VITRAGE_VALUE_TABLES[type]!)).toEqual(namesOf(table));
    },
  );

  it('of its tests are read too, but for the one whose YAML is broken', () => {
    const erroneous = path.join(sharedDir, 'data/vitrage/datasources_values/erroneous_values');
    for (const file of readdirSync(erroneous)) {
      const text = readFileSync(path.join(erroneous, file), 'utf8');
      if (file === 'nova.instance.yaml') expect(() => parse(text) as unknown).toThrow();
      else expect(parseValueTable(parse(text) as JsonObject)).toHaveProperty('category');
    }
  });
});
