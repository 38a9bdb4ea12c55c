import {
  aodh,
  Cloud,
  collectd,
  doctor,
  fromFile,
  gone,
  host,
  kapacitor,
  late,
  type Lines,
  nagios,
  network,
  port,
  portNotice,
  prometheus,
  server,
  serverNotice,
  stack,
  stackNotice,
  volume,
  volumeNotice,
  zabbix,
  zone,
} from './driver';

/**
 * What Vitrage 9 comes to, foretold from its rules and not from our output: the graph that the
 * datasources alone lead to. Every line says what kind of event it feeds and what is left of it.
 */

const same = (actual: Lines, ...expected: string[]) => expect([...actual].sort()).toEqual(expected.sort());

const HOSTS = [zone('zone-1', { 'host-1': true, 'host-2': true }), host('host-1'), host('host-2')];
const FINE = ['nova.host:host-1 AVAILABLE/OK', 'nova.host:host-2 AVAILABLE/OK'];

describe('hosts and zones', () => {
  it('a host that no zone has told of has no state, and its zone is a stub', () => {
    same(new Cloud().feed(host('host-1')).resources(), 'nova.host:host-1 null/N/A', 'nova.zone:zone-1 null/N/A stub');
  });

  it('a zone makes its hosts and the cluster real', () => {
    const c = new Cloud().feed(zone('zone-1', { 'host-1': true, 'host-2': false }));
    same(c.resources('nova.host'), 'nova.host:host-1 AVAILABLE/OK', 'nova.host:host-2 UNAVAILABLE/N/A');
    same(c.resources('nova.zone'), 'nova.zone:zone-1 AVAILABLE/OK');
    same(c.resources('openstack.cluster'), 'openstack.cluster:OpenStack Cluster AVAILABLE/OK');
    c.feed(zone('zone-1', { 'host-1': false }, false));
    same(c.resources('nova.zone'), 'nova.zone:zone-1 UNAVAILABLE/N/A');
    same(c.resources('nova.host'), 'nova.host:host-1 UNAVAILABLE/N/A', 'nova.host:host-2 UNAVAILABLE/N/A');
  });

  it('a host keeps the state that its zone gave when its own poll tells none', () => {
    same(new Cloud().feed(...HOSTS, host('host-1')).resources('nova.host'), ...FINE);
  });

  it('a host that is deleted leaves its servers and its alarms, and comes back as a stub of theirs', () => {
    const c = new Cloud().feed(...HOSTS, server('vm-1', 'host-1'), nagios('host-1', 'CPU', 'WARNING'));
    c.feed(gone(host('host-1')));
    same(c.resources('nova.host', 'nova.instance'), FINE[1]!, 'nova.instance:vm-1 ACTIVE/OK');
    same(c.alarms(), 'nagios/CPU WARNING/WARNING -');
    c.feed(server('vm-1', 'host-1'));
    same(c.resources('nova.host'), FINE[1]!, 'nova.host:host-1 null/N/A stub');
    same(c.alarms(), 'nagios/CPU WARNING/WARNING -');
    c.feed(nagios('host-1', 'CPU', 'WARNING'), zone('zone-1', { 'host-1': true, 'host-2': true }));
    same(c.alarms(), 'nagios/CPU WARNING/WARNING nova.host:host-1');
    same(c.resources('nova.host'), ...FINE);
  });

  it('a zone that is deleted leaves its hosts and the cluster', () => {
    const c = new Cloud().feed(...HOSTS, gone(zone('zone-1', {})));
    same(c.resources(), ...FINE);
    same(c.resources('openstack.cluster'), 'openstack.cluster:OpenStack Cluster AVAILABLE/OK');
  });
});

