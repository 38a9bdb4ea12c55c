import {
  Cloud,
  doctor,
  gone,
  host,
  late,
  type Lines,
  nagios,
  network,
  port,
  prometheus,
  server,
  serverNotice,
  volume,
  volumeNotice,
  zabbix,
  zone,
} from './driver';

/**
 * What templates must come to, foretold from Vitrage's language: a deduced alarm, state, mark or cause
 * holds exactly while a condition matches what is live and no stub, and the highest one counts.
 */

const same = (actual: Lines, ...expected: string[]) => expect([...actual].sort()).toEqual(expected.sort());

const HOSTS = [zone('zone-1', { 'host-1': true, 'host-2': true }), host('host-1'), host('host-2')];
const TOPOLOGY = [...HOSTS, server('vm-1', 'host-1'), server('vm-2', 'host-1'), server('vm-3', 'host-2')];
const CPU = 'nagios/CPU WARNING/WARNING nova.host:host-1';

/** A template of version 3; entities and scenarios as YAML flow text. */
const v3 = (name: string, entities: string, ...scenarios: readonly string[]) =>
  `metadata: {version: 3, name: ${name}, type: standard}\nentities:\n${entities}\nscenarios:\n${scenarios.join('\n')}\n`;

const ENTITIES = `
  cpu: {category: ALARM, type: nagios, name: CPU}
  disk: {category: ALARM, type: nagios, name: DISK}
  slow: {category: ALARM, type: vitrage, name: slow}
  host: {category: RESOURCE, type: nova.host}
  server: {category: RESOURCE, type: nova.instance}`;

const when = (condition: string, ...actions: readonly string[]) =>
  `  - {condition: "${condition}", actions: [${actions.map((action) => `{${action}}`).join(', ')}]}`;

const raise = (target: string, name: string, severity = 'WARNING', more = '') =>
  `raise_alarm: {target: ${target}, alarm_name: ${name}, severity: ${severity}${more}}`;

const SERVERS_SLOW = v3(
  'servers',
  ENTITIES,
  when('cpu [on] host AND host [contains] server', raise('server', 'slow', 'WARNING', ', causing_alarm: cpu')),
);

