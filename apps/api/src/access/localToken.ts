import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WhereforeError } from '@wherefore/model';
import { bearerToken, unauthenticated, type Authenticator } from './authenticator';
import { OPERATOR } from './caller';

const FILE = 'api-token';
const TOKEN_BYTES = 32;

/** Lets everyone in: for a server that only its own machine reaches. */
export const OPEN: Authenticator = { challenge: 'Bearer', authenticate: () => OPERATOR };

/** Where a store keeps the token of its server. */
export function tokenFile(storeFolder: string): string {
  return join(storeFolder, FILE);
}

/** The token of a store's server, if one was ever made. */
export function readLocalToken(storeFolder: string): string | undefined {
  try {
    return readFileSync(tokenFile(storeFolder), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Lets in who bears the token of the store. It is made once, and only its owner can read the file; who
 * wants another one deletes it and starts again. Throws `file-unreadable`.
 */
export function localToken(storeFolder: string): Authenticator {
  const wanted = digestOf(readLocalToken(storeFolder) ?? makeToken(storeFolder));
  return {
    challenge: 'Bearer realm="wherefore"',
    authenticate: (credentials) => {
      const given = bearerToken(credentials);
      // Digests are of one length, so that the comparison tells nothing about the token's.
      if (given === undefined || !timingSafeEqual(digestOf(given), wanted)) throw unauthenticated();
      return OPERATOR;
    },
  };
}

function makeToken(storeFolder: string): string {
  const file = tokenFile(storeFolder);
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  try {
    mkdirSync(storeFolder, { recursive: true });
    writeFileSync(file, `${token}\n`, { mode: 0o600 });
    chmodSync(file, 0o600);
  } catch (cause) {
    throw new WhereforeError('file-unreadable', `the token cannot be written to ${file}`, { cause });
  }
  return token;
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
