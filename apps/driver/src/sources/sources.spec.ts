import type { Json, JsonObject } from '@wherefore/model';
import { WhereforeError } from '@wherefore/model';
import type { CloudQuestion, HttpAnswer, HttpRequest } from '@wherefore/openstack';
import { AlertmanagerSource } from './alertmanagerSource';
import { type CloudAccess, OpenstackSource } from './openstackSource';
import type { PollSource } from './pollSource';
import { QUESTIONS } from './questions';
import { StackSource } from './stackSource';

const clock = { nowMs: () => Date.parse('2026-03-14T10:00:00Z') };

/** A cloud that answers as it is told, and remembers what it was asked. */
class StubCloud implements Pick<CloudAccess, 'cloud'> {
  readonly asked: CloudQuestion[] = [];
  /** Where each service is. */
  services: { readonly [region: string]: readonly string[] } = { One: ['nova', 'heat'], Two: ['nova'], Three: [] };

  constructor(private readonly answer: (question: CloudQuestion) => Json) {}

  readonly cloud = {
    regions: async () => Object.keys(this.services),
    has: async (service: string, region: string) => this.services[region]?.includes(service) ?? false,
    get: async (question: CloudQuestion) => {
      this.asked.push(question);
      return this.answer(question);
    },
  };

  access(regions: readonly string[] = []): CloudAccess {
    return { cloud: this.cloud, regions, pageRows: 2, reading: { portOwners: 'compute' }, clock };
  }
}

async function keys(source: PollSource): Promise<string[]> {
  const found: string[] = [];
  for await (const { polls } of source.read(new AbortController().signal)) {
    found.push(...polls.flatMap(({ rows }) => rows.map(({ key }) => key)));
  }
  return found;
}

const question = (answer: string) => QUESTIONS.find((each) => each.answer === answer)!;
const gone = () => new WhereforeError('source-refused', 'no such stack', { data: { status: 404 } });

describe('a list of a cloud', () => {
  const servers = (...ids: string[]): Json => ({ servers: ids.map((id) => ({ id })) });

  it('is that of all regions which have the service', async () => {
    const stub = new StubCloud(({ region }) => servers(`in-${region}`));
    expect(await keys(new OpenstackSource(question('nova-servers'), stub.access()))).toEqual([
      'RESOURCE:nova.instance:in-One',
      'RESOURCE:nova.instance:in-Two',
    ]);
  });

  it('is that of the regions which were named, and none when one of them has not the service', async () => {
    const stub = new StubCloud(({ region }) => servers(`in-${region}`));
    expect(await keys(new OpenstackSource(question('nova-servers'), stub.access(['Two'])))).toHaveLength(1);
    const reading = keys(new OpenstackSource(question('nova-servers'), stub.access(['One', 'Three'])));
    await expect(reading).rejects.toMatchObject({
      code: 'source-refused',
      message: expect.stringMatching(/region Three/),
    });
  });

  it('is not whole when one region does not answer', async () => {
    const stub = new StubCloud(({ region }) => {
      if (region === 'Two') throw new WhereforeError('source-unavailable', 'away', { retryable: true });
      return servers('a');
    });
    await expect(keys(new OpenstackSource(question('nova-servers'), stub.access()))).rejects.toThrow('away');
  });

  it('of Keystone is asked once, whatever the regions', async () => {
    const stub = new StubCloud(() => ({ users: [{ id: 'u1' }] }));
    expect(await keys(new OpenstackSource(question('keystone-users'), stub.access()))).toHaveLength(1);
    expect(stub.asked).toHaveLength(1);
  });

  it('is asked for page by page, with what the link adds, at the address of the catalogue', async () => {
    const stub = new StubCloud(({ query }) =>
      query?.['marker'] === undefined
        ? {
            ...(servers('a', 'b') as JsonObject),
            servers_links: [{ rel: 'next', href: 'http://inside/x?limit=1&marker=b' }],
          }
        : servers('c'),
    );
    expect(await keys(new OpenstackSource(question('nova-servers'), stub.access(['One'])))).toHaveLength(3);
    expect(stub.asked.map(({ query }) => query)).toEqual([
      { all_tenants: '1', limit: '2' },
      { all_tenants: '1', limit: '1', marker: 'b' },
    ]);
  });

  it.each([
    ['goes round in circles', 'http://inside/x?marker=b', /in circles after 2 pages/],
    ['has a page that cannot be asked for', 'http://inside/x', /cannot be asked for/],
    ['has a page without an address', '', /cannot be asked for/],
  ])('that %s is not whole', async (_, href, message) => {
    const stub = new StubCloud(() => ({
      ...(servers('a', 'b') as JsonObject),
      servers_links: [{ rel: 'next', href }],
    }));
    const reading = keys(new OpenstackSource(question('nova-servers'), stub.access(['One'])));
    await expect(reading).rejects.toMatchObject({ code: 'poll-incomplete', message: expect.stringMatching(message) });
  });

  it('that is none is unusable', async () => {
    const stub = new StubCloud(() => ({ message: 'moved' }));
    const reading = keys(new OpenstackSource(question('nova-servers'), stub.access(['One'])));
    await expect(reading).rejects.toMatchObject({ code: 'source-unusable' });
  });
});