describe('alarms that templates raise', () => {
  it('come and go with their cause, on each server of the host', () => {
    const c = new Cloud(SERVERS_SLOW).feed(...TOPOLOGY, nagios('host-1', 'CPU', 'WARNING'));
    const [one, two] = ['vm-1', 'vm-2'].map((id) => `vitrage/slow WARNING/WARNING nova.instance:${id}`);
    same(c.alarms(), CPU, one!, two!);
    same(
      c.causes(),
      'nagios/CPU@nova.host:host-1 > vitrage/slow@nova.instance:vm-1',
      'nagios/CPU@nova.host:host-1 > vitrage/slow@nova.instance:vm-2',
    );
    // Away, and back.
    same(c.feed(serverNotice('vm-1', 'host-2')).alarms(), CPU, two!);
    same(c.feed(serverNotice('vm-1', 'host-1')).alarms(), CPU, one!, two!);
    // Shelved: on no host.
    same(c.feed(serverNotice('vm-1', null, 'shelved_offloaded')).alarms(), CPU, two!);
    c.feed(serverNotice('vm-2', 'host-1', 'deleted', 'instance.delete.end'));
    same(c.alarms(), CPU);
    same(c.feed(server('vm-2', 'host-1')).alarms(), CPU, two!);
    same(c.feed(nagios('host-1', 'CPU', 'OK')).alarms());
    same(c.causes());
  });

  it('stay as they are when everything is polled again', () => {
    const c = new Cloud(SERVERS_SLOW).feed(...TOPOLOGY, nagios('host-1', 'CPU', 'WARNING'));
    const before = [c.alarms(), c.causes(), c.resources()];
    c.feed(...TOPOLOGY, nagios('host-1', 'CPU', 'WARNING'));
    expect([c.alarms(), c.causes(), c.resources()]).toEqual(before);
  });

  it('go with the host that connected them', () => {
    const c = new Cloud(SERVERS_SLOW).feed(...TOPOLOGY, nagios('host-1', 'CPU', 'WARNING'), gone(host('host-1')));
    same(c.alarms(), 'nagios/CPU WARNING/WARNING -');
    same(c.causes());
  });

  it('do not come from stubs, but as soon as these are seen', () => {
    const template = v3('hosts', ENTITIES, when('cpu [on] host', raise('host', 'hot')));
    const c = new Cloud(template).feed(server('vm-1', 'host-1'), nagios('host-1', 'CPU', 'WARNING'));
    same(c.alarms(), CPU);
    same(c.feed(host('host-1')).alarms(), CPU, 'vitrage/hot WARNING/WARNING nova.host:host-1');
  });

  it('come late for what comes late, and not for what late events only mention', () => {
    const c = new Cloud(SERVERS_SLOW).feed(
      ...HOSTS,
      nagios('host-1', 'CPU', 'WARNING'),
      late(server('vm-1', 'host-1')),
    );
    same(c.alarms(), CPU);
    same(c.feed(server('vm-1', 'host-1')).alarms(), CPU, 'vitrage/slow WARNING/WARNING nova.instance:vm-1');
  });

  it('have the highest severity asked for, which a word that means nothing never is', () => {
    const template = v3(
      'overlap',
      ENTITIES,
      when('cpu [on] host', raise('host', 'hot', 'error')),
      when('disk [on] host', raise('host', 'hot', 'WARNING')),
    );
    const c = new Cloud(template).feed(...HOSTS, nagios('host-1', 'CPU', 'WARNING'));
    same(c.alarms(), CPU, 'vitrage/hot ERROR/N/A nova.host:host-1');
    const disk = 'nagios/DISK WARNING/WARNING nova.host:host-1';
    c.feed(nagios('host-1', 'DISK', 'WARNING'));
    same(c.alarms(), CPU, disk, 'vitrage/hot WARNING/WARNING nova.host:host-1');
    same(c.feed(nagios('host-1', 'DISK', 'OK')).alarms(), CPU, 'vitrage/hot ERROR/N/A nova.host:host-1');
  });

  it('follow the severity that they are asked for by', () => {
    const entities = `
  bad: {category: ALARM, type: nagios, severity: CRITICAL}
  poor: {category: ALARM, type: zabbix, operational_severity: SEVERE}
  host: {category: RESOURCE, type: nova.host}`;
    const template = v3(
      'bad',
      entities,
      when('bad [on] host', raise('host', 'bad')),
      when('poor [on] host', raise('host', 'poor')),
    );
    const c = new Cloud(template).feed(...HOSTS, nagios('host-1', 'CPU', 'WARNING'), zabbix('host-1', 'z', '2', '1'));
    const zabbixAlarm = (word: string) => `zabbix/z ${word} nova.host:host-1`;
    same(c.alarms(), CPU, zabbixAlarm('WARNING/WARNING'));
    c.feed(nagios('host-1', 'CPU', 'CRITICAL'), zabbix('host-1', 'z', '3', '1'));
    same(
      c.alarms(),
      'nagios/CPU CRITICAL/CRITICAL nova.host:host-1',
      zabbixAlarm('AVERAGE/SEVERE'),
      'vitrage/bad WARNING/WARNING nova.host:host-1',
      'vitrage/poor WARNING/WARNING nova.host:host-1',
    );
    c.feed(nagios('host-1', 'CPU', 'WARNING'), zabbix('host-1', 'z', '5', '1'));
    same(c.alarms(), CPU, zabbixAlarm('DISASTER/CRITICAL'));
  });

  it('of two causes stand until both are gone, and are caused by each', () => {
    const template = v3(
      'two',
      ENTITIES,
      when('cpu [on] host', raise('host', 'hot', 'WARNING', ', causing_alarm: cpu')),
      when('disk [on] host', raise('host', 'hot', 'WARNING', ', causing_alarm: disk')),
      when('disk [on] host', raise('host', 'hot', 'WARNING', ', causing_alarm: disk')),
    );
    const c = new Cloud(template).feed(
      ...HOSTS,
      nagios('host-1', 'CPU', 'WARNING'),
      nagios('host-1', 'DISK', 'WARNING'),
    );
    const [disk, hot] = [
      'nagios/DISK WARNING/WARNING nova.host:host-1',
      'vitrage/hot WARNING/WARNING nova.host:host-1',
    ];
    same(c.alarms(), CPU, disk, hot);
    same(
      c.causes(),
      'nagios/CPU@nova.host:host-1 > vitrage/hot@nova.host:host-1',
      'nagios/DISK@nova.host:host-1 > vitrage/hot@nova.host:host-1',
    );
    same(c.feed(nagios('host-1', 'CPU', 'OK')).alarms(), disk, hot);
    same(c.causes(), 'nagios/DISK@nova.host:host-1 > vitrage/hot@nova.host:host-1');
    same(c.feed(nagios('host-1', 'DISK', 'OK')).alarms());
  });

  it('are raised for each place of an alarm that has several', () => {
    const entities = `
  alert: {category: ALARM, type: prometheus, name: Slow}
  server: {category: RESOURCE, type: nova.instance}`;
    const template = v3('alert', entities, when('alert [on] server', raise('server', 'slow', 'MINOR')));
    const c = new Cloud(template).feed(...TOPOLOGY, prometheus('Slow', { host_id: 'host-1' }, 'critical'));
    same(
      c.alarms(),
      ...['vm-1', 'vm-2'].flatMap((id) => [
        `prometheus/Slow CRITICAL/CRITICAL nova.instance:${id}`,
        `vitrage/slow MINOR/WARNING nova.instance:${id}`,
      ]),
    );
    same(c.feed(prometheus('Slow', { host_id: 'host-1' }, 'critical', 'resolved')).alarms());
  });

  it('make chains, which fall with their first link', () => {
    const further = v3(
      'further',
      ENTITIES,
      when('slow [on] server', raise('server', 'angry', 'CRITICAL', ', causing_alarm: slow')),
    );
    const c = new Cloud(SERVERS_SLOW, further).feed(
      ...HOSTS,
      server('vm-1', 'host-1'),
      nagios('host-1', 'CPU', 'WARNING'),
    );
    same(
      c.causes(),
      'nagios/CPU@nova.host:host-1 > vitrage/slow@nova.instance:vm-1',
      'vitrage/slow@nova.instance:vm-1 > vitrage/angry@nova.instance:vm-1',
    );
    same(c.feed(nagios('host-1', 'CPU', 'OK')).alarms());
  });
});

