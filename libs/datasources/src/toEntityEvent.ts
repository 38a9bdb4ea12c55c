import { type EntityEvent, type GraphAction, type JsonObject, type Rejection, isJsonObject } from '@wherefore/model';
import { AODH, convertAodh } from './alarms/aodh';
import { COLLECTD, convertCollectd, convertKapacitor, KAPACITOR } from './alarms/agents';
import { convertDoctor, DOCTOR } from './alarms/doctor';
import { convertMonasca, MONASCA } from './alarms/monasca';
import { convertNagios, convertZabbix, NAGIOS, ZABBIX } from './alarms/monitors';
import { convertPrometheus, PROMETHEUS } from './alarms/prometheus';
import { CINDER_BACKEND, CINDER_POOL, convertBackend, convertPool } from './cinder/backend';
import { CINDER_SERVICE, convertStorageService } from './cinder/service';
import { CINDER_SNAPSHOT, convertSnapshot } from './cinder/snapshot';
import { CINDER_VOLUME, convertVolume } from './cinder/volume';
import { CETUS_CLUSTER, CETUS_POD, convertCetusCluster, convertCetusPod } from './containers/cetus';
import { convertKubernetes, KUBERNETES } from './containers/kubernetes';
import { convertImage, GLANCE_IMAGE } from './glance/image';
import { convertStack, HEAT_STACK } from './heat/stack';
import { convertTmf639, TMFAPI639 } from './inventory/tmf639';
import {
  convertDomain,
  convertProject,
  convertUser,
  KEYSTONE_DOMAIN,
  KEYSTONE_PROJECT,
  KEYSTONE_USER,
} from './keystone/identity';
import { convertAgent, NEUTRON_AGENT } from './neutron/agent';
import { convertFloatingIp, NEUTRON_FLOATING_IP } from './neutron/floatingIp';
import { convertNetwork, NEUTRON_NETWORK } from './neutron/network';
import { convertPort, NEUTRON_PORT } from './neutron/port';
import { convertRouter, NEUTRON_ROUTER } from './neutron/router';
import { convertRouterInterface, NEUTRON_ROUTER_INTERFACE } from './neutron/routerInterface';
import { convertSubnet, NEUTRON_SUBNET } from './neutron/subnet';
import { convertAggregate, NOVA_AGGREGATE } from './nova/aggregate';
import { convertHost, NOVA_HOST, NOVA_ZONE } from './nova/host';
import { convertHypervisor, NOVA_HYPERVISOR } from './nova/hypervisor';
import { convertInstance, NOVA_INSTANCE } from './nova/instance';
import { convertMigration, NOVA_MIGRATION } from './nova/migration';
import { convertService, NOVA_SERVICE } from './nova/service';
import { convertZone } from './nova/zone';
import { type Converter, readAction, type Sample } from './reading/entity';
import { impossibleTime, kindOf, malformed, shown } from './reading/properties';
import { normaliseTimestamp } from './reading/timestamp';
import { STATIC, staticConverter } from './static/staticEntity';
import { convertTroveCluster, convertTroveInstance, TROVE_CLUSTER, TROVE_INSTANCE } from './trove/trove';

/** What is known of a datasource. */
export interface DatasourceFacts {
  /** As in `vitrage_entity_type`; the type of its entities too, except for `static`. */
  readonly name: string;
  readonly category: 'RESOURCE' | 'ALARM';
  /** Whether an entity is gone when a complete poll of its datasource no longer contains it. */
  readonly deletesOutdated: boolean;
  /** Whether its entities are alarms: `category` as a flag. */
  readonly alarm: boolean;
}

