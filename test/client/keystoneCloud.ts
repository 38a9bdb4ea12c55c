import type { JsonObject } from '@wherefore/model';
import { startService, type SmallService } from '../../apps/api/src/testing/identity.sim';

/** A Keystone that knows `admin` and `alice`, and a catalog in which the service `rca` is. */
export interface KeystoneCloud {
  readonly service: SmallService;
  /** Where the catalog says that `rca` is. */
  rcaUrl: string;
  /** Variables of the environment for a client. */
  envOf(user: 'admin' | 'alice'): { readonly [name: string]: string };
}

const USERS: { readonly [name: string]: { readonly project: string; readonly roles: readonly string[] } } = {
  wherefore: { project: 'service', roles: ['service'] },
  admin: { project: 'ops', roles: ['admin', 'member'] },
  alice: { project: 'project_1', roles: ['member'] },
};

export async function startKeystone(): Promise<KeystoneCloud> {
  const service = await startService(({ method, url, headers, body }) => {
    const at = `${service.url}/v3/`;
    const version = { id: 'v3.14', status: 'stable', links: [{ rel: 'self', href: at }], 'media-types': [] };
    if (method === 'GET' && /^\/v3\/?$/.test(url)) return { status: 200, body: { version } };
    if (method === 'GET' && url === '/') return { status: 300, body: { versions: { values: [version] } } };
    if (!url.startsWith('/v3/auth/tokens')) return { status: 404 };
    if (method === 'POST') {
      const name = nameIn(body as JsonObject);
      if (USERS[name] === undefined)
        return { status: 401, body: { error: { code: 401, message: 'no', title: 'Unauthorized' } } };
      return { status: 201, headers: { 'X-Subject-Token': `token-of-${name}` }, body: tokenOf(name, cloud.rcaUrl) };
    }
    const name = String(headers['x-subject-token']).replace('token-of-', '');
    return USERS[name] === undefined ? { status: 404 } : { status: 200, body: tokenOf(name, cloud.rcaUrl) };
  });
  const cloud: KeystoneCloud = {
    service,
    rcaUrl: '',
    envOf: (user) => ({
      OS_AUTH_URL: `${service.url}/v3`,
      OS_USERNAME: user,
      OS_PASSWORD: 'secret',
      OS_PROJECT_NAME: USERS[user]!.project,
      OS_USER_DOMAIN_ID: 'default',
      OS_PROJECT_DOMAIN_ID: 'default',
      OS_IDENTITY_API_VERSION: '3',
    }),
  };
  return cloud;
}

function nameIn(body: JsonObject): string {
  const { auth } = body as { auth: { identity: { password: { user: { name: string } } } } };
  return auth.identity.password.user.name;
}

function tokenOf(name: string, rcaUrl: string): JsonObject {
  const { project, roles } = USERS[name]!;
  const domain = { id: 'default', name: 'Default' };
  const endpoint = { interface: 'public', region: 'RegionOne', region_id: 'RegionOne', url: rcaUrl, id: 'e1' };
  return {
    token: {
      methods: ['password'],
      user: { domain, id: `id-of-${name}`, name, password_expires_at: null },
      audit_ids: ['x'],
      issued_at: '2020-01-01T00:00:00.000000Z',
      expires_at: '2099-01-01T00:00:00.000000Z',
      project: { domain, id: project, name: project },
      is_domain: false,
      roles: roles.map((role) => ({ id: role, name: role })),
      catalog: [{ id: 's1', type: 'rca', name: 'wherefore', endpoints: [endpoint] }],
    },
  };
}