describe('states, marks and causes', () => {
  it('of two states the one with the higher priority holds, over that of the source too', () => {
    const template = v3(
      'states',
      ENTITIES,
      when('cpu [on] host', 'set_state: {target: host, state: SUBOPTIMAL}'),
      when('disk [on] host', 'set_state: {target: host, state: ERROR}'),
    );
    const c = new Cloud(template).feed(...HOSTS, nagios('host-1', 'DISK', 'WARNING'));
    const shown = () => c.resources('nova.host')[0];
    expect(shown()).toBe('nova.host:host-1 ERROR/ERROR');
    c.feed(nagios('host-1', 'CPU', 'WARNING'), nagios('host-1', 'DISK', 'OK'));
    expect(shown()).toBe('nova.host:host-1 SUBOPTIMAL/SUBOPTIMAL');
    c.feed(zone('zone-1', { 'host-1': false, 'host-2': true }));
    expect(shown()).toBe('nova.host:host-1 SUBOPTIMAL/SUBOPTIMAL');
    c.feed(nagios('host-1', 'CPU', 'OK'));
    expect(shown()).toBe('nova.host:host-1 UNAVAILABLE/N/A');
  });

  it('a state that means nothing changes nothing', () => {
    const template = v3('odd', ENTITIES, when('cpu [on] host', 'set_state: {target: host, state: SIDEWAYS}'));
    const c = new Cloud(template).feed(...HOSTS, nagios('host-1', 'CPU', 'WARNING'));
    expect(c.resources('nova.host')[0]).toBe('nova.host:host-1 AVAILABLE/OK');
    c.feed(host('host-3'), nagios('host-3', 'CPU', 'WARNING'));
    expect(c.resources('nova.host')[2]).toBe('nova.host:host-3 null/N/A');
  });

  it('a state of the source that is worse than the deduced one stays', () => {
    const template = v3(
      'mild',
      ENTITIES,
      when('cpu [on] host AND host [contains] server', 'set_state: {target: server, state: SUBOPTIMAL}'),
    );
    const c = new Cloud(template).feed(
      ...HOSTS,
      server('vm-1', 'host-1', 'SUSPENDED'),
      server('vm-2', 'host-1', 'SHUTOFF'),
    );
    c.feed(nagios('host-1', 'CPU', 'WARNING'));
    same(
      c.resources('nova.instance'),
      'nova.instance:vm-1 SUSPENDED/SUBOPTIMAL',
      'nova.instance:vm-2 SUBOPTIMAL/SUBOPTIMAL',
    );
    c.feed(serverNotice('vm-1', 'host-1', 'error'));
    expect(c.resources('nova.instance')[0]).toBe('nova.instance:vm-1 ERROR/ERROR');
  });

  it('a state can ask for the next one, by the name of its outcome', () => {
    const entities = `${ENTITIES}
  broken: {category: RESOURCE, type: nova.host, aggregated_state: ERROR}`;
    const template = v3(
      'next',
      entities,
      when('cpu [on] host', 'set_state: {target: host, state: ERROR}'),
      when('broken [contains] server', raise('server', 'lost', 'CRITICAL')),
    );
    const c = new Cloud(template).feed(...HOSTS, server('vm-1', 'host-1'), nagios('host-1', 'CPU', 'WARNING'));
    same(c.alarms(), CPU, 'vitrage/lost CRITICAL/CRITICAL nova.instance:vm-1');
    same(c.feed(nagios('host-1', 'CPU', 'OK')).alarms());
  });

  it('a mark stands while its fault does', () => {
    const entities = `
  fault: {category: ALARM, type: doctor, name: compute.host.down}
  host: {category: RESOURCE, type: nova.host}
  server: {category: RESOURCE, type: nova.instance}`;
    const template = v3(
      'down',
      entities,
      when('fault [on] host', 'mark_down: {target: host}'),
      when('fault [on] host AND host [contains] server', 'mark_down: {target: server}'),
    );
    const c = new Cloud(template).feed(...HOSTS, server('vm-1', 'host-1'), doctor('host-1', 'down'));
    same(
      c.resources('nova.host', 'nova.instance'),
      'nova.host:host-1 AVAILABLE/OK down',
      'nova.host:host-2 AVAILABLE/OK',
      'nova.instance:vm-1 ACTIVE/OK down',
    );
    c.feed(serverNotice('vm-1', 'host-2'));
    expect(c.resources('nova.instance')).toEqual(['nova.instance:vm-1 ACTIVE/OK']);
    c.feed(doctor('host-1', 'up'));
    expect(c.resources('nova.host')[0]).toBe('nova.host:host-1 AVAILABLE/OK');
  });

  it('a cause links alarms of the sources, and falls with either', () => {
    const template = v3(
      'cause',
      ENTITIES,
      when('cpu [on] host AND disk [on] host', 'add_causal_relationship: {source: cpu, target: disk}'),
    );
    const c = new Cloud(template).feed(
      ...HOSTS,
      nagios('host-1', 'CPU', 'WARNING'),
      nagios('host-2', 'DISK', 'WARNING'),
    );
    same(c.causes());
    c.feed(nagios('host-1', 'DISK', 'CRITICAL'));
    same(c.causes(), 'nagios/CPU@nova.host:host-1 > nagios/DISK@nova.host:host-1');
    same(c.feed(nagios('host-1', 'CPU', 'OK')).causes());
    c.feed(nagios('host-1', 'CPU', 'WARNING'));
    same(c.causes(), 'nagios/CPU@nova.host:host-1 > nagios/DISK@nova.host:host-1');
  });
});

