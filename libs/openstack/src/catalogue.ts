import { type Json, isJsonObject } from '@wherefore/model';

/** The services that are asked, by the names that OpenStack's projects have. */
export type ServiceName = 'keystone' | 'nova' | 'neutron' | 'cinder' | 'heat' | 'aodh' | 'glance';

export type EndpointInterface = 'public' | 'internal' | 'admin';

/** The types under which catalogues list each, the usual one first, and the version that is asked. */
const SERVICES: { readonly [name in ServiceName]: { readonly types: readonly string[]; readonly version: string } } = {
  keystone: { types: ['identity', 'identityv3'], version: 'v3' },
  nova: { types: ['compute', 'compute_legacy'], version: 'v2.1' },
  neutron: { types: ['network'], version: 'v2.0' },
  cinder: { types: ['block-storage', 'volumev3', 'volume', 'block-store'], version: 'v3' },
  heat: { types: ['orchestration'], version: 'v1' },
  aodh: { types: ['alarming', 'alarm'], version: 'v2' },
  glance: { types: ['image'], version: 'v2' },
};

interface Endpoint {
  readonly interface: string;
  readonly region: string;
  readonly url: string;
}

/** Where a cloud's services are. */
export class Catalogue {
  private readonly endpoints = new Map<string, Endpoint[]>();

  /** `catalog` as Keystone lists it; what of it cannot be read is left out. */
  constructor(catalog: Json | undefined) {
    for (const service of listOf(catalog)) {
      if (!isJsonObject(service) || typeof service['type'] !== 'string') continue;
      const known = this.endpoints.get(service['type']) ?? [];
      for (const endpoint of listOf(service['endpoints'])) {
        if (!isJsonObject(endpoint)) continue;
        const { interface: face, url } = endpoint;
        const region = endpoint['region_id'] ?? endpoint['region'];
        if (typeof face !== 'string' || typeof url !== 'string') continue;
        known.push({ interface: face, region: typeof region === 'string' ? region : '', url });
      }
      this.endpoints.set(service['type'], known);
    }
  }

  /** Every region in which a service has an endpoint, in order of names. */
  regions(): readonly string[] {
    const regions = new Set([...this.endpoints.values()].flat().map(({ region }) => region));
    return [...regions].sort();
  }

  /**
   * The address of a service, with its version and without a slash at its end; undefined when the catalogue has
   * none of that interface in that region.
   */
  urlOf(name: ServiceName, face: EndpointInterface, region: string): string | undefined {
    const { types, version } = SERVICES[name];
    for (const type of types) {
      const found = this.endpoints.get(type)?.find((each) => each.interface === face && each.region === region);
      // A cloud that still lists an older Cinder beside the newer one.
      if (found !== undefined && !(name === 'cinder' && /\/v[12](\/|$)/.test(found.url))) {
        return versioned(found.url, version);
      }
    }
    return undefined;
  }
}

/** Catalogues list some services with a version in the path, and some without; Keystone's may have the older one. */
function versioned(url: string, version: string): string {
  const bare = url.replace(/\/+$/, '');
  if (version === 'v3' && bare.endsWith('/v2.0')) return bare.replace(/v2\.0$/, version);
  return /\/v\d+(\.\d+)?(\/|$)/.test(bare) ? bare : `${bare}/${version}`;
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
