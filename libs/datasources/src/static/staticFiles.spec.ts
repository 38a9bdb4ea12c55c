import { type EntityEvent } from '@wherefore/model';
import { toEntityEvent } from '../toEntityEvent';
import { fromStaticFiles } from './staticFiles';

const AT = '2026-03-14T10:00:00Z';
const SWITCHES = `
metadata:
  name: switches
definitions:
  entities:
    - {static_id: s1, type: switch, id: 1, name: switch-1, state: available, rack: r7}
    - {static_id: h1, type: nova.host, id: compute-01}
  relationships:
    - {source: s1, target: h1, relationship_type: attached}
`;

function read(...texts: string[]) {
  const poll = fromStaticFiles(
    texts.map((text, at) => ({ name: `file-${at}.yaml`, text })),
    AT,
  );
  if ('code' in poll) throw new Error(poll.message);
  return poll;
}

const meaningOf = (poll: ReturnType<typeof read>, key: string): EntityEvent =>
  toEntityEvent(poll.rows.find((row) => row.key === key)!.event) as EntityEvent;

describe('static files', () => {
  it('define entities with their own properties, and tell each relationship at both of its ends', () => {
    const poll = read(SWITCHES);
    expect([poll.datasource, poll.rejected]).toEqual(['static', []]);
    expect(poll.rows.map(({ key }) => key)).toEqual(['RESOURCE:switch:1', 'RESOURCE:nova.host:compute-01']);
    const { entity, neighbours } = meaningOf(poll, 'RESOURCE:switch:1');
    expect(entity.properties).toMatchObject({ id: '1', name: 'switch-1', state: 'available', rack: 'r7' });
    expect(neighbours).toMatchObject([{ label: 'attached', entity: { key: 'RESOURCE:nova.host:compute-01' } }]);
    expect(meaningOf(poll, 'RESOURCE:nova.host:compute-01').neighbours).toMatchObject([
      { label: 'attached', direction: 'from-neighbour', entity: { key: 'RESOURCE:switch:1' } },
    ]);
  });

  it('join what several of them say of one entity, each with static_ids of its own', () => {
    const more = `
definitions:
  entities:
    - {static_id: h1, type: switch, id: 1, vendor: acme}
    - {static_id: s1, type: router, id: 9}
  relationships: [{source: h1, target: s1, relationship_type: uplink}]
`;
    const poll = read(SWITCHES, more);
    const { entity, neighbours } = meaningOf(poll, 'RESOURCE:switch:1');
    expect(entity.properties).toMatchObject({ name: 'switch-1', rack: 'r7', vendor: 'acme' });
    expect(neighbours.map(({ label, entity: other }) => [label, other.key])).toEqual([
      ['attached', 'RESOURCE:nova.host:compute-01'],
      ['uplink', 'RESOURCE:router:9'],
    ]);
  });

  it.each([
    ['no YAML', 'a: [', 'is not YAML'],
    ['no mapping', 'text', 'not a mapping'],
    ['no definitions', 'metadata: {name: x}', 'no definitions'],
    ['no static_id', 'definitions: {entities: [{type: a, id: b}]}', 'has no static_id'],
    [
      'a static_id twice',
      'definitions: {entities: [{static_id: x, type: a, id: b}, {static_id: x, type: a, id: c}]}',
      'twice',
    ],
    ['an unknown end', SWITCHES.replace('target: h1', 'target: h2'), 'no static_id of this file'],
    ['no type of relationship', SWITCHES.replace('relationship_type: attached', 'label: x'), 'no relationship_type'],
  ])('with %s are rejected by name, and the others are read', (_, text, message) => {
    const poll = read(text, 'definitions: {entities: [{static_id: x, type: a, id: b}]}');
    expect(poll.rejected).toMatchObject([{ where: 'file-0.yaml' }]);
    expect(poll.rejected[0]!.message).toContain(message);
    expect(poll.rows.map(({ key }) => key)).toEqual(['RESOURCE:a:b']);
  });

  it('that no longer exist are an empty poll', () => expect(read()).toMatchObject({ rows: [], rejected: [] }));
});