describe('conditions', () => {
  it('with two things that must not be need both of them gone', () => {
    const template = v3(
      'none',
      ENTITIES,
      when('host [contains] server AND NOT cpu [on] host AND NOT disk [on] host', raise('host', 'calm')),
    );
    const c = new Cloud(template).feed(...HOSTS, server('vm-1', 'host-1'), server('vm-2', 'host-1'));
    const calm = 'vitrage/calm WARNING/WARNING nova.host:host-1';
    same(c.alarms(), calm);
    same(c.feed(nagios('host-1', 'CPU', 'WARNING')).alarms(), CPU);
    const disk = 'nagios/DISK WARNING/WARNING nova.host:host-1';
    same(c.feed(nagios('host-1', 'DISK', 'WARNING')).alarms(), CPU, disk);
    same(c.feed(nagios('host-1', 'CPU', 'OK')).alarms(), disk);
    same(c.feed(nagios('host-1', 'DISK', 'OK')).alarms(), calm);
    same(c.feed(gone(server('vm-1', 'host-1'))).alarms(), calm);
    same(c.feed(gone(server('vm-2', 'host-1'))).alarms());
  });

  it('with a thing that must not be hold where the thing is a stub, or its edge is gone', () => {
    const entities = `
  port: {category: RESOURCE, type: neutron.port}
  net: {category: RESOURCE, type: neutron.network}
  server: {category: RESOURCE, type: nova.instance}`;
    const template = v3(
      'stray',
      entities,
      when('port [attached] server AND NOT net [contains] port', raise('port', 'stray')),
    );
    const c = new Cloud(template).feed(server('vm-1', 'host-1'), port('port-1', 'net-1', 'vm-1'));
    const stray = 'vitrage/stray WARNING/WARNING neutron.port:port-1';
    same(c.alarms(), stray);
    same(c.feed(network('net-1')).alarms());
    same(c.feed(gone(network('net-1'))).alarms(), stray);
  });

  it('with OR share the entity that they act on', () => {
    const template = v3(
      'or',
      ENTITIES,
      when('host [contains] server AND (cpu [on] host OR disk [on] host)', raise('server', 'slow')),
    );
    const c = new Cloud(template).feed(
      ...HOSTS,
      server('vm-1', 'host-1'),
      nagios('host-1', 'CPU', 'WARNING'),
      nagios('host-1', 'DISK', 'WARNING'),
    );
    const [disk, slow] = [
      'nagios/DISK WARNING/WARNING nova.host:host-1',
      'vitrage/slow WARNING/WARNING nova.instance:vm-1',
    ];
    same(c.alarms(), CPU, disk, slow);
    same(c.feed(nagios('host-1', 'CPU', 'OK')).alarms(), disk, slow);
    same(c.feed(nagios('host-1', 'DISK', 'OK')).alarms());
  });

  it('never take one entity for two', () => {
    const entities = `
  one: {category: RESOURCE, type: nova.instance}
  other: {category: RESOURCE, type: nova.instance}
  volume: {category: RESOURCE, type: cinder.volume}`;
    const template = v3(
      'shared',
      entities,
      when('volume [attached] one AND volume [attached] other', raise('volume', 'shared')),
    );
    const c = new Cloud(template).feed(...TOPOLOGY, volume('vol-1', ['vm-1']));
    same(c.alarms());
    c.feed(volumeNotice('volume.attach.end', 'vol-1', ['vm-1', 'vm-2']));
    same(c.alarms(), 'vitrage/shared WARNING/WARNING cinder.volume:vol-1');
    same(c.feed(volume('vol-1', ['vm-2'])).alarms());
  });

  it('match regular expressions from the start, and never a property that is not there', () => {
    const entities = `
  cpu: {category: ALARM, name.regex: "CP.|cp."}
  raw: {category: ALARM, rawtext.regex: ".*"}
  host: {category: RESOURCE, type.regex: "nova\\\\.h"}`;
    const template = v3(
      'regex',
      entities,
      when('cpu [on] host', raise('host', 'hot')),
      when('raw [on] host', raise('host', 'raw')),
    );
    const c = new Cloud(template).feed(
      ...HOSTS,
      nagios('host-1', 'high CPU', 'WARNING'),
      nagios('host-2', 'CPU', 'WARNING'),
    );
    same(
      c.alarms(),
      'nagios/high CPU WARNING/WARNING nova.host:host-1',
      'nagios/CPU WARNING/WARNING nova.host:host-2',
      'vitrage/hot WARNING/WARNING nova.host:host-2',
    );
    c.feed(zabbix('host-1', 'cpu', '2', '1'));
    expect(c.alarms()).toContain('vitrage/hot WARNING/WARNING nova.host:host-1');
    expect(c.alarms()).toContain('vitrage/raw WARNING/WARNING nova.host:host-1');
  });

  it('may be broken into lines', () => {
    const template = SERVERS_SLOW.replace('AND host [contains]', '\n      AND host [contains]');
    const c = new Cloud(template).feed(...TOPOLOGY, nagios('host-2', 'CPU', 'WARNING'));
    expect(c.alarms()).toContain('vitrage/slow WARNING/WARNING nova.instance:vm-3');
  });
});

