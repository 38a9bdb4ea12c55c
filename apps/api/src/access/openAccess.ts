import { type Config, isLoopback, type Log } from '@wherefore/host';
import type { Clock } from '@wherefore/ports';
import type { Authenticator } from './authenticator';
import { Keycloak } from './keycloak';
import { Keystone } from './keystone';
import { NOAUTH } from './noauth';
import { OPEN, localToken, tokenFile } from './localToken';
import { Policy } from './policy';
import type { AdminRule } from './visit';

/** Who is let in, and what they may do. */
export interface Access {
  readonly authenticator: Authenticator;
  readonly policy: Policy;
  readonly admin: AdminRule;
  /** Nobody is asked who they are, so nothing but this machine may reach the server. */
  readonly isOpen: boolean;
}

/** Prepares the configured authentication. Throws `invalid-config`, `file-unreadable`. */
export function openAccess(config: Config, clock: Clock, log: Log): Access {
  const { auth, server, store } = config;
  const policy = Policy.load(auth.policyFile);
  const admin: AdminRule = { by: auth.adminBy, name: auth.adminName };
  const isHere = isLoopback(server.host);
  switch (auth.mode) {
    case 'local': {
      if (isHere) return { authenticator: OPEN, policy, admin, isOpen: true };
      const authenticator = localToken(store.folder);
      log.info({ file: tokenFile(store.folder) }, 'requests need the token in this file');
      return { authenticator, policy, admin, isOpen: false };
    }
    case 'noauth':
      if (!isHere) log.warn({ host: server.host }, 'auth.mode is noauth: whoever reaches this address is believed');
      return { authenticator: NOAUTH, policy, admin, isOpen: isHere };
    case 'keystone':
      return { authenticator: new Keystone(config.keystone, clock), policy, admin, isOpen: false };
    case 'keycloak':
      return { authenticator: new Keycloak(config.keycloak, clock), policy, admin, isOpen: false };
  }
}