describe('the stacks of Heat', () => {
  const stack = (id: string, more: JsonObject = {}): JsonObject => ({
    id,
    stack_name: `name-${id}`,
    project: 'p2',
    ...more,
  });

  function cloudOf(stacks: readonly JsonObject[], resources: (path: string) => Json): StubCloud {
    return new StubCloud(({ path }) => (path === '/stacks' ? { stacks: [...stacks] } : resources(path)));
  }

  it('are asked for their resources below their own project, and those within others are not', async () => {
    const stub = cloudOf([stack('s/1'), stack('s2', { parent: 's1' })], () => ({ resources: [] }));
    expect(await keys(new StackSource(stub.access()))).toEqual(['RESOURCE:heat.stack:s/1']);
    expect(stub.asked.slice(1)).toEqual([
      {
        service: 'heat',
        region: 'One',
        path: '/stacks/name-s%2F1/s%2F1/resources',
        project: 'p2',
        query: { nested_depth: '10' },
      },
    ]);
  });

  it('that have gone since they were listed are left out', async () => {
    const stub = cloudOf([stack('s1'), stack('s2')], (path) => {
      if (path.includes('s1')) throw gone();
      return { resources: [] };
    });
    expect(await keys(new StackSource(stub.access()))).toEqual(['RESOURCE:heat.stack:s2']);
  });

  it('are not whole when the resources of one do not come', async () => {
    const stub = cloudOf([stack('s1')], () => {
      throw new WhereforeError('source-unavailable', 'away', { retryable: true });
    });
    await expect(keys(new StackSource(stub.access()))).rejects.toThrow('away');
  });
});

describe('an Alertmanager', () => {
  const asked: HttpRequest[] = [];

  function source(status: number, body: string): AlertmanagerSource {
    const http = {
      ask: async (request: HttpRequest): Promise<HttpAnswer> => {
        asked.push(request);
        return { status, headers: {}, body: Buffer.from(body) };
      },
    };
    return new AlertmanagerSource({
      http,
      url: 'http://alertmanager:9093',
      headers: { Authorization: 'Bearer x' },
      mapping: undefined,
      clock,
    });
  }

  it('is asked for its alerts, all in one', async () => {
    const alert = { labels: { alertname: 'A' }, startsAt: '2026-03-14T09:00:00Z', status: { state: 'active' } };
    expect(await keys(source(200, JSON.stringify([alert])))).toEqual(['ALARM:prometheus:A:{"alertname":"A"}']);
    expect(asked.at(-1)).toMatchObject({
      url: 'http://alertmanager:9093/api/v2/alerts',
      headers: { Authorization: 'Bearer x' },
    });
  });

  it.each([
    [503, '', 'source-unavailable'],
    [429, '', 'source-unavailable'],
    [401, '', 'source-refused'],
    [200, '<html>', 'source-unusable'],
    [200, '{"status": "success"}', 'source-unusable'],
  ])('that answers %i with %j is %s', async (status, body, code) => {
    await expect(keys(source(status, body))).rejects.toMatchObject({ code });
  });
});
