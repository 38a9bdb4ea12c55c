import { eventEntries, fromRestAnswer, pollEntries } from '@wherefore/datasources';
import { ENTRY_VERSION, type JsonObject, type NewEntry, RowDigest, rowHash } from '@wherefore/model';

const START_MS = Date.UTC(2026, 0, 1);
const SERVERS_PER_HOST = 25;
const HOSTS_PER_ZONE = 48;
const POLL_EVERY_MS = 600_000;
/** So long one poll takes, and then the next one begins. */
const POLL_TAKES_MS = 10_000;
/** Of 1,000 servers so many change between two polls, and some six messages tell of each. */
const CHANGES_PER_MILLE = 5;
const STATUSES = ['ACTIVE', 'SHUTOFF', 'PAUSED', 'ACTIVE', 'ERROR'] as const;

type Row = JsonObject & { readonly id?: string; readonly host?: string; readonly zoneName?: string };

/**
 * A cloud in the proportions of a recorded one: to each server a port, to every other one a volume, 25 servers on
 * a host. Everything is polled every ten minutes and hardly anything changed since; volumes are told by a driver that
 * sends `seen` for what is unchanged, all else by one that sends every row again. In between, each change of a server
 * is told by notifications in both formats, updates without a change among them, by ports and by volumes.
 */
export class RealCloud {
  readonly entities: number;
  private readonly servers: Row[];
  private readonly ports: Row[];
  private readonly volumes: Row[];
  private readonly networks: Row[];
  private readonly hosts: Row[];
  private readonly zones: Row[];
  private readonly told = new Map<string, string>();
  private nowMs: number;
  private messages = 0;
  private seed = 1;

  /** Its first poll is at `startMs`, Unix time in milliseconds. */
  constructor(
    serverCount: number,
    private readonly startMs = START_MS,
  ) {
    this.nowMs = startMs;
    const hostCount = Math.ceil(serverCount / SERVERS_PER_HOST);
    const zoneCount = Math.ceil(hostCount / HOSTS_PER_ZONE);
    this.servers = list(serverCount, (i) => serverRow(i, 'ACTIVE', startMs));
    this.ports = list(serverCount, portRow);
    this.volumes = list(Math.floor(serverCount / 2), volumeRow);
    this.networks = list(hostCount, networkRow);
    this.hosts = list(hostCount, hostRow);
    this.zones = list(zoneCount, (zone) => zoneRow(zone, hostCount));
    const parts = [this.servers, this.ports, this.volumes, this.networks, this.hosts, this.zones];
    // A row of a host tells of its service, too, which is an entity of its own.
    this.entities = parts.reduce((sum, { length }) => sum + length, hostCount);
  }

  /** Log time of the entries given last. */
  get atMs(): number {
    return this.nowMs;
  }

  /** The id of the host, and of the servers on it. */
  hostName(host: number): string {
    return hostName(host);
  }

  /** What the log says of the next ten minutes: everything polled once, then notifications, a tick a second. */
  nextTenMinutes(): NewEntry[] {
    const endMs = this.nowMs + POLL_EVERY_MS;
    const entries = [
      ...this.poll('nova-availability-zones', { availabilityZoneInfo: this.zones }),
      ...this.poll('nova-services', { services: this.hosts }),
      ...this.poll('nova-servers', { servers: this.servers }),
      ...this.poll('neutron-networks', { networks: this.networks }),
      ...this.poll('neutron-ports', { ports: this.ports }),
      ...this.seenPoll(),
    ];
    const changes = Math.ceil((this.servers.length * CHANGES_PER_MILLE) / 1000);
    const apartMs = Math.floor((endMs - this.nowMs) / (changes + 1));
    for (let change = 0; change < changes; change++) {
      this.nowMs += apartMs;
      entries.push(...this.changeOfServer(this.chance(this.servers.length)), this.tick());
    }
    this.nowMs = endMs;
    entries.push(this.tick());
    return entries;
  }

  /** An alarm of a monitoring system on a host. */
  hostAlarm(host: number, name: string, status: string): NewEntry {
    this.nowMs += 1000;
    return this.event({
      vitrage_entity_type: 'nagios',
      vitrage_datasource_action: 'update',
      vitrage_sample_date: this.date(),
      resource_type: 'nova.host',
      resource_name: hostName(host),
      service: name,
      status,
      last_check: this.date(),
      status_info: status,
    });
  }