describe('servers', () => {
  it('before their host make a stub of it, which the host fills', () => {
    const c = new Cloud().feed(server('vm-1', 'host-1', 'ACTIVE', 'init_snapshot'));
    same(c.resources(), 'nova.host:host-1 null/N/A stub', 'nova.instance:vm-1 ACTIVE/OK');
    c.feed(host('host-1', 'zone-1', 'init_snapshot'));
    same(c.resources('nova.host'), 'nova.host:host-1 null/N/A');
    same(c.feed(...HOSTS).resources('nova.host'), ...FINE);
  });

  it('that move take the stub that they leave with them, and no real host', () => {
    const c = new Cloud().feed(server('vm-1', 'host-9'), serverNotice('vm-1', 'host-8'));
    same(c.resources(), 'nova.host:host-8 null/N/A stub', 'nova.instance:vm-1 ACTIVE/OK');
    c.feed(...HOSTS, serverNotice('vm-1', 'host-1'), serverNotice('vm-1', 'host-2'));
    same(c.resources('nova.host'), ...FINE);
  });

  it('that are deleted take the stubs of theirs along', () => {
    const c = new Cloud().feed(server('vm-1', 'host-1'), server('vm-2', 'host-1'));
    c.feed(serverNotice('vm-1', 'host-1', 'deleted', 'instance.delete.end'));
    same(c.resources(), 'nova.host:host-1 null/N/A stub', 'nova.instance:vm-2 ACTIVE/OK');
    same(c.feed(serverNotice('vm-2', 'host-1', 'deleted', 'instance.delete.end')).resources());
  });

  it('can be deleted before they were ever seen, and made again', () => {
    const c = new Cloud().feed(...HOSTS, serverNotice('vm-1', 'host-1', 'deleted', 'instance.delete.end'));
    same(c.resources('nova.instance'));
    c.feed(serverNotice('vm-1', 'host-1', 'building', 'instance.create.end'));
    same(c.resources('nova.instance'), 'nova.instance:vm-1 BUILDING/TRANSIENT');
    c.feed(gone(server('vm-1', 'host-1')), server('vm-1', 'host-2'));
    same(c.resources('nova.instance'), 'nova.instance:vm-1 ACTIVE/OK');
  });

  it.each([
    ['active', 'ACTIVE/OK'],
    ['error', 'ERROR/ERROR'],
    ['stopped', 'STOPPED/SUBOPTIMAL'],
    ['paused', 'PAUSED/SUBOPTIMAL'],
    ['suspended', 'SUSPENDED/SUBOPTIMAL'],
    ['resized', 'RESIZED/SUBOPTIMAL'],
    ['building', 'BUILDING/TRANSIENT'],
    ['rescued', 'RESCUED/OK'],
    ['shelved', 'SHELVED/SUBOPTIMAL'],
    ['shelved_offloaded', 'SHELVED_OFFLOADED/DELETED'],
    ['soft-delete', 'SOFT-DELETE/N/A'],
    ['deleted', 'DELETED/DELETED'],
    ['levitating', 'LEVITATING/N/A'],
  ])('of vm_state %s are %s', (state, shown) => {
    const c = new Cloud().feed(...HOSTS, serverNotice('vm-1', 'host-1', state));
    same(c.resources('nova.instance'), `nova.instance:vm-1 ${shown}`);
  });

  it.each([
    ['ACTIVE', 'ACTIVE/OK'],
    ['SHUTOFF', 'SHUTOFF/N/A'],
    ['BUILD', 'BUILD/N/A'],
    ['VERIFY_RESIZE', 'VERIFY_RESIZE/N/A'],
    ['HARD_REBOOT', 'HARD_REBOOT/N/A'],
    ['SOFT_DELETED', 'SOFT_DELETED/DELETED'],
    ['Error', 'ERROR/ERROR'],
  ])('of REST status %s are %s, for Vitrage knows vm_states', (status, shown) => {
    const c = new Cloud().feed(...HOSTS, server('vm-1', 'host-1', status));
    same(c.resources('nova.instance'), `nova.instance:vm-1 ${shown}`);
  });
});

