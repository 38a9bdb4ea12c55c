import { oneHeader, type Authenticator, type Credentials } from './authenticator';
import type { Caller } from './caller';

/** Believes what the headers say, as Vitrage's `noauth`: for tests, and behind a proxy that sets them. */
export const NOAUTH: Authenticator = {
  challenge: 'Noauth',
  authenticate({ headers }: Credentials): Caller {
    return {
      userId: oneHeader(headers, 'x-user-id') ?? oneHeader(headers, 'x-user'),
      userName: oneHeader(headers, 'x-user-name'),
      projectId: oneHeader(headers, 'x-project-id'),
      roles: rolesOf(oneHeader(headers, 'x-roles')),
      isOperator: false,
    };
  },
};

function rolesOf(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((role) => role.trim())
    .filter((role) => role !== '');
}