  private poll(name: string, body: JsonObject): NewEntry[] {
    const read = fromRestAnswer(name, body, this.date());
    if ('code' in read) throw new Error(read.message);
    const entries = read.polls.flatMap((rows) => pollEntries(rows, this.pollId(rows.datasource), this.nowMs));
    this.nowMs += POLL_TAKES_MS;
    return entries;
  }

  /** As a driver polls that remembers what it sent: an unchanged row is a `seen`. */
  private seenPoll(): NewEntry[] {
    const read = fromRestAnswer('cinder-volumes', { volumes: this.volumes }, this.date());
    if ('code' in read) throw new Error(read.message);
    const [{ datasource, rows }] = read.polls as [(typeof read.polls)[0]];
    const pollId = this.pollId(datasource);
    const base = { version: ENTRY_VERSION, source: datasource, ingestedAtMs: this.nowMs, datasource, pollId } as const;
    const digest = new RowDigest();
    const told = rows.map(({ key, event }): NewEntry => {
      const id = `${pollId}/${key}`;
      digest.add(id);
      const hash = rowHash(event);
      if (this.told.get(key) === hash) return { ...base, kind: 'seen', id, key, rowHash: hash };
      this.told.set(key, hash);
      return { kind: 'event', id, version: 1, source: datasource, ingestedAtMs: this.nowMs, event, pollId };
    });
    const { rowCount } = digest;
    return [
      { ...base, kind: 'poll-started', id: `${pollId}/started` },
      ...told,
      { ...base, kind: 'poll-completed', id: `${pollId}/completed`, rowCount, rowDigest: digest.toString() },
    ];
  }

  /** A server changes its status: six messages of Nova, one each of Neutron and Cinder that change nothing. */
  private changeOfServer(at: number): NewEntry[] {
    const before = this.servers[at]!;
    const choices = STATUSES.filter((status) => status !== before['status']);
    const status = choices[this.chance(choices.length)]!;
    this.servers[at] = serverRow(at, status, this.nowMs);
    const legacy = (type: string, row: Row): NewEntry => this.event(legacyNotice(type, row, this.date()));
    const versioned = (type: string, row: Row): NewEntry => this.event(versionedNotice(type, row, this.date()));
    const after = this.servers[at];
    const port = { ...this.ports[at]!, vitrage_event_type: 'port.update.end', ...this.frame('neutron.port') };
    return [
      legacy('compute.instance.update', before),
      versioned('instance.update', before),
      legacy('compute.instance.power_off.start', before),
      versioned('instance.power_off.start', before),
      legacy('compute.instance.update', after),
      versioned('instance.update', after),
      this.event(port),
    ];
  }

  private frame(datasource: string): JsonObject {
    return {
      vitrage_entity_type: datasource,
      vitrage_datasource_action: 'update',
      vitrage_sample_date: this.date(),
    };
  }

  private event(event: JsonObject): NewEntry {
    this.messages += 1;
    return eventEntries({ id: uuid(this.messages, 'message'), events: [event] }, this.nowMs)[0]!;
  }

  private tick(): NewEntry {
    this.messages += 1;
    const id = `tick-${this.messages}`;
    return { kind: 'tick', id, version: ENTRY_VERSION, source: 'leader', ingestedAtMs: this.nowMs, atMs: this.nowMs };
  }

  private pollId(datasource: string): string {
    return `${datasource}/${(this.nowMs - this.startMs) / 1000}`;
  }

  private date(): string {
    return new Date(this.nowMs).toISOString();
  }

  private chance(below: number): number {
    this.seed = (Math.imul(this.seed, 1_664_525) + 1_013_904_223) | 0;
    return Math.floor(((this.seed >>> 0) / 2 ** 32) * below);
  }
}

function list<T>(count: number, make: (place: number) => T): T[] {
  return Array.from({ length: count }, (_, place) => make(place));
}