describe('events that come late', () => {
  it('change nothing of what is known', () => {
    const c = new Cloud().feed(...HOSTS, server('vm-1', 'host-1'));
    c.feed(late(serverNotice('vm-1', 'host-9', 'error')), late(gone(server('vm-1', 'host-1'))));
    same(c.resources('nova.instance', 'nova.host'), ...FINE, 'nova.instance:vm-1 ACTIVE/OK');
  });

  it('make what is not known, without an edge to neighbours that are newer', () => {
    const c = new Cloud().feed(...HOSTS, late(nagios('host-1', 'CPU', 'WARNING')));
    same(c.alarms(), 'nagios/CPU WARNING/WARNING -');
    c.feed(nagios('host-1', 'CPU', 'WARNING'));
    same(c.alarms(), 'nagios/CPU WARNING/WARNING nova.host:host-1');
    c.feed(late(prometheus('Load', { id: 'host-1' }, 'warning')));
    same(c.alarms(), 'nagios/CPU WARNING/WARNING nova.host:host-1', 'prometheus/Load WARNING/WARNING -');
  });

  it('neither change a severity nor clear an alarm', () => {
    const c = new Cloud().feed(...HOSTS, nagios('host-1', 'CPU', 'WARNING'));
    c.feed(late(nagios('host-1', 'CPU', 'CRITICAL')), late(nagios('host-1', 'CPU', 'OK')));
    same(c.alarms(), 'nagios/CPU WARNING/WARNING nova.host:host-1');
  });

  it('count when they are a first poll', () => {
    const c = new Cloud().feed(...HOSTS, server('vm-1', 'host-1'));
    c.feed(late(server('vm-1', 'host-1', 'ERROR', 'init_snapshot')));
    same(c.resources('nova.instance'), 'nova.instance:vm-1 ERROR/ERROR');
  });
});

describe('volumes', () => {
  const ATTACHED = `
metadata: {version: 3, name: attached, type: standard}
entities:
  volume: {type: cinder.volume}
  server: {type: nova.instance}
scenarios:
  - condition: volume [attached] server
    actions: [{raise_alarm: {target: volume, alarm_name: attached, severity: WARNING}}]
`;
  const RAISED = 'vitrage/attached WARNING/WARNING cinder.volume:vol-1';

  it('are attached by the end of an attachment, and let go by the start of a detachment', () => {
    const c = new Cloud(ATTACHED).feed(...HOSTS, server('vm-1', 'host-1'));
    c.feed(volumeNotice('volume.create.end', 'vol-1', [], 'available'));
    c.feed(volumeNotice('volume.attach.start', 'vol-1', [], 'attaching'));
    same(c.resources('cinder.volume'), 'cinder.volume:vol-1 ATTACHING/TRANSIENT');
    same(c.alarms());
    c.feed(volumeNotice('volume.attach.end', 'vol-1', ['vm-1']));
    same(c.alarms(), RAISED);
    // Vitrage aggregates nothing when it only updates relationships.
    same(c.resources('cinder.volume'), 'cinder.volume:vol-1 ATTACHING/TRANSIENT');
    c.feed(volumeNotice('volume.detach.start', 'vol-1', ['vm-1'], 'detaching'));
    same(c.alarms());
    c.feed(volumeNotice('volume.detach.end', 'vol-1', [], 'available'));
    same(c.alarms());
    same(c.resources('cinder.volume'), 'cinder.volume:vol-1 AVAILABLE/OK');
  });

  it('keep the edges of which an event says nothing, and change those that it replaces', () => {
    const c = new Cloud(ATTACHED).feed(...HOSTS, server('vm-1', 'host-1'), volume('vol-1', ['vm-1']));
    same(c.feed(volume('vol-1', [], 'error')).alarms(), RAISED);
    same(c.resources('cinder.volume'), 'cinder.volume:vol-1 ERROR/ERROR');
    same(c.feed(volume('vol-1', ['vm-2'])).alarms());
    same(c.resources('nova.instance'), 'nova.instance:vm-1 ACTIVE/OK', 'nova.instance:vm-2 null/N/A stub');
    c.feed(volumeNotice('volume.delete.end', 'vol-1', ['vm-2']));
    same(c.resources('nova.instance', 'cinder.volume'), 'nova.instance:vm-1 ACTIVE/OK');
  });

  it.each([
    ['error_extending', 'ERROR_EXTENDING/ERROR'],
    ['restoring-backup', 'RESTORING-BACKUP/TRANSIENT'],
    ['reserved', 'RESERVED/N/A'],
    ['extending', 'EXTENDING/N/A'],
  ])('that are %s are %s', (status, shown) => {
    same(new Cloud().feed(volume('vol-1', [], status)).resources(), `cinder.volume:vol-1 ${shown}`);
  });
});