/** Every datasource that `toEntityEvent` knows, by name in code-unit order. */
export const DATASOURCES: readonly DatasourceFacts[] = Object.freeze([
  alarms(AODH),
  resources(CETUS_CLUSTER),
  resources(CETUS_POD),
  resources(CINDER_BACKEND),
  resources(CINDER_POOL),
  resources(CINDER_SERVICE),
  resources(CINDER_SNAPSHOT),
  resources(CINDER_VOLUME),
  alarms(COLLECTD),
  alarms(DOCTOR, false), // A monitor reports faults one by one; nothing polls it.
  resources(GLANCE_IMAGE),
  resources(HEAT_STACK),
  alarms(KAPACITOR),
  resources(KEYSTONE_DOMAIN),
  resources(KEYSTONE_PROJECT),
  resources(KEYSTONE_USER),
  resources(KUBERNETES, false), // A driver tells of one cluster, and Vitrage never misses any.
  alarms(MONASCA),
  alarms(NAGIOS),
  resources(NEUTRON_AGENT),
  resources(NEUTRON_FLOATING_IP),
  resources(NEUTRON_NETWORK),
  resources(NEUTRON_PORT),
  resources(NEUTRON_ROUTER),
  resources(NEUTRON_ROUTER_INTERFACE),
  resources(NEUTRON_SUBNET),
  resources(NOVA_AGGREGATE),
  resources(NOVA_HOST),
  resources(NOVA_HYPERVISOR),
  resources(NOVA_INSTANCE),
  resources(NOVA_MIGRATION),
  resources(NOVA_SERVICE),
  resources(NOVA_ZONE, false), // As in Vitrage: a zone stays until it is deleted.
  alarms(PROMETHEUS),
  resources(STATIC),
  resources(TMFAPI639, false), // Updates may come from another endpoint than snapshots: absence tells nothing.
  resources(TROVE_CLUSTER),
  resources(TROVE_INSTANCE),
  alarms(ZABBIX),
]);

const OWNED_TYPES: ReadonlySet<string> = new Set([
  ...DATASOURCES.filter((facts) => facts.name !== STATIC).map((facts) => facts.name),
  'openstack.cluster',
]);

const CONVERTERS: ReadonlyMap<unknown, Converter> = new Map<unknown, Converter>([
  [AODH, convertAodh],
  [CETUS_CLUSTER, convertCetusCluster],
  [CETUS_POD, convertCetusPod],
  [CINDER_BACKEND, convertBackend],
  [CINDER_POOL, convertPool],
  [CINDER_SERVICE, convertStorageService],
  [CINDER_SNAPSHOT, convertSnapshot],
  [CINDER_VOLUME, convertVolume],
  [COLLECTD, convertCollectd],
  [DOCTOR, convertDoctor],
  [GLANCE_IMAGE, convertImage],
  [HEAT_STACK, convertStack],
  [KAPACITOR, convertKapacitor],
  [KEYSTONE_DOMAIN, convertDomain],
  [KEYSTONE_PROJECT, convertProject],
  [KEYSTONE_USER, convertUser],
  [KUBERNETES, convertKubernetes],
  [MONASCA, convertMonasca],
  [NAGIOS, convertNagios],
  [NEUTRON_AGENT, convertAgent],
  [NEUTRON_FLOATING_IP, convertFloatingIp],
  [NEUTRON_NETWORK, convertNetwork],
  [NEUTRON_PORT, convertPort],
  [NEUTRON_ROUTER, convertRouter],
  [NEUTRON_ROUTER_INTERFACE, convertRouterInterface],
  [NEUTRON_SUBNET, convertSubnet],
  [NOVA_AGGREGATE, convertAggregate],
  [NOVA_HOST, convertHost],
  [NOVA_HYPERVISOR, convertHypervisor],
  [NOVA_INSTANCE, convertInstance],
  [NOVA_MIGRATION, convertMigration],
  [NOVA_SERVICE, convertService],
  [NOVA_ZONE, convertZone],
  [PROMETHEUS, convertPrometheus],
  [STATIC, staticConverter((type) => OWNED_TYPES.has(type))],
  [TMFAPI639, convertTmf639],
  [TROVE_CLUSTER, convertTroveCluster],
  [TROVE_INSTANCE, convertTroveInstance],
  [ZABBIX, convertZabbix],
]);