function uuid(number: number, kind: string): string {
  const digest = rowHash({ kind, number });
  return `${number.toString(16).padStart(8, '0')}-${digest.slice(0, 4)}-4${digest.slice(4, 7)}-8${digest.slice(7, 10)}-${digest.slice(4)}`;
}

function hostName(host: number): string {
  return `compute-${host.toString().padStart(5, '0')}`;
}

function tenant(place: number): string {
  return `${(place % 64).toString(16).padStart(4, '0')}84b3cdbcfd42a9b902bcc2aa460f`;
}

function serverRow(server: number, status: string, updatedMs: number): Row {
  return {
    id: uuid(server, 'server'),
    name: `vm-${server}`,
    status,
    tenant_id: tenant(server),
    updated: `${new Date(updatedMs).toISOString().slice(0, 19)}Z`,
    'OS-EXT-SRV-ATTR:host': hostName(Math.floor(server / SERVERS_PER_HOST)),
    'OS-EXT-SRV-ATTR:instance_name': `instance-${server.toString(16).padStart(8, '0')}`,
  };
}

function portRow(port: number): Row {
  return {
    id: uuid(port, 'port'),
    name: '',
    status: 'ACTIVE',
    tenant_id: tenant(port),
    network_id: uuid(Math.floor(port / SERVERS_PER_HOST), 'network'),
    device_id: uuid(port, 'server'),
    device_owner: 'compute:az-1',
    'binding:host_id': hostName(Math.floor(port / SERVERS_PER_HOST)),
    updated_at: '2025-12-31T23:57:25Z',
    fixed_ips: [{ ip_address: `10.${port >> 16}.${(port >> 8) & 255}.${port & 255}` }],
  };
}

function volumeRow(volume: number): Row {
  return {
    id: uuid(volume, 'volume'),
    name: `volume-${volume}`,
    status: 'in-use',
    size: 8,
    volume_type: 'ceph-a',
    created_at: '2025-12-31T23:57:56.000000',
    updated_at: '2025-12-31T23:57:57.000000',
    'os-vol-tenant-attr:tenant_id': tenant(volume),
    attachments: [{ server_id: uuid(volume * 2, 'server') }],
  };
}

function networkRow(network: number): Row {
  return {
    id: uuid(network, 'network'),
    name: `net-${network}`,
    status: 'ACTIVE',
    tenant_id: tenant(network),
    updated_at: '2025-12-31T23:56:36Z',
  };
}

function hostRow(host: number): Row {
  return {
    host: hostName(host),
    zone: `az-${Math.floor(host / HOSTS_PER_ZONE)}`,
    binary: 'nova-compute',
    status: 'enabled',
    state: 'up',
    disabled_reason: null,
    forced_down: false,
  };
}

function zoneRow(zone: number, hostCount: number): Row {
  const members = list(Math.min(HOSTS_PER_ZONE, hostCount - zone * HOSTS_PER_ZONE), (i) =>
    hostName(zone * HOSTS_PER_ZONE + i),
  );
  const alive = { 'nova-compute': { available: true, active: true } };
  return {
    zoneName: `az-${zone}`,
    zoneState: { available: true },
    hosts: Object.fromEntries(members.map((host) => [host, alive])),
  };
}

function legacyNotice(type: string, server: Row, at: string): JsonObject {
  return {
    vitrage_entity_type: 'nova.instance',
    vitrage_datasource_action: 'update',
    vitrage_sample_date: at,
    vitrage_event_type: type,
    instance_id: server.id!,
    name: server['name']!,
    hostname: server['name']!,
    host: server['OS-EXT-SRV-ATTR:host']!,
    status: server['status']!,
    tenant_id: server['tenant_id']!,
  };
}

function versionedNotice(type: string, server: Row, at: string): JsonObject {
  return {
    vitrage_entity_type: 'nova.instance',
    vitrage_datasource_action: 'update',
    vitrage_sample_date: at,
    vitrage_event_type: type,
    'nova_object.data': {
      uuid: server.id!,
      name: server['name']!,
      host_name: server['name']!,
      host: server['OS-EXT-SRV-ATTR:host']!,
      status: server['status']!,
      tenant_id: server['tenant_id']!,
      updated_at: server['updated']!,
    },
  };
}
