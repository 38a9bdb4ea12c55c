import { type Json, type JsonObject, isJsonObject } from '@wherefore/model';
import { Catalogue } from './catalogue';

/** A user or a project, by its id, or by its name and that of its domain. */
export interface Named {
  readonly id?: string;
  readonly name?: string;
  readonly domainId?: string;
  readonly domainName?: string;
}

/** How to prove who asks. */
export type Credentials =
  | { readonly kind: 'password'; readonly user: Named; readonly password: string; readonly project: Named }
  /** Bound to its project when it was made. By its id, or by its name and its user. */
  | {
      readonly kind: 'application-credential';
      readonly id?: string;
      readonly name?: string;
      readonly user?: Named;
      readonly secret: string;
    };

/** What a token says of its owner. */
export interface TokenFacts {
  readonly expiresAtMs: number;
  readonly userId: string | undefined;
  readonly userName: string | undefined;
  readonly projectId: string | undefined;
  readonly roles: readonly string[];
  /** Empty when the answer was asked for without it. */
  readonly catalogue: Catalogue;
}

/** The body of a request for a token (`POST /v3/auth/tokens`). */
export function tokenRequest(credentials: Credentials): JsonObject {
  if (credentials.kind === 'password') {
    const { user, password, project } = credentials;
    return {
      auth: {
        identity: { methods: ['password'], password: { user: { ...reference(user), password } } },
        scope: { project: reference(project) },
      },
    };
  }
  const { id, name, user, secret } = credentials;
  const which = id !== undefined ? { id } : { name: name ?? '', user: reference(user ?? {}) };
  return {
    auth: { identity: { methods: ['application_credential'], application_credential: { ...which, secret } } },
  };
}

function reference({ id, name, domainId, domainName }: Named): JsonObject {
  if (id !== undefined) return { id };
  const domain =
    domainName !== undefined && domainId === undefined ? { name: domainName } : { id: domainId ?? 'default' };
  return { name: name ?? '', domain };
}

/** What the body of an answer about a token says, or what is wrong with it. */
export function readToken(body: Json | undefined): TokenFacts | string {
  const token = isJsonObject(body) ? body['token'] : undefined;
  if (!isJsonObject(token)) return 'no token in it';
  const expiresAtMs = Date.parse(textOf(token['expires_at']) ?? '');
  if (Number.isNaN(expiresAtMs)) return 'a token without an end';
  const user = memberOf(token, 'user');
  const roles = Array.isArray(token['roles']) ? (token['roles'] as readonly Json[]) : [];
  return {
    expiresAtMs,
    userId: textOf(user['id']),
    userName: textOf(user['name']),
    projectId: textOf(memberOf(token, 'project')['id']),
    roles: roles.flatMap((role) => (isJsonObject(role) ? [textOf(role['name']) ?? ''] : [])),
    catalogue: new Catalogue(token['catalog']),
  };
}

function memberOf(token: JsonObject, name: string): JsonObject {
  const member = token[name];
  return isJsonObject(member) ? member : {};
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