describe('ports, networks and stacks', () => {
  it('a port makes stubs of its network and its server', () => {
    const c = new Cloud().feed(port('port-1', 'net-1', 'vm-1'));
    const [net, vm] = ['neutron.network:net-1 null/N/A stub', 'nova.instance:vm-1 null/N/A stub'];
    same(c.resources(), 'neutron.port:port-1 ACTIVE/OK', net, vm);
    c.feed(portNotice('port.update.end', 'port-1', 'net-1', 'vm-2', 'DOWN'));
    same(c.resources(), 'neutron.port:port-1 DOWN/ERROR', net, 'nova.instance:vm-2 null/N/A stub');
    same(c.feed(portNotice('port.delete.end', 'port-1', 'net-1', 'vm-2')).resources());
  });

  it.each([
    ['N/A', 'N/A/N/A'],
    ['BUILD', 'BUILD/TRANSIENT'],
    ['ERROR', 'ERROR/ERROR'],
  ])('a port in state %s is %s', (status, shown) => {
    const c = new Cloud().feed(port('port-1', 'net-1', 'vm-1', status));
    same(c.resources('neutron.port'), `neutron.port:port-1 ${shown}`);
  });

  it('a network that is deleted leaves its ports', () => {
    const c = new Cloud().feed(network('net-1'), port('port-1', 'net-1', 'vm-1'), gone(network('net-1')));
    same(c.resources(), 'neutron.port:port-1 ACTIVE/OK', 'nova.instance:vm-1 null/N/A stub');
  });

  it('a stack comprises what its last event lists, kind by kind', () => {
    const c = new Cloud().feed(stack('s', ['vm-1', 'vm-2', 'vol-1', 'net-1', 'port-1']));
    const [vm1, vol] = ['nova.instance:vm-1 null/N/A stub', 'cinder.volume:vol-1 null/N/A stub'];
    const others = ['neutron.network:net-1 null/N/A stub', 'neutron.port:port-1 null/N/A stub'];
    const complete = 'heat.stack:s CREATE_COMPLETE/OK';
    same(c.resources(), complete, vm1, vol, 'nova.instance:vm-2 null/N/A stub', ...others);
    c.feed(stackNotice('orchestration.stack.update.end', 's', ['vm-1'], 'UPDATE_FAILED'));
    same(c.resources(), 'heat.stack:s UPDATE_FAILED/ERROR', vm1, vol, ...others);
    same(c.feed(stackNotice('orchestration.stack.delete.end', 's', [], 'DELETE_COMPLETE')).resources());
  });

  it('a stack whose words Vitrage does not know means nothing, and one being deleted is gone', () => {
    const c = new Cloud().feed(stack('s', [], 'ROLLBACK_COMPLETE'));
    same(c.resources(), 'heat.stack:s ROLLBACK_COMPLETE/N/A');
    same(c.feed(stack('s', [], 'DELETE_IN_PROGRESS')).resources());
  });
});

describe('static entities', () => {
  const links = [
    ['attached', 'nova.host', 'host-1'],
    ['attached', 'nova.host', 'host-9'],
  ] as const;

  it('name entities of other datasources, which their own rows make real without a state', () => {
    const c = new Cloud().feed(...HOSTS, fromFile('switch', 'sw', links));
    same(c.resources('nova.host', 'switch'), ...FINE, 'nova.host:host-9 null/N/A stub', 'switch:sw AVAILABLE/OK');
    c.feed(fromFile('nova.host', 'host-9'), fromFile('nova.host', 'host-1', [], 'error'));
    same(c.resources('nova.host'), ...FINE, 'nova.host:host-9 null/N/A');
    c.feed(fromFile('switch', 'sw', links.slice(0, 1), 'error'));
    same(c.resources('nova.host', 'switch'), ...FINE, 'nova.host:host-9 null/N/A', 'switch:sw ERROR/ERROR');
  });

  it('of a type without a table have the default one, and can be deleted', () => {
    const c = new Cloud().feed(fromFile('router', 'r', [['feeds', 'rack', 'k']], 'active'));
    same(c.resources(), 'rack:k null/N/A stub', 'router:r ACTIVE/OK');
    same(c.feed(fromFile('router', 'r', [], 'on fire')).resources('router'), 'router:r ON FIRE/N/A');
    same(c.feed(gone(fromFile('router', 'r'))).resources());
  });
});

