import type { CloudQuestion } from '@wherefore/openstack';

/** How one answer of OpenStack is asked for. */
export interface Question extends Pick<CloudQuestion, 'service' | 'path' | 'query' | 'microversion'> {
  /** The name of the answer, as `fromAnswerPage` knows it. */
  readonly answer: string;
  /** Keystone has no regions of its own: it is asked once. */
  readonly isGlobal?: true;
  /** Whether it can be asked in pages, by `limit` and `marker`. */
  readonly isPaged: boolean;
}

/** The oldest release that knows it is Queens, of 2018: services by uuid, migrations by pages and with their type. */
const NOVA = { service: 'nova', microversion: 'compute 2.59' } as const;
const NEUTRON = { service: 'neutron', isPaged: true } as const;
const CINDER = { service: 'cinder' } as const;
const KEYSTONE = { service: 'keystone', isGlobal: true, isPaged: false } as const;

const OF_ALL_PROJECTS = { all_tenants: '1' };

/**
 * Everything that is asked of a cloud, but for Heat's stacks, whose resources are asked one by one. Cinder's attachments
 * and transfers are not asked: the volumes tell of both.
 */
export const QUESTIONS: readonly Question[] = [
  { ...NOVA, answer: 'nova-services', path: '/os-services', isPaged: false },
  { ...NOVA, answer: 'nova-availability-zones', path: '/os-availability-zone/detail', isPaged: false },
  { ...NOVA, answer: 'nova-hypervisors', path: '/os-hypervisors/detail', isPaged: true },
  { ...NOVA, answer: 'nova-aggregates', path: '/os-aggregates', isPaged: false },
  { ...NOVA, answer: 'nova-servers', path: '/servers/detail', query: OF_ALL_PROJECTS, isPaged: true },
  { ...NOVA, answer: 'nova-migrations', path: '/os-migrations', isPaged: true },
  { ...NEUTRON, answer: 'neutron-networks', path: '/networks' },
  { ...NEUTRON, answer: 'neutron-subnets', path: '/subnets' },
  { ...NEUTRON, answer: 'neutron-routers', path: '/routers' },
  { ...NEUTRON, answer: 'neutron-ports', path: '/ports' },
  { ...NEUTRON, answer: 'neutron-floatingips', path: '/floatingips' },
  { ...NEUTRON, answer: 'neutron-agents', path: '/agents', isPaged: false },
  { ...CINDER, answer: 'cinder-services', path: '/os-services', isPaged: false },
  {
    ...CINDER,
    answer: 'cinder-pools',
    path: '/scheduler-stats/get_pools',
    query: { detail: 'true' },
    isPaged: false,
  },
  { ...CINDER, answer: 'cinder-volumes', path: '/volumes/detail', query: OF_ALL_PROJECTS, isPaged: true },
  { ...CINDER, answer: 'cinder-snapshots', path: '/snapshots/detail', query: OF_ALL_PROJECTS, isPaged: true },
  {
    service: 'aodh',
    answer: 'aodh-alarms',
    path: '/alarms',
    query: { 'q.field': 'all_projects', 'q.op': 'eq', 'q.value': 'true' },
    // It would cut its list at `limit`, and not say so.
    isPaged: false,
  },
  { service: 'glance', answer: 'glance-images', path: '/images', isPaged: true },
  { ...KEYSTONE, answer: 'keystone-domains', path: '/domains' },
  { ...KEYSTONE, answer: 'keystone-projects', path: '/projects' },
  { ...KEYSTONE, answer: 'keystone-users', path: '/users' },
];
