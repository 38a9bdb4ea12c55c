import type { JsonObject } from '@wherefore/model';
import { fromNotification, toEntityEvent } from '../index';
import { AT, meanings, message, neighboursOf, pollsOf, rowMeaning, told } from '../openstack/openstack.sim';

const links = { self: 'http://127.0.0.1:5000/v3/x', next: null, previous: null };
const project: JsonObject = {
  id: 'p-1',
  name: 'shop',
  domain_id: 'default',
  description: 'tenant shop',
  enabled: true,
  parent_id: 'default',
  is_domain: false,
  tags: [],
  options: {},
  links: { self: links.self },
};

describe('a project', () => {
  it('is the name of a tenant, within its domain', () => {
    const event = rowMeaning('keystone-projects', { projects: [project], links });
    expect([event.entity.key, event.entity.properties]).toEqual([
      'RESOURCE:keystone.project:p-1',
      {
        id: 'p-1',
        name: 'shop',
        state: 'enabled',
        project_id: 'p-1',
        domain_id: 'default',
        parent_id: 'default',
        description: 'tenant shop',
        update_timestamp: AT,
      },
    ]);
    expect(neighboursOf(event)).toEqual(['←contains– RESOURCE:keystone.domain:default']);
  });

  it('that is a domain is no project', () => {
    expect(pollsOf('keystone-projects', { projects: [{ ...project, is_domain: true }] })[0]!.rows).toEqual([]);
  });
});

describe('a user and a domain', () => {
  it('belong to no project', () => {
    const users = [{ id: 'u', name: 'alice', domain_id: 'default', enabled: false, default_project_id: 'p-1', links }];
    const user = rowMeaning('keystone-users', { users });
    expect([user.entity.key, user.entity.properties]).toEqual([
      'RESOURCE:keystone.user:u',
      {
        id: 'u',
        name: 'alice',
        state: 'disabled',
        domain_id: 'default',
        default_project_id: 'p-1',
        update_timestamp: AT,
      },
    ]);
    expect(neighboursOf(user)).toEqual(['←contains– RESOURCE:keystone.domain:default']);
    const domain = rowMeaning('keystone-domains', { domains: [{ id: 'default', name: 'Default', enabled: true }] });
    expect([domain.entity.key, domain.entity.properties, domain.neighbours]).toEqual([
      'RESOURCE:keystone.domain:default',
      { id: 'default', name: 'Default', state: 'enabled', update_timestamp: AT },
      [],
    ]);
  });

  it.each(['keystone.domain', 'keystone.project', 'keystone.user'])(
    '%s is refused for what is wrong with it',
    (type) => {
      const frame = { vitrage_entity_type: type, vitrage_datasource_action: 'snapshot', vitrage_sample_date: AT };
      expect(toEntityEvent({ ...frame, id: '' })).toMatchObject({ code: 'missing-id', where: 'id' });
      expect(toEntityEvent({ ...frame, id: 'x', enabled: {} })).toMatchObject({
        code: 'malformed-event',
        where: 'enabled',
      });
    },
  );
});

describe('messages of Keystone', () => {
  const cadf = (action: string, id: string, more: JsonObject = {}) => ({
    typeURI: 'http://schemas.dmtf.org/cloud/audit/1.0/event',
    action,
    outcome: 'success',
    target: { id, typeURI: 'data/security/project' },
    ...more,
  });

  it.each(['project', 'user', 'domain'])(
    'that a %s was created tell its id and no name, and ask for a poll',
    (kind) => {
      for (const payload of [{ resource_info: 'x' }, cadf(`created.${kind}`, 'x')]) {
        expect(told(`identity.${kind}.created`, payload).poll).toBe(`keystone.${kind}`);
        const [event] = meanings(`identity.${kind}.created`, payload);
        expect(event!.entity.key).toBe(`RESOURCE:keystone.${kind}:x`);
        expect(Object.keys(event!.entity.properties)).not.toContain('name');
        expect(event!.neighbours).toEqual([]);
      }
    },
  );

  it.each(['project', 'user', 'domain'])('that a %s was deleted delete it', (kind) => {
    const [event] = meanings(`identity.${kind}.deleted`, { resource_info: 'x' });
    expect([event!.action, event!.entity.key]).toEqual(['delete-entity', `RESOURCE:keystone.${kind}:x`]);
  });

  it('that something was updated do not tell what, and ask for a poll', () => {
    expect(fromNotification(message('identity.user.updated', { resource_info: 'x' }))).toEqual({
      ignored: expect.stringContaining('what changed') as string,
      poll: 'keystone.user',
    });
  });

  it('of an attempt that failed are ignored', () => {
    const failed = { ...cadf('deleted.project', 'x'), outcome: 'failure' };
    expect(fromNotification(message('identity.project.deleted', failed))).toHaveProperty('ignored');
  });

  it('of roles, groups and logins are ignored', () => {
    for (const type of ['identity.role_assignment.created', 'identity.group.deleted', 'identity.authenticate']) {
      expect(fromNotification(message(type, {}))).toEqual({ ignored: `no entity hangs on ${type}` });
    }
    expect(fromNotification(message('identity.project.renumbered', { resource_info: 'x' }))).toHaveProperty('ignored');
  });

  it('without an id are refused', () => {
    const answer = fromNotification(message('identity.project.created', { target: [] }));
    expect(answer).toMatchObject({ code: 'missing-id', where: 'payload.resource_info' });
  });
});
