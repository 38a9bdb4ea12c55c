import type { Json, JsonObject, NeighbourImage } from '@wherefore/model';
import { type Converter, resourceEvent, stubNeighbour } from '../reading/entity';
import { missingId, PropertyDraft, readId } from '../reading/properties';

export const KEYSTONE_DOMAIN = 'keystone.domain';
export const KEYSTONE_PROJECT = 'keystone.project';
export const KEYSTONE_USER = 'keystone.user';

/** A domain: what projects and users belong to. */
export const convertDomain: Converter = (sample) => {
  const { event, action } = sample;
  const id = readId(event['id']);
  if (id === undefined) return missingId('id');
  const draft = namedDraft(event, id, sample.updateTimestamp).text('description', event['description'], 'description');
  return draft.fault ?? resourceEvent(sample, action, KEYSTONE_DOMAIN, id, draft.patch, []);
};

/**
 * A project: the name of a tenant. Its own `project_id` is its id, so that it is the tenant's to see.
 *
 * The project above it is a property, `parent_id`, and no neighbour: an update of a project replaces its edges
 * with other projects, and would take those with its own children away.
 */
export const convertProject: Converter = (sample) => {
  const { event, action } = sample;
  const id = readId(event['id']);
  if (id === undefined) return missingId('id');
  const draft = namedDraft(event, id, sample.updateTimestamp)
    .set('project_id', id)
    .text('domain_id', event['domain_id'], 'domain_id')
    .text('parent_id', event['parent_id'], 'parent_id')
    .text('description', event['description'], 'description');
  return draft.fault ?? resourceEvent(sample, action, KEYSTONE_PROJECT, id, draft.patch, domainOf(event));
};

/** A user. No project owns one: `default_project_id` is where it starts. */
export const convertUser: Converter = (sample) => {
  const { event, action } = sample;
  const id = readId(event['id']);
  if (id === undefined) return missingId('id');
  const draft = namedDraft(event, id, sample.updateTimestamp)
    .text('domain_id', event['domain_id'], 'domain_id')
    .text('default_project_id', event['default_project_id'], 'default_project_id');
  return draft.fault ?? resourceEvent(sample, action, KEYSTONE_USER, id, draft.patch, domainOf(event));
};

function namedDraft(event: JsonObject, id: string, timestamp: string): PropertyDraft {
  return new PropertyDraft()
    .set('id', id)
    .text('name', event['name'], 'name')
    .text('state', stateOf(event['enabled']), 'enabled')
    .set('update_timestamp', timestamp);
}

/** Keystone knows no other states. A value that is no flag is passed on, to be found fault with. */
function stateOf(enabled: Json | undefined): Json | undefined {
  return enabled === true ? 'enabled' : enabled === false ? 'disabled' : enabled;
}

function domainOf(event: JsonObject): NeighbourImage[] {
  const domain = readId(event['domain_id']);
  return domain === undefined ? [] : [stubNeighbour(KEYSTONE_DOMAIN, domain, 'contains', 'from-neighbour')];
}