describe('alarms of Nagios and Zabbix', () => {
  it('on a host that is not known make a stub, which goes with them', () => {
    const c = new Cloud().feed(nagios('host-1', 'CPU', 'CRITICAL'));
    same(c.alarms(), 'nagios/CPU CRITICAL/CRITICAL nova.host:host-1');
    same(c.resources(), 'nova.host:host-1 null/N/A stub');
    same(c.feed(nagios('host-1', 'CPU', 'OK')).alarms());
    same(c.resources());
  });

  it('that were never raised are cleared without a trace', () => {
    const c = new Cloud().feed(nagios('host-1', 'CPU', 'OK'), zabbix('host-1', 'load', '4', '0'));
    same(c.alarms());
    same(c.resources());
  });

  it.each([
    ['WARNING', 'WARNING/WARNING'],
    ['DOWN', 'DOWN/CRITICAL'],
    ['UNKNOWN', 'UNKNOWN/N/A'],
    ['UNREACHABLE', 'UNREACHABLE/N/A'],
    ['PENDING', 'PENDING/N/A'],
    ['UP', 'UP/OK'],
  ])('of status %s are %s', (status, shown) => {
    const c = new Cloud().feed(fromFile('switch', 'sw'), nagios('sw', 'Fan', status, 'switch'));
    same(c.alarms(), `nagios/Fan ${shown} switch:sw`);
  });

  it('that get worse stay one alarm', () => {
    const c = new Cloud().feed(...HOSTS, nagios('host-1', 'CPU', 'WARNING'), nagios('host-1', 'CPU', 'CRITICAL'));
    same(c.alarms(), 'nagios/CPU CRITICAL/CRITICAL nova.host:host-1');
    same(
      c.feed(nagios('host-1', 'CPU', 'OK'), nagios('host-1', 'CPU', 'WARNING')).alarms(),
      'nagios/CPU WARNING/WARNING nova.host:host-1',
    );
  });

  it('whose row no longer comes are gone', () => {
    const c = new Cloud().feed(...HOSTS, nagios('host-1', 'CPU', 'WARNING'), gone(nagios('host-1', 'CPU', 'WARNING')));
    same(c.alarms());
  });

  it('of Zabbix have a word for each priority, and call the host by its name', () => {
    const words = ['NOT CLASSIFIED/N/A', 'INFORMATION/OK', 'WARNING/WARNING', 'AVERAGE/SEVERE', 'HIGH/CRITICAL'];
    const c = new Cloud().feed(...HOSTS);
    [...words, 'DISASTER/CRITICAL'].forEach((word, priority) => {
      c.feed(zabbix('host-1', 'z-77: load', String(priority), '1', 'z-77'));
      same(c.alarms(), `zabbix/host-1: load ${word} nova.host:host-1`);
    });
    same(c.feed(zabbix('host-1', 'z-77: load', '5', '0', 'z-77')).alarms());
  });
});

