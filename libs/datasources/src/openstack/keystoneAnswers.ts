import type { JsonObject } from '@wherefore/model';
import { KEYSTONE_DOMAIN, KEYSTONE_PROJECT, KEYSTONE_USER } from '../keystone/identity';
import { type NamedReaders, only, reader } from './answerReader';
import { type DriverFrame, driverEvent } from './driverEvent';
import { DOMAIN_FIELDS, PROJECT_FIELDS, USER_FIELDS } from './sourceFields';

/** The answers of Keystone. */
export const KEYSTONE_ANSWERS: readonly NamedReaders[] = [
  ['keystone-domains', [reader(KEYSTONE_DOMAIN, 'domains', 'id', only(DOMAIN_FIELDS))]],
  ['keystone-projects', [reader(KEYSTONE_PROJECT, 'projects', 'id', readProject)]],
  ['keystone-users', [reader(KEYSTONE_USER, 'users', 'id', only(USER_FIELDS))]],
];

/** Asked for, Keystone lists domains among the projects: they are no tenants. */
function readProject(frame: DriverFrame, row: JsonObject): JsonObject | undefined {
  return row['is_domain'] === true ? undefined : driverEvent(frame, row, PROJECT_FIELDS);
}