/**
 * What a driver-shaped event means for the graph.
 *
 * Total: whatever JSON it is given, it answers, and never throws. Rejections: `unknown-datasource` (no
 * such `vitrage_entity_type`), `malformed-event` (a field of the wrong shape, named in `where`),
 * `missing-id` (it names no entity), `impossible-timestamp` (`vitrage_sample_date` is no time).
 * The answer shares no object with the event but values of its properties. O(fields that it reads).
 */
export function toEntityEvent(event: JsonObject): EntityEvent | Rejection {
  return readRow(event).meaning;
}

/** What a row means, and whether it means the same whenever it is told. */
export interface RowMeaning {
  readonly meaning: EntityEvent | Rejection;
  /** Nothing in it depends on when the sample was taken, but for `sampleTimestamp`, and what `isStamped` tells. */
  readonly isTimeless: boolean;
  /** The property `update_timestamp` is the time of the sample, whenever that is. */
  readonly isStamped: boolean;
}

let lastType: unknown = undefined;
let lastConverter: Converter | undefined = undefined;

/** Events of one type follow each other, each with a text of its own for it, which a look-up would have to hash. */
function converterOf(type: unknown): Converter | undefined {
  if (type === lastType) return lastConverter;
  lastType = type;
  return (lastConverter = CONVERTERS.get(type));
}

/** The same, for rows that come again and again. */
export function readRow(event: JsonObject): RowMeaning {
  const convert = isJsonObject(event) ? converterOf(event['vitrage_entity_type']) : undefined;
  if (convert === undefined) return { meaning: unconvertible(event), isTimeless: true, isStamped: false };
  const action = readAction(event);
  if (action === undefined) {
    const field = 'vitrage_datasource_action';
    const message = `${field} is neither init_snapshot, snapshot nor update.`;
    return { meaning: malformed(field, message), isTimeless: true, isStamped: false };
  }
  const timestamp = normaliseTimestamp(event['vitrage_sample_date']);
  if (timestamp === undefined)
    return {
      meaning: impossibleTime('vitrage_sample_date', event['vitrage_sample_date'], 'YYYY-MM-DDTHH:MM:SSZ'),
      isTimeless: false,
      isStamped: false,
    };
  const sample = new TimedSample(event, action, timestamp);
  const meaning = convert(sample);
  if ('code' in meaning) return { meaning, isTimeless: false, isStamped: false };
  const isStamped = sample.isStampAsked;
  const isTimeless =
    sample.timesAsked === 1 &&
    meaning.sampleTimestamp === timestamp &&
    (!isStamped || meaning.entity.properties['update_timestamp'] === timestamp);
  return { meaning, isTimeless, isStamped };
}

/**
 * Knows how often it was asked for its time: once is for the event's own `sampleTimestamp`. Converters learn the time
 * from nowhere else.
 */
class TimedSample implements Sample {
  timesAsked = 0;
  isStampAsked = false;

  constructor(
    readonly event: JsonObject,
    readonly action: GraphAction,
    private readonly taken: string,
  ) {}

  get timestamp(): string {
    this.timesAsked += 1;
    return this.taken;
  }

  get updateTimestamp(): string {
    this.isStampAsked = true;
    return this.taken;
  }
}

function unconvertible(event: JsonObject): Rejection {
  if (!isJsonObject(event)) return malformed('event', `The event is ${kindOf(event)}, not an object.`);
  return unknownDatasource(event);
}

function unknownDatasource(event: JsonObject): Rejection {
  const type = event['vitrage_entity_type'];
  return {
    code: 'unknown-datasource',
    message: `vitrage_entity_type is ${shown(type)}, which is no datasource.`,
    where: 'vitrage_entity_type',
    // Without the list of them: rejections are part of what a log comes to, and the list grows.
    hint: 'It is a name like nova.instance or zabbix: libs/datasources/README.md lists them.',
  };
}

function resources(name: string, deletesOutdated = true): DatasourceFacts {
  return { name, category: 'RESOURCE', deletesOutdated, alarm: false };
}

function alarms(name: string, deletesOutdated = true): DatasourceFacts {
  return { name, category: 'ALARM', deletesOutdated, alarm: true };
}