describe('older templates', () => {
  const v1 = (name: string, more: string) => `
metadata: {name: ${name}}
${more}
scenarios:
  - scenario:
      condition: on_host and contains
      actions:
        - action:
            action_type: raise_alarm
            properties: {alarm_name: CPU (high), severity: CRITICAL}
            action_target: {target: server}
        - action: {action_type: set_state, properties: {state: SUBOPTIMAL}, action_target: {target: host}}
`;
  const DEFINITIONS = `definitions:
  entities:
    - entity: {category: ALARM, type: nagios, name: CPU, template_id: cpu}
    - entity: {category: RESOURCE, type: nova.host, template_id: host}
    - entity: {category: RESOURCE, type: nova.instance, template_id: server}
  relationships:
    - relationship: {source: cpu, target: host, relationship_type: on, template_id: on_host}
    - relationship: {source: host, target: server, relationship_type: contains, template_id: contains}`;
  const EXPECTED = [
    'nagios/CPU WARNING/WARNING nova.host:host-2',
    'vitrage/CPU (high) CRITICAL/CRITICAL nova.instance:vm-3',
  ];

  it('need no version, and may write brackets in a name', () => {
    const c = new Cloud(v1('old', DEFINITIONS)).feed(...TOPOLOGY, nagios('host-2', 'CPU', 'WARNING'));
    same(c.alarms(), ...EXPECTED);
    same(c.resources('nova.host'), 'nova.host:host-1 AVAILABLE/OK', 'nova.host:host-2 SUBOPTIMAL/SUBOPTIMAL');
    same(c.feed(nagios('host-2', 'CPU', 'OK')).alarms());
  });

  it('include definitions', () => {
    const definitions = `metadata: {name: common, type: definition}\n${DEFINITIONS}\n`;
    const c = new Cloud(v1('old', 'includes: [{name: common}]'), definitions);
    same(c.feed(...TOPOLOGY, nagios('host-2', 'CPU', 'WARNING')).alarms(), ...EXPECTED);
  });

  it('know equivalent alarms, both ways', () => {
    const equivalence = `
metadata: {name: same, type: equivalence}
equivalences:
  - equivalence:
      - entity: {category: ALARM, type: nagios, name: CPU}
      - entity: {category: ALARM, type: zabbix, name: load}
`;
    const other = v1('other', DEFINITIONS.replace('type: nagios, name: CPU', 'type: zabbix, name: load')).replaceAll(
      'CPU (high)',
      'loaded',
    );
    const c = new Cloud(v1('old', DEFINITIONS), equivalence, other).feed(
      ...TOPOLOGY,
      zabbix('host-2', 'load', '2', '1'),
    );
    const raised = ['vitrage/CPU (high)', 'vitrage/loaded'].map(
      (name) => `${name} CRITICAL/CRITICAL nova.instance:vm-3`,
    );
    same(c.alarms(), 'zabbix/load WARNING/WARNING nova.host:host-2', ...raised);
    c.feed(zabbix('host-2', 'load', '2', '0'), nagios('host-2', 'CPU', 'WARNING'));
    same(c.alarms(), EXPECTED[0]!, ...raised);
    same(c.feed(nagios('host-2', 'CPU', 'OK')).alarms());
  });

  it('take parameters and functions from version 2 on', () => {
    const template = v1('two', DEFINITIONS)
      .replace('{name: two}', '{version: 2, name: two, type: standard}\nparameters: {severity: {default: MAJOR}}')
      .replace('severity: CRITICAL', 'severity: get_param(severity)')
      .replace('alarm_name: CPU (high)', 'alarm_name: "get_attr(cpu, name)"');
    const c = new Cloud(template).feed(...TOPOLOGY, nagios('host-2', 'CPU', 'WARNING'));
    same(c.alarms(), EXPECTED[0]!, 'vitrage/CPU MAJOR/SEVERE nova.instance:vm-3');
  });
});
