import { lookup as resolve, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { WhereforeError } from '@wherefore/model';
import type { Webhooks } from '@wherefore/ports';

export interface NetworkRules {
  /** Networks (`10.1.0.0/16`) or addresses that webhooks may be sent to. None: all but the refused ones. */
  readonly allowed: readonly string[];
  /** Those that they may not be sent to, also where they are allowed. */
  readonly refused: readonly string[];
}

/** A webhook points to where none may. */
export class NetworkRefused extends Error {}

/**
 * Where webhooks may lead. Whoever registers one has this server post to an address that he himself may not reach: in
 * the cloud's own networks, say. What counts is the address that is connected to, not the name that it was registered under:
 * a name may mean another one tomorrow.
 */
export class WebhookNetworks {
  private readonly allowed: BlockList | undefined;
  private readonly refused: BlockList;

  /** Throws when something in it is no network and no address. */
  constructor({ allowed, refused }: NetworkRules) {
    this.allowed = allowed.length === 0 ? undefined : listOf(allowed);
    this.refused = listOf(refused);
  }

  /** Throws `NetworkRefused` when the host of a URL is an address that may not be sent to. A name is not looked up. */
  check(url: string): void {
    const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(host) !== 0 && !this.mayReach(host)) throw new NetworkRefused(reasonOf(host));
  }

  /** For connections: gives of the addresses of a name those that may be sent to, and fails when there is none. */
  readonly lookup: LookupFunction = (name, options, callback) => {
    resolve(name, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const reachable = addresses.filter(({ address }) => this.mayReach(address));
      const [first] = reachable;
      if (first === undefined) return callback(new NetworkRefused(`${name}: ${reasonOf(textOf(addresses))}`), []);
      return options.all === true ? callback(null, reachable) : callback(null, first.address, first.family);
    });
  };

  /** The same webhooks; one that is put in and leads to where none may is rejected as `bad-request`. */
  guard(webhooks: Webhooks): Webhooks {
    return {
      list: () => webhooks.list(),
      remove: (id) => webhooks.remove(id),
      put: async (webhook) => {
        try {
          this.check(webhook.url);
        } catch (cause) {
          throw new WhereforeError('bad-request', `Invalid URL: ${(cause as Error).message}`, {
            hint: 'An operator says with notifiers.webhookNetworks and notifiers.webhookNetworksRefused where webhooks may lead.',
          });
        }
        await webhooks.put(webhook);
      },
    };
  }

  private mayReach(address: string): boolean {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    return !this.refused.check(address, family) && (this.allowed?.check(address, family) ?? true);
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address, prefix] = network.split('/');
    const isLong = isIP(address!) === 6;
    list.addSubnet(address!, Number(prefix ?? (isLong ? 128 : 32)), isLong ? 'ipv6' : 'ipv4');
  }
  return list;
}

function textOf(addresses: readonly LookupAddress[]): string {
  return addresses.map(({ address }) => address).join(', ');
}

function reasonOf(address: string): string {
  return `webhooks may not be sent to ${address}`;
}