describe('alarms of the others', () => {
  it('of Doctor are critical unless they say, and one for each type', () => {
    const c = new Cloud().feed(...HOSTS, doctor('host-1', 'down'), doctor('host-1', 'down', 'warning', 'nic.down'));
    const down = 'doctor/compute.host.down CRITICAL/CRITICAL nova.host:host-1';
    same(c.alarms(), down, 'doctor/nic.down WARNING/N/A nova.host:host-1');
    same(c.feed(doctor('host-1', 'up', 'warning', 'nic.down')).alarms(), down);
    same(c.feed(doctor('host-1', 'up')).alarms());
  });

  it('of Prometheus are on whatever has the properties, and on nothing where nothing has', () => {
    const servers = [server('vm-1', 'host-1'), server('vm-2', 'host-1')];
    const c = new Cloud().feed(...HOSTS, ...servers, prometheus('Slow', { host_id: 'host-1' }, 'page'));
    same(c.alarms(), 'prometheus/Slow PAGE/N/A nova.instance:vm-1', 'prometheus/Slow PAGE/N/A nova.instance:vm-2');
    c.feed(prometheus('Slow', { host_id: 'host-1' }, 'page', 'resolved'), prometheus('Lost', { id: 'nobody' }));
    same(c.alarms(), 'prometheus/Lost null/N/A -');
    c.feed(prometheus('Lost', { id: 'nobody' }, undefined, 'resolved'));
    same(c.alarms());
    c.feed(prometheus('Unmapped', null, 'warning'), prometheus('Unmapped', null, 'critical'));
    same(c.alarms(), 'prometheus/Unmapped CRITICAL/CRITICAL -');
  });

  it('of Aodh hold in the state alarm alone, on whatever has the id', () => {
    const c = new Cloud().feed(...HOSTS, server('vm-1', 'host-1'), aodh('a', 'vm-1', 'alarm', 'moderate'));
    same(c.alarms(), 'aodh/a MODERATE/SEVERE nova.instance:vm-1');
    same(c.feed(aodh('a', 'vm-1', 'insufficient data', 'low')).alarms());
    c.feed(aodh('a', 'vm-1', 'alarm', 'low', 'alarm.creation'), aodh('b', 'vm-2', 'alarm'));
    same(c.alarms(), 'aodh/a LOW/WARNING nova.instance:vm-1', 'aodh/b CRITICAL/CRITICAL -');
    c.feed(server('vm-2', 'host-1'), aodh('b', 'vm-2', 'alarm', 'critical', 'alarm.rule_change'));
    c.feed(aodh('a', 'vm-1', 'alarm', 'low', 'alarm.deletion'));
    same(c.alarms(), 'aodh/b CRITICAL/CRITICAL nova.instance:vm-2');
    same(c.feed(aodh('b', 'vm-2', 'ok')).alarms());
  });

  it('of collectd are on the name and type, and keep what they are when the message changes', () => {
    const c = new Cloud().feed(...HOSTS, collectd('host-1', 'nova.host', 'cpu is hot', 'WARNING'));
    same(c.alarms(), 'collectd/cpu is hot WARNING/WARNING nova.host:host-1');
    c.feed(collectd('host-1', 'nova.host', 'cpu is on fire', 'FAILURE'));
    same(c.alarms(), 'collectd/cpu is on fire FAILURE/CRITICAL nova.host:host-1');
    c.feed(collectd('host-1', 'nova.instance', 'cpu is cool', 'OK'), collectd('host-9', 'nova.host', 'm', 'ERROR'));
    same(c.alarms(), 'collectd/m ERROR/N/A -');
  });

  it.each([
    ['CRITICAL', 'CRITICAL/CRITICAL'],
    ['WARNING', 'WARNING/WARNING'],
    ['INFO', 'INFO/WARNING'],
  ])('of Kapacitor with priority %s are %s', (priority, shown) => {
    const c = new Cloud().feed(...HOSTS, server('vm-1', 'host-1'), kapacitor('vm-1', 'nova.instance', 'm', priority));
    same(c.alarms(), `kapacitor/m ${shown} nova.instance:vm-1`);
    same(c.feed(kapacitor('vm-1', 'nova.instance', 'm', 'OK')).alarms());
  });

  it('stay without a place when their server is deleted, until they are cleared', () => {
    const c = new Cloud().feed(...HOSTS, server('vm-1', 'host-1'), aodh('a', 'vm-1', 'alarm'));
    c.feed(serverNotice('vm-1', 'host-1', 'deleted', 'instance.delete.end'));
    same(c.alarms(), 'aodh/a CRITICAL/CRITICAL -');
    same(c.feed(aodh('a', 'vm-1', 'ok')).alarms());
  });
});
