import type { Json } from '@wherefore/model';
import fc from 'fast-check';
import { type AnswerPolls, fromAnswerPage, fromRestAnswer, REST_ANSWERS } from '../index';

const RECEIVED = '2026-11-22T00:00:01Z';

describe('an answer of an API', () => {
  const rowsOf = (name: string, body: Json) =>
    (fromRestAnswer(name, body, '2026-11-22T00:00:00.5Z') as AnswerPolls).polls[0]!;

  it('becomes rows that carry the key of their entity', () => {
    const servers = rowsOf('nova-servers', { servers: [{ id: 'vm-1', name: 'web', status: 'ACTIVE', fault: {} }] });
    expect(servers).toEqual({
      datasource: 'nova.instance',
      rows: [
        {
          key: 'RESOURCE:nova.instance:vm-1',
          event: {
            vitrage_entity_type: 'nova.instance',
            vitrage_datasource_action: 'snapshot',
            told_by: 'api',
            vitrage_sample_date: '2026-11-22T00:00:00.500000Z',
            id: 'vm-1',
            name: 'web',
            status: 'ACTIVE',
          },
        },
      ],
      rejected: [],
    });
  });

  it('leaves out what is no entity', () => {
    const services = [
      { binary: 'nova-scheduler', host: 'c' },
      { binary: 'nova-compute', host: 'h', updated_at: 'x' },
    ];
    expect(rowsOf('nova-services', { services }).rows.map(({ key }) => key)).toEqual(['RESOURCE:nova.host:h']);
    const zones = [{ zoneName: 'internal' }, { zoneName: 'z', hosts: null }];
    expect(rowsOf('nova-availability-zones', { availabilityZoneInfo: zones }).rows.length).toBe(1);
    const ports = [
      { id: 'a', device_owner: 'network:dhcp' },
      { id: 'b', device_owner: 'compute:z' },
    ];
    expect(rowsOf('neutron-ports', { ports }).rows.map(({ key }) => key)).toEqual(['RESOURCE:neutron.port:b']);
    const stacks = [
      { id: 'a', parent: 'b' },
      { id: 'b', parent: null, resources: [{ resource_type: 'OS::X' }] },
    ];
    expect(rowsOf('heat-stacks', { stacks }).rows).toMatchObject([{ event: { id: 'b', resources: [] } }]);
  });

  it('of Aodh is a bare list, and its rows are alarms', () => {
    const rows = rowsOf('aodh-alarms', [
      { alarm_id: 'a', state: 'ok', type: 'threshold', threshold_rule: { resource_id: 'r' } },
    ]).rows;
    expect(rows).toMatchObject([{ key: 'ALARM:aodh:a', event: { resource_id: 'r', alarm_type: 'threshold' } }]);
  });

  it('reports each row that names no entity, beside those that do', () => {
    const answer = rowsOf('neutron-networks', { networks: [{ id: 'a' }, {}, 7] });
    expect(answer.rows.length).toBe(1);
    expect(answer.rejected.map(({ where }) => where)).toEqual(['networks[1].id', 'networks[2]']);
  });

  it.each([
    ['glance-images', { images: [{ id: 'i' }], next: '/v2/images?marker=i' }],
    ['keystone-users', { users: [{ id: 'u' }], links: { next: 'http://k/v3/users?marker=u' } }],
    ['nova-servers', { servers: [{ id: 's' }], servers_links: [{ rel: 'next', href: 'x' }] }],
    ['heat-stacks', { stacks: [{ id: 's' }], links: [{ rel: 'next', href: 'x' }] }],
  ])('of %s that is one page of several makes no complete poll', (name, body) => {
    const { rows, rejected } = rowsOf(name, body);
    expect([rows.length, rejected.map(({ code }) => code)]).toEqual([1, ['poll-incomplete']]);
  });

  it('that is the last page, or the only one, makes a complete poll', () => {
    const links = { self: 'x', next: null, previous: null };
    expect(rowsOf('keystone-users', { users: [{ id: 'u' }], links }).rejected).toEqual([]);
    const servers_links = [{ rel: 'previous', href: 'x' }];
    expect(rowsOf('nova-servers', { servers: [], servers_links }).rejected).toEqual([]);
    expect(rowsOf('glance-images', { images: [], first: '/v2/images', next: null }).rejected).toEqual([]);
  });

  it('may be named with the microversion that was asked for, and is read as without it', () => {
    const servers = [{ id: 'vm-1', name: 'web' }];
    expect(rowsOf('nova-servers-v2.1', { servers })).toEqual(rowsOf('nova-servers', { servers }));
  });

  it.each([
    ['nova-servers-v2.', {}, RECEIVED, 'unknown-datasource'],
    ['nova-servers', { code: 400 }, RECEIVED, 'malformed-event'],
    ['aodh-alarms', { error_message: {} }, RECEIVED, 'malformed-event'],
    ['nova-flavors', {}, RECEIVED, 'unknown-datasource'],
    ['nova-servers', { servers: [] }, 'noon', 'impossible-timestamp'],
  ])('named %s with the body %j is rejected', (name, body, at, code) => {
    expect(fromRestAnswer(name, body as Json, at)).toMatchObject({ code });
  });

  it('never makes it throw', () => {
    const list = fc.constantFrom(
      'servers',
      'services',
      'availabilityZoneInfo',
      'networks',
      'ports',
      'volumes',
      'stacks',
      ...['hypervisors', 'aggregates', 'migrations', 'projects', 'users', 'domains', 'images'],
    );
    const row = fc.dictionary(
      fc.constantFrom(
        ...['id', 'host', 'zoneName', 'hosts', 'binary', 'resources', 'rule'],
        ...['hypervisor_hostname', 'service', 'metadata', 'is_domain', 'status'],
      ),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...REST_ANSWERS),
        list,
        fc.array(fc.oneof(row, fc.jsonValue())),
        (name, field, rows) => {
          fromRestAnswer(name, { [field]: rows } as Json, RECEIVED);
          fromRestAnswer(name, rows as Json, RECEIVED);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a page of an answer', () => {
  const AT = '2026-03-14T10:00:00Z';
  const next = (name: string, body: Json): string | undefined => {
    const page = fromAnswerPage(name, body, AT);
    if ('code' in page) throw new Error(page.message);
    expect(page.polls.flatMap(({ rejected }) => rejected)).toEqual([]);
    return page.next;
  };

  it.each<[string, Json, string]>([
    [
      'nova-servers',
      { servers: [], servers_links: [{ rel: 'next', href: 'http://nova/x?marker=7' }] },
      'http://nova/x?marker=7',
    ],
    [
      'neutron-ports',
      {
        ports: [],
        ports_links: [
          { rel: 'previous', href: 'a' },
          { rel: 'next', href: 'b' },
        ],
      },
      'b',
    ],
    ['glance-images', { images: [], next: '/v2/images?marker=7' }, '/v2/images?marker=7'],
    [
      'keystone-users',
      { users: [], links: { next: 'http://k/v3/users?page=2', self: 's' } },
      'http://k/v3/users?page=2',
    ],
    ['heat-stacks', { stacks: [], links: [{ rel: 'next', href: 'c' }] }, 'c'],
  ])('of %s names the next one', (name, body, address) => expect(next(name, body)).toBe(address));

  it('that is the last one names none', () => {
    expect(next('neutron-ports', { ports: [], ports_links: [{ rel: 'previous', href: 'a' }] })).toBeUndefined();
    expect(next('keystone-users', { users: [], links: { next: null } })).toBeUndefined();
  });

  it('that the service cut short is no complete poll, also where there is no other page', () => {
    const page = fromAnswerPage('keystone-users', { users: [], truncated: true }, AT);
    expect('polls' in page && page.polls[0]!.rejected).toMatchObject([{ code: 'poll-incomplete', where: 'truncated' }]);
  });
});
